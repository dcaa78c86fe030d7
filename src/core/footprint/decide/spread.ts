/** How the processes of a training job share it. */
import type { Cards } from '../../workload/machine.ts';
import type { Model } from '../../workload/model/model.ts';
import type { Job, Parallel } from '../job.ts';
import { sharesEngineOnly } from './online.ts';
import type { Reader } from './reader.ts';

type Shared = Pick<
  Job,
  'parallel' | 'sharding' | 'reshard' | 'bucketCopies' | 'bucket' | 'optimizerOffload'
>;

/**
 * DeepSpeed is at work where it is configured, and where the Trainer is to keep weights on the host: accelerate's own
 * option for that starts it.
 */
export const isDeepSpeed = (r: Reader): boolean =>
  r.speaks('deepspeed') ||
  (r.is('parameter_offload') && r.speaks('transformers', 'accelerate') && !r.speaks('fsdp'));

/** Whose buffers the job has, where they are no own of PyTorch's. */
export const systemOf = (r: Reader): Parallel['system'] =>
  isDeepSpeed(r) ? 'deepspeed' : r.speaks('megatron') ? 'megatron' : undefined;

/** How the processes of the job share it. */
export function spread(
  r: Reader,
  model: Model,
  cards: Cards,
  precision: string | undefined,
): Shared {
  const system = systemOf(r);
  const isDeepSpeed = system === 'deepspeed';
  // One process whose layers lie on all cards (device_map) works on them one after another.
  const isLaid = r.is('spread') && r.stated('world_size') === undefined && cards.count > 1;
  const world =
    cards.count === 1 || isLaid
      ? (r.number('world_size') ?? 1)
      : r.numberOr('world_size', cards.count, 'cards');
  const tensor = sharesEngineOnly(r) ? 1 : (r.number('tensor_parallel') ?? 1);
  const pipeline = r.number('pipeline_parallel') ?? 1;
  const context = r.number('sequence_parallel') ?? 1;
  const data = Math.max(1, Math.floor(world / (tensor * pipeline * context)));
  // Ranks that share sequences divide weights and states as data-parallel ones do (accelerate, DeepSpeed, Megatron).
  const sharing = data * context;
  const sharding = (r.word('sharding') ?? 'none') as Job['sharding'];
  const gathers =
    sharding === 'full' && !isDeepSpeed && (precision === 'bf16' || precision === 'fp16');
  return {
    parallel: {
      data,
      tensor,
      pipeline,
      context,
      expert: r.number('expert_parallel') ?? 1,
      ...(system === undefined ? {} : { system }),
      // torchtitan: ends are units of their own, reductions in fp32, the stream divided beside tensor parallelism.
      ...(r.speaks('torchtitan')
        ? { ends: 'apart' as const, reduceWidth: 4, sequence: tensor > 1 }
        : {}),
      ...(system === 'megatron' && tensor > 1 ? { sequence: true } : {}),
      // Policies of mixed precision reduce in the format that they compute in, unless told otherwise.
      ...(gathers ? { gatherWidth: 2, ...(r.speaks('torchtitan') ? {} : { reduceWidth: 2 }) } : {}),
      ...(isLaid ? { cards: cards.count } : {}),
      // DeepSpeed's and verl's sequence parallelism; PyTorch's own gathers keys and values.
      ...(context > 1 && (isDeepSpeed || r.speaks('verl')) ? { byHeads: true } : {}),
      ...pipelineOf(r, pipeline),
      ...replicasOf(r, data),
      ...lossOf(r, tensor),
      ...(isDeepSpeed && sharing > 1 ? zeroOf(r, model, sharding) : {}),
      ...(isReadOnce(r, sharding) ? { wholeLoad: true } : {}),
      ...(sharding === 'full' && !isDeepSpeed && r.speaks(...ACCELERATED)
        ? { defersReduction: true }
        : {}),
      ...(r.is('parameter_offload') && sharding === 'full' ? { parameterOffload: true } : {}),
      ...(sharing > 1 && sharding === 'full' && r.given('sharded_save') !== true
        ? { wholeSave: true }
        : {}),
    },
    sharding: sharing === 1 ? 'none' : sharding,
    reshard: r.given('reshard') !== false,
    bucketCopies: data > 1 && sharding === 'none' && !r.is('bucket_view'),
    ...(isDeepSpeed && sharing > 1 ? { bucket: bucketOf(r, model) } : {}),
    optimizerOffload: r.is('optimizer_offload'),
  };
}

/** What runs steps through accelerate, whose no_sync leaves the reduction to the last micro-batch. */
const ACCELERATED = ['transformers', 'trl', 'axolotl', 'llama-factory', 'accelerate'] as const;

/** Interleaved schedules of torchtitan have two parts a rank unless told otherwise (distributed/pipeline_parallel.py). */
const CHUNKS = 2;

function pipelineOf(r: Reader, stages: number): Pick<Parallel, 'chunks' | 'schedule'> {
  if (stages === 1) return {};
  const schedule = r.word('pipeline_schedule');
  const chunks = r.number('pipeline_chunks') ?? (schedule === 'interleaved' ? CHUNKS : 1);
  return {
    ...(chunks > 1 ? { chunks } : {}),
    ...(schedule === 'gpipe' ? { schedule } : {}),
  };
}

function replicasOf(r: Reader, data: number): Pick<Parallel, 'replicas'> {
  const replicas = r.number('replicas') ?? 1;
  return replicas > 1 && data % replicas === 0 ? { replicas } : {};
}

/** The head of transformers' plans gives each rank all logits (`colwise_rep`). */
function lossOf(r: Reader, tensor: number): Pick<Parallel, 'lossParallel'> {
  if (tensor === 1) return {};
  const isWhole = r.speaks('transformers') && !r.speaks('megatron', 'torchtitan');
  const isDivided = r.given('loss_parallel') ?? !isWhole;
  return isDivided === true ? {} : { lossParallel: false };
}

/** A square matrix of the model, which `auto` stands for. */
const squareOf = ({ stacks }: Model): number =>
  Math.max(1, ...stacks.map(({ hidden }) => hidden)) ** 2;

/** DeepSpeed's default of elements (deepspeed@0.17: runtime/zero/config.py). */
const BUCKET = 5e8;

function bucketOf(r: Reader, model: Model): number {
  if (r.given('communication_bucket') === 0) return squareOf(model);
  return r.numberOr('communication_bucket', BUCKET, 'deepspeed');
}

/** Stage 3 overlaps reductions unless told otherwise, the others do not (deepspeed@0.17: runtime/zero/config.py). */
function zeroOf(
  r: Reader,
  model: Model,
  sharding: Job['sharding'],
): Pick<Parallel, 'overlap' | 'prefetch'> {
  const overlap = r.given('overlap_communication') ?? sharding === 'full';
  const ahead = r.given('gather_ahead') === 0 ? 0.9 * squareOf(model) : r.number('gather_ahead');
  return { overlap: overlap === true, ...(ahead === undefined ? {} : { prefetch: ahead }) };
}

/** FSDP with cpu_ram_efficient_loading: rank 0 reads the checkpoint, the others get their parts of it. */
const isReadOnce = (r: Reader, sharding: Job['sharding']): boolean =>
  sharding === 'full' && r.speaks('fsdp', 'accelerate') && r.is('load_to_host');
