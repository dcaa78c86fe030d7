/** Training and evaluation: what is trained, in which formats, with which losses and optimizers. */

import { isBesideLayers, type OtherMethod } from '../../workload/adapter-methods.ts';
import type { Cards } from '../../workload/machine.ts';
import type { Model } from '../../workload/model/model.ts';
import { type Adapter, type Job, type OptimizerName, PLAIN_JOB } from '../job.ts';
import { libraryDecides } from '../library.ts';
import { allocatorOf } from './allocator.ts';
import { attentionOf } from './attention.ts';
import { transformersOf } from './generation.ts';
import { takesText, withImages } from './images.ts';
import { comparesWithReference, isOnline, rolloutOf } from './online.ts';
import type { KnownModel, Reader } from './reader.ts';
import { isDeepSpeed, spread, systemOf } from './spread.ts';
import { DROPPING, KERNELS, WIDTHS, weightsOf } from './weights.ts';

const USUAL_SEQUENCE = 2048;

export const OPTIMIZERS: Readonly<Record<string, OptimizerName>> = {
  adamw: 'adamw',
  'adamw-fused': 'adamw-fused',
  'adamw-8bit': 'adamw-8bit',
  'adamw-paged': 'adamw-paged',
  'adamw-paged-32bit': 'adamw-paged-32bit',
  adafactor: 'adafactor',
  lion: 'lion',
  'lion-8bit': 'lion-8bit',
  sgd: 'sgd',
  galore: 'galore',
  muon: 'muon',
};

/** What diffusers' own scripts adapt (examples/text_to_image/train_text_to_image_lora.py). */
const IMAGE_TARGETS = 'to_q,to_k,to_v,to_out.0';

/**
 * prepare_model_for_kbit_training of PEFT casts what stays whole to fp32 (peft@0.21.2:utils/other.py). These have ways of
 * their own, by which table and head stay in 16 bits: axolotl@0.19.0:monkeypatch/peft/utils.py,
 * llamafactory@0.9.5:model/model_utils/checkpointing.py (prepare_model_for_training),
 * unsloth_zoo@2026.10.9:training_utils.py, torchtune@0.6.1:recipes/lora_finetune_single_device.py. TRL prepares models
 * itself up to 0.26 (trl@0.26.0, 1.0.0:trainer/sft_trainer.py).
 */
const UNPREPARED = ['axolotl', 'llama-factory', 'unsloth', 'torchtune'] as const;

export function trainingJob(
  r: Reader,
  found: KnownModel,
  cards: Cards,
  purpose: 'training' | 'evaluation',
): Job {
  const { known, image } = withImages(r, found);
  const adapter = adapterOf(
    r,
    known.pipeline === undefined ? 'q_proj,v_proj' : IMAGE_TARGETS,
    known.model,
  );
  const precision = r.word('compute_precision');
  const isHalf = precision === 'bf16' || precision === 'fp16';
  const isZero = isDeepSpeed(r) && isHalf;
  const isMegatron = r.speaks('megatron');
  const loaded = weightsOf(r, known);
  const halved = isZero || isMegatron ? { ...loaded, weightWidth: 2, wholeWidth: 2 } : loaded;
  const isQlora = halved.packing !== undefined && adapter !== undefined;
  const isPrepared = !r.speaks(...UNPREPARED) && (!r.speaks('trl') || r.isOlder('trl', '1.0'));
  const weights = isQlora && isPrepared ? { ...halved, wholeWidth: 4 } : halved;
  const shared = spread(r, known.model, cards, precision);
  const isRaised = isHalf && adapter === undefined && raisesWeights(r, purpose, shared);
  // Where only gradients and states are divided whole weights stay beside them in 16 bits.
  const isHeldRaised = isRaised && shared.sharding === 'full';
  const held = isHeldRaised ? { ...weights, weightWidth: 4, wholeWidth: 4 } : weights;
  const { weightWidth } = held;
  const isAutocast = isHalf && (weightWidth === 4 || isRaised);
  const system = systemOf(r);
  const task = r.word('task') ?? 'sft';
  const isHf = r.speaks('transformers', 'trl', 'axolotl', 'llama-factory', 'unsloth');
  const isTrainer = isHf && !isTrainedElse(r);
  const batch = r.numberOr('micro_batch', 1);
  const attention = attentionOf(r, known.model);
  const kernel = KERNELS[attention] ?? 'flash';
  const drops = purpose === 'training' && DROPPING.has(known.model.family);
  // Packed layers are programs that a compiler breaks off at; of layers computed again it saves nothing that is known.
  const isCompiled = r.is('compiled') && !r.is('checkpointing') && weights.packing === undefined;
  const rollout = isOnline(r) ? rolloutOf(r, known.model, cards, batch) : undefined;
  const isCompared = comparesWithReference(r, task);
  const holdsReference = r.given('reference_model');
  const masters =
    r.given('master_weights') === true || isZero || isMegatron || (isRaised && !isHeldRaised);
  return {
    ...PLAIN_JOB,
    ...known,
    ...held,
    ...(isHeldRaised ? { loadedWidth: weights.weightWidth } : {}),
    purpose,
    trains: purpose === 'evaluation' ? 'none' : adapter === undefined ? 'all' : 'adapter',
    ...(adapter === undefined ? {} : { adapter }),
    // Gathered tables are in 16 bits, and so is what comes out of them.
    width: isRaised ? 2 : weightWidth,
    ...(isAutocast ? { autocast: 2 } : {}),
    masterWeights: masters && adapter === undefined,
    gradientWidth: gradientWidth(r, adapter, isMegatron || isRaised ? 4 : weightWidth),
    // A preference has two answers, chosen and rejected, in one batch.
    batch: task === 'dpo' ? 2 * batch : batch,
    ...(rollout === undefined
      ? { sequence: takesText(known) ? sequenceOf(r, known.model) + tokensBefore(r) : 1 }
      : { ...rollout, sequence: rollout.sequence + tokensBefore(r) }),
    ...(image === undefined ? {} : { image }),
    accumulation: r.number('accumulation_steps') ?? 1,
    // FlashAttention 2 takes padding out itself; packed batches have none.
    padded: attention !== 'flash' && !r.is('packing') && (r.is('padded') || batch > 1),
    // The flash kernel takes 16 bits only.
    attention: attention === 'sdpa' && weightWidth === 4 && !isAutocast ? 'efficient' : kernel,
    attentionDropout: drops,
    hiddenDropout: drops,
    keepsScores: attention === 'eager' && r.isOlder('torch', '1.11'),
    ...recomputationOf(r),
    ...(isCompiled ? { compiled: true } : {}),
    loss: lossOf(r, known.model, isCompiled),
    ...(purpose === 'evaluation' ? { prefillLogits: 'all-fp32' as const } : {}),
    keepsOutputs: !isHf,
    convertsOutputs: isAutocast && (isTrainer || r.speaks('accelerate')),
    // What a compiler fuses it need not keep either.
    fusedNorms: r.is('fused_kernels') || isCompiled || isMegatron,
    fusedGate: r.is('fused_kernels') || isCompiled || isMegatron,
    optimizer: OPTIMIZERS[r.wordOr('optimizer', 'adamw')] ?? 'adamw',
    // The Trainer tells bitsandbytes so (transformers@5.24.0:trainer.py, create_optimizer).
    ...(isTrainer ? { tableStates: 'fp32' as const } : {}),
    // Gradients that are used at once cannot be added up.
    optimizerInBackward:
      r.is('optimizer_in_backward') && (r.number('accumulation_steps') ?? 1) === 1,
    // Engines with buffers of their own let gradients go themselves.
    keepsGradients: system === undefined && r.given('grads_to_none') === false,
    ema: r.is('ema'),
    reference: holdsReference === undefined ? isCompared && adapter === undefined : isCompared,
    // Without a copy of its own the base is compared with, adapters off.
    compares: isCompared && adapter !== undefined && task !== 'grpo',
    ...(task === 'grpo' ? { comparesBefore: true } : {}),
    ...evaluationOf(r, purpose),
    ...tablesOf(r, known.model),
    ...shared,
    ...allocatorOf(r, cards),
  };
}

/**
 * accelerate holds what FSDP divides in fp32 as soon as mixed precision is on, whatever format was loaded; gradients and
 * states then are in fp32 too, and only what is gathered is in 16 bits. FSDP 1 since 0.30, of trained parameters
 * (accelerate@0.30.0, 1.10.1:accelerator.py, prepare_model; not in 0.29.3), FSDP 2 since it came, of all
 * (accelerate@1.6.0, 1.12.0:utils/fsdp_utils.py, fsdp2_prepare_model). Adapters are in fp32 as it is.
 */
function raisesWeights(
  r: Reader,
  purpose: 'training' | 'evaluation',
  { sharding, parallel }: Pick<Job, 'sharding' | 'parallel'>,
): boolean {
  const isDivided = sharding === 'full' || sharding === 'gradients';
  const isFsdp = isDivided && parallel.system === undefined;
  if (purpose !== 'training' || !isFsdp) return false;
  const isPrepared = isTrainedElse(r)
    ? r.is('own_loop') && r.speaks('accelerate')
    : r.speaks(...PREPARED_BY_ACCELERATE);
  if (!isPrepared || r.speaks('trl')) return false;
  return !r.isOlder('accelerate', '0.30');
}

/** The model is of transformers, and its trainer is not at work: a loop of one's own is, or Lightning. */
const isTrainedElse = (r: Reader): boolean => r.is('own_loop') || r.speaks('lightning');

/** Trainers whose models accelerate prepares. */
const PREPARED_BY_ACCELERATE = ['transformers', 'accelerate', 'axolotl', 'llama-factory'] as const;

function sequenceOf(r: Reader, { max_positions: longest = USUAL_SEQUENCE }: Model): number {
  const isShort = longest < USUAL_SEQUENCE;
  return r.numberOr(
    'sequence_length',
    isShort ? longest : USUAL_SEQUENCE,
    isShort ? 'longest' : 'usual',
  );
}

/** How much of the activations is computed again, and whether what is kept waits in the host's memory. */
function recomputationOf(
  r: Reader,
): Pick<Job, 'checkpointing' | 'selective' | 'activationOffload'> {
  const isFull = r.is('checkpointing');
  // Megatron recomputes the scores of its attention only, which a fused kernel does not keep in the first place.
  const isSelective = r.is('selective_checkpointing') && !isFull && !r.speaks('megatron');
  return {
    checkpointing: isFull || isSelective,
    ...(isSelective
      ? { selective: r.speaks('torchtune') ? ('second' as const) : ('operations' as const) }
      : {}),
    ...(r.is('activation_offload') ? { activationOffload: true } : {}),
  };
}

/** Evaluation between steps, where its batch is known. Outputs stay where somebody computes metrics from them. */
export function evaluationOf(
  r: Reader,
  purpose: 'training' | 'evaluation',
): Pick<Job, 'evaluation'> {
  const batch = r.number('eval_batch');
  const isAsked = r.is('evaluates') || r.stated('eval_batch') !== undefined;
  if (purpose === 'evaluation' || batch === undefined || !isAsked) return {};
  const keeps = r.stated('eval_loss_only') === false && !r.is('eval_outputs_to_host');
  return {
    evaluation: { batch, kept: keeps ? r.numberOr('eval_samples', batch, 'samples') : 0 },
  };
}

/** Tables that layers of older versions keep, in training as in generation. */
function tablesOf(r: Reader, model: Model): Pick<Job, 'rotaryTables' | 'maskTables'> {
  const ways = { isPacked: false, isMapped: false };
  const { rotaryTables, maskTables } = libraryDecides(model, transformersOf(r), ways);
  return {
    ...(rotaryTables === undefined ? {} : { rotaryTables }),
    ...(maskTables === undefined ? {} : { maskTables }),
  };
}

function lossOf(r: Reader, { stacks }: Model, isCompiled: boolean): Job['loss'] {
  if (r.is('fused_loss')) return r.speaks('torchtune') ? 'chunked' : 'fused-head';
  if (r.speaks('megatron')) return 'in-place';
  if (isCompiled) return 'compiled';
  // Encoders and T5 take logits as they are.
  if (stacks.some(({ role }) => role === 'encoder')) return 'plain';
  return r.isOlder('transformers', '4.45') ? 'upcast-output' : 'upcast';
}

/** PEFT keeps adapters in fp32; TRL casts those beside packed weights to bf16 (trl@0.26.0:trainer/sft_trainer.py). */
function adapterFormat(r: Reader, kind: string, { quantization }: Model): 'fp32' | 'bf16' {
  const packs =
    quantization !== undefined || kind === 'qlora' || (r.word('quantization') ?? 'none') !== 'none';
  return packs && r.speaks('trl') && !r.isOlder('trl', '0.26') ? 'bf16' : 'fp32';
}

export function gradientWidth(r: Reader, adapter: Adapter | undefined, usual: number): number {
  const given = WIDTHS[r.word('gradient_dtype') ?? ''];
  return given ?? adapter?.width ?? usual;
}

/** @param usual modules that get adapters where nobody says which */
function adapterOf(r: Reader, usual: string, model: Model): Adapter | undefined {
  const kind = r.word('adapter');
  if (kind === undefined || kind === 'none') return undefined;
  const common = {
    width: WIDTHS[r.word('adapter_dtype') ?? adapterFormat(r, kind, model)] ?? 4,
    dropout: (r.number('adapter_dropout') ?? 0) > 0,
    dora: r.is('adapter_magnitude'),
  };
  const method = kind === 'other' ? r.word('adapter_method') : undefined;
  if (method !== undefined && !isBesideLayers(method)) {
    const none = { ...common, rank: 0, targets: [] };
    return { ...none, ...trainedElsewhere(r, method as OtherMethod, model) };
  }
  const targets = r.wordOr('adapter_targets', usual, 'peft');
  const whole = r.word('adapter_whole') ?? '';
  return {
    ...common,
    rank: r.numberOr('adapter_rank', 8, 'peft'),
    targets:
      targets === 'all-linear' || targets === 'all'
        ? 'all-linear'
        : targets.split(/[\s,]+/).filter((name) => name !== ''),
    ...(method === undefined ? {} : { method }),
    ...(/embed|lm_head|wte|wpe/.test(whole) ? { ends: true } : {}),
  };
}

/** PEFT has no default for it; its guides take so many. */
const USUAL_PROMPT = 20;

/** Methods whose trained tokens stand before the text like any others. */
const PROMPTED: ReadonlySet<string> = new Set(['prompt_tuning', 'p_tuning']);

const promptTokens = (r: Reader): number => r.numberOr('prompt_tokens', USUAL_PROMPT);

const tokensBefore = (r: Reader): number =>
  r.word('adapter') === 'other' && PROMPTED.has(r.word('adapter_method') ?? '')
    ? promptTokens(r)
    : 0;

/**
 * What methods train that have nothing beside linear layers: weights of norms, tokens before the text, with an encoder of
 * three square matrices in p-tuning, or keys and values of such tokens in every layer
 * (peft@0.21.2:tuners/{ln_tuning,p_tuning,prefix_tuning}/model.py, defaults of their configs).
 */
function trainedElsewhere(
  r: Reader,
  method: OtherMethod,
  { stacks }: Model,
): Pick<Adapter, 'elements' | 'norms' | 'prefix'> {
  const stack = stacks.find(({ role }) => role === 'decoder') ?? stacks[0];
  const hidden = stack?.hidden ?? 1;
  const layers = (stack?.pattern ?? []).map((at) => stack?.layers[at]);
  if (method === 'ln_tuning') return { elements: (2 * layers.length + 1) * hidden, norms: true };
  const tokens = promptTokens(r);
  if (method !== 'prefix_tuning') {
    const encoder = method === 'p_tuning' ? 3 * (hidden ** 2 + hidden) : 0;
    return { elements: tokens * hidden + encoder };
  }
  const pairs = layers.reduce((sum, layer) => {
    const mixer = layer?.mixers.find(({ kind }) => kind === 'softmax');
    return sum + (mixer?.kind === 'softmax' ? 2 * mixer.kv_heads * mixer.head_dim : 0);
  }, 0);
  return { elements: tokens * pairs, prefix: tokens };
}
