/**
 * The profile run: a forward pass with as many tokens as the engine will ever batch, and the sampler over as many
 * sequences. Its highest instant is taken from the cache. Bytes on one rank.
 *
 * The sampler sorts all logits. Alive at once, for each logit: 2 bytes of the head's output, 4 of its fp32 copy,
 * 4 and 8 of the sorted values and their indices, 8 of the indices to sort by, and 12 of the sort's own second copy
 * of both. Sources: vllm@0.6.6:model_executor/layers/sampler.py, vllm@0.11.0:v1/sample/ops/topk_topp_sampler.py
 * (apply_top_k_top_p), torch@2.8 aten/src/ATen/native/cuda/SortStable.cu (segmented_sort_pairs),
 * vllm@0.17.0 and later: a kernel that finds the limits without sorting.
 *
 * The forward pass: vllm@0.11.0:model_executor/models/qwen2.py; fused_moe/fused_moe.py (intermediate caches).
 */
import type { Layer, Mixer, Stack } from '../../workload/model/model.ts';
import { elementsOf } from '../../workload/model/weights.ts';
import type { Job } from '../job.ts';
import { isFrom, MiB, servingOf } from './engine.ts';

const share = (count: number, by: number): number => Math.max(1, Math.ceil(count / by));

/** Bytes a logit. */
function samplerBytes(job: Job): number {
  const copies = job.width + 4;
  // Limits, probabilities and the noise that they are divided by, where nothing is sorted.
  if (isFrom(servingOf(job).version, '0.17')) return copies + 4 + 4;
  const sorted = 4 + 8;
  return copies + sorted + 8 + sorted;
}

/** The sampler over all sequences, beside the hidden states of the whole batch. */
export function samplerPeak(job: Job, hidden: number, isV1: boolean): number {
  const { sequences, batchedTokens } = servingOf(job);
  const rows = Math.min(sequences, batchedTokens);
  // V1 samples from random states, and holds the chosen rows beside them.
  const chosen = (isV1 ? 2 : 1) * rows * hidden * job.width;
  return rows * job.model.vocab * samplerBytes(job) + batchedTokens * hidden * job.width + chosen;
}

/**
 * The widest instant of a layer. In eager mode the stream, the residual, the attention's output and the MLP's are held
 * by names; a compiled graph lets one of them go.
 */
export function forwardPeak(job: Job, isCompiled: boolean): number {
  let peak = 0;
  for (const stack of job.model.stacks) {
    if (stack.role !== 'decoder') continue;
    for (const layer of stack.layers)
      peak = Math.max(peak, layerPeak(job, stack, layer, isCompiled ? 3 : 4));
  }
  return peak * servingOf(job).batchedTokens * job.width + unpackedWeight(job);
}

/** Elements a token. */
function layerPeak(job: Job, stack: Stack, layer: Layer, streams: number): number {
  const { tensor } = job.parallel;
  const { mlp } = layer;
  const attention = Math.max(0, ...layer.mixers.map((mixer) => mixerWidth(mixer, tensor)));
  const around = streams * stack.hidden;
  if (mlp === undefined) return attention + around;
  const inner = share(mlp.intermediate, tensor);
  if (mlp.kind === 'dense') return Math.max(attention, (mlp.gated ? 3 : 2) * inner) + around;
  const { experts_per_token: used } = mlp;
  // The first and the third buffer of the experts are one.
  const wide = used * (Math.max((mlp.gated ? 2 : 1) * inner, stack.hidden) + inner);
  const shared = (mlp.shared?.intermediate ?? 0) / tensor;
  return Math.max(attention, wide + 3 * shared) + around;
}

/** Queries, keys and values in one product, and the output of the heads. */
function mixerWidth(mixer: Mixer, tensor: number): number {
  switch (mixer.kind) {
    case 'softmax': {
      const queries = share(mixer.heads, tensor) * mixer.head_dim;
      return 2 * queries + 2 * share(mixer.kv_heads, tensor) * mixer.head_dim;
    }
    case 'latent': {
      const heads = share(mixer.heads, tensor);
      return heads * (2 * (mixer.nope_dim + mixer.rope_dim) + 2 * mixer.value_dim);
    }
    case 'delta':
      return (4 * (mixer.key_heads * mixer.key_dim + mixer.value_heads * mixer.value_dim)) / tensor;
    case 'recurrent':
    case 'short-conv':
      return (4 * mixer.width) / tensor;
    default:
      return (4 * mixer.inner) / tensor;
  }
}

/** Methods whose kernels unpack a whole weight for a large batch. */
const UNPACKS: ReadonlySet<string> = new Set(['bitsandbytes', 'bnb']);

function unpackedWeight(job: Job): number {
  const { packing, parallel } = job;
  if (packing === undefined) return 0;
  if (!UNPACKS.has(packing.method) && packing.unpacked === undefined) return 0;
  const largest = Math.max(
    0,
    ...job.weights
      .filter(({ role, layer }) => role === 'linear' && layer !== undefined)
      .map((weight) => elementsOf(weight)),
  );
  return (largest * job.width) / parallel.tensor;
}

/** cuBLAS keeps a workspace in the pool from the first product on. */
export const matmulWorkspace = (capability: number | undefined): number =>
  capability !== undefined && capability >= 9 && capability < 13 ? 32 * MiB : 8.125 * MiB;
