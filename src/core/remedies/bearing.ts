/**
 * What several remedies ask of a case: whether it trains, what its states can weigh, on how many devices
 * it runs. A measure that could help anywhere helps nobody, so the answers are strict.
 */
import {
  type Case,
  heldBy,
  isSharded,
  isShortage,
  mayTrain,
  printedValue,
  STATES,
  share,
} from '../diagnosis/case.ts';
import type { Clue } from '../evidence/reader.ts';
import type { Sign } from '../evidence/signs.ts';

const LANGUAGE: readonly string[] = [
  'transformers',
  'trl',
  'peft',
  'axolotl',
  'llama-factory',
  'ms-swift',
  'torchtune',
  'torchtitan',
  'unsloth',
  'megatron',
  'nemo',
  'verl',
  'openrlhf',
  'slime',
  'fairseq',
  'opennmt',
];

/** Frameworks that fine-tune models which somebody else has trained. */
const FINE_TUNING: readonly string[] = [
  'trl',
  'peft',
  'axolotl',
  'llama-factory',
  'ms-swift',
  'torchtune',
  'unsloth',
];

const VISUAL: readonly string[] = [
  'diffusers',
  'comfyui',
  'stable-diffusion-webui',
  'sdnext',
  'fooocus',
  'invokeai',
  'ultralytics',
  'mmdetection',
  'mmsegmentation',
  'mmrotate',
  'mmediting',
  'mmcv',
  'detectron2',
  'monai',
  'nnunet',
];

/**
 * Whose steps are those of the Trainer. What it offers as layer-wise (GaLore, Apollo) and LOMO are other optimizers
 * (transformers@4.57.1:trainer.py, get_optimizer_cls_and_kwargs).
 */
export const TRAINERS: readonly string[] = [
  'transformers',
  'trl',
  'axolotl',
  'llama-factory',
  'unsloth',
];

const showsAny = (c: Case, signs: readonly Sign[]): boolean =>
  signs.some((sign) => c.shows(sign) !== undefined);

const isAnyOf = (c: Case, names: readonly string[]): boolean =>
  c.frameworks.some((name) => names.includes(name));

/** A PyTorch job that may be training is short of memory on its card. */
export const trainsShort = (c: Case): boolean =>
  isShortage(c) && mayTrain(c) && c.mayBeTorch && !c.isEngine;

/** Device and host share one memory: what is moved to the host frees nothing. */
export const hasOneMemory = (c: Case): boolean =>
  c.backend === 'mps' || c.shows('unified-memory') !== undefined;

/** Images or volumes are worked on, by frames or by the framework. */
export const isVisual = (c: Case): boolean =>
  showsAny(c, ['convolution', 'upsampling', 'vae']) || isAnyOf(c, VISUAL);

/** Sequences of tokens are worked on. */
export const isLanguageModel = (c: Case): boolean =>
  !isVisual(c) && (isAnyOf(c, LANGUAGE) || showsAny(c, ['attention-scores', 'logits']));

/** Somebody else's weights are trained further. */
export const isFineTuning = (c: Case): boolean => isAnyOf(c, FINE_TUNING);

/** The text shows more than one device at work. */
export const hasSeveralDevices = (c: Case): boolean =>
  c.situation.environment.distributed ||
  isSharded(c) ||
  showsAny(c, ['ddp', 'data-parallel', 'collective']) ||
  (c.rank ?? 0) > 0 ||
  (c.device ?? 0) > 0;

/** Only adapters are trained: their gradients and states are a small part of the model. */
export const trainsAdapters = (c: Case): boolean => {
  const adapter = printedValue(c, 'adapter');
  const { parameters, trained } = c.modelSize ?? {};
  return (
    showsAny(c, ['lora', 'four-bit']) ||
    (adapter !== undefined && adapter !== 'none') ||
    (parameters !== undefined && trained !== undefined && trained < 0.1 * parameters)
  );
};

/** Weights, gradients and Adam states in fp32: beyond it nobody goes. */
const MOST_PER_PARAMETER = 16;
/** Below this share of the card a measure for states is not worth its price. */
const WORTH_IT = 0.1;
/** Below this share of the card live tensors are not what fills it. */
const HELD_AT_LEAST = 0.3;

/** Whether states can take much of the card, by what the text tells of the model; else undefined. */
function areStatesLarge(c: Case): boolean | undefined {
  if (trainsAdapters(c)) return false;
  const { room } = c.amounts;
  // A recording tells the states themselves.
  if (c.isExact) return share(heldBy(c, ...STATES), room) >= WORTH_IT;
  if (c.modelSize !== undefined && room !== undefined && !isSharded(c)) {
    return MOST_PER_PARAMETER * c.modelSize.parameters >= WORTH_IT * room.mid;
  }
  if (isSharded(c) || isLanguageModel(c)) return true;
  return isVisual(c) ? false : undefined;
}

/**
 * Gradients and optimizer states are there or are being made, they can be large, and it is no batch of a
 * late step that fails: where measures against them are worth their price.
 */
export function isAboutStates(c: Case): boolean {
  const { value, turn } = c.phase;
  const { live, room } = c.amounts;
  // With little of the card in live tensors somebody else holds it.
  if (live !== undefined && share(live, room) < HELD_AT_LEAST) return false;
  const areLarge = areStatesLarge(c);
  switch (value) {
    case 'optimizer':
      return !trainsAdapters(c) && (areLarge !== false || c.modelSize === undefined);
    case 'forward':
      // The first step has made them, and the second finds less room than the first did.
      return turn === 'second' && areLarge !== false;
    case 'backward':
      // Steps that have passed fitted: what fails later is a batch.
      return turn !== 'later' && (c.step ?? 0) < 2 && areLarge === true;
    default:
      // Engines make states at start, and a resumed run reads them.
      return areLarge !== false && showsAny(c, ['optimizer-states', 'load-optimizer-states']);
  }
}

/** A model is being loaded, built or moved, not data; engines do more than that when they start. */
export const isLoadingModel = (c: Case): boolean =>
  c.phase.value === 'load' ||
  (c.phase.value === 'init' && !c.isEngine) ||
  c.phase.moves_model ||
  c.has('allocating-weights');

/** Programs whose data, not a model, fill the card. */
const OF_DATA: readonly string[] = [
  'catboost',
  'xgboost',
  'lightgbm',
  'faiss',
  'rmm',
  'cudf',
  'cupy',
  'dali',
  'nvenc',
  'opencv',
  'renderer',
];

const OF_MODELS: readonly string[] = ['tensorflow', 'keras', 'jax', 'paddle', 'mxnet', 'mlx'];

/** What must be there at once, weights before all, exceeds the card: no other process, no cache, no batch. */
export const isModelTooLarge = (c: Case): boolean =>
  isShortage(c) &&
  !OF_DATA.includes(c.format) &&
  (c.mayBeTorch || c.isEngine || isAnyOf(c, OF_MODELS) || c.has('allocating-weights')) &&
  share(c.amounts.others, c.amounts.total) < 0.1 &&
  ![
    'taken-at-start',
    'sequence-exceeds-kv',
    'allocating-kv',
    'allocating-compute',
    'session-limit',
  ].some((clue) => c.has(clue as Clue)) &&
  (isLoadingModel(c) ||
    c.phase.value === 'kv_alloc' ||
    (c.phase.value === 'optimizer' && isAboutStates(c)));

/** A printed optimizer whose states are small already. */
export const hasSmallStates = (c: Case): boolean =>
  ['adamw-8bit', 'adamw-paged', 'lion-8bit', 'adafactor', 'sgd', 'galore'].includes(
    String(printedValue(c, 'optimizer')),
  ) || c.shows('eight-bit-optimizer') !== undefined;

/**
 * Gaussian splatting: a step draws one photograph in single precision, and what fills the card is the
 * scene with its states.
 */
export const isSplatting = (c: Case): boolean =>
  c.shows('densifies') !== undefined || c.frameworks.includes('gaussian-splatting');
