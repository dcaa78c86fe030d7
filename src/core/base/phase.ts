/**
 * The phases of a program that uses a GPU, one table for all rooms. A footprint predicts per stage,
 * point and turn; a diagnosis needs one flat name, which is the key of the table.
 */

/** What device memory may consist of. The owner of a byte, as far as it can be known. */
export type Content =
  | 'weights'
  | 'gradients'
  | 'optimizer'
  | 'activations'
  | 'inputs'
  | 'outputs'
  | 'kv_cache'
  | 'copies'
  | 'workspace';

export type Stage = 'setup' | 'train' | 'evaluate' | 'serve' | 'checkpoint' | 'build' | 'unknown';

export interface PhaseRow {
  readonly stage: Stage;
  /** The point within the stage. */
  readonly point: string;
  /** Whether the first turn can differ from later ones (optimizer states appear with the first step). */
  readonly turns: 'once' | 'first-differs' | 'alike';
  /** What live tensors may hold at this point. A content that is not listed is not there. */
  readonly holds: readonly Content[];
  /** Completes "ran out of memory …". */
  readonly words: { readonly en: string; readonly zh: string; readonly ru: string };
}

/** All contents, in the order in which they are listed. */
export const CONTENTS: readonly Content[] = [
  'weights',
  'gradients',
  'optimizer',
  'activations',
  'inputs',
  'outputs',
  'kv_cache',
  'copies',
  'workspace',
];

const row = (
  stage: Stage,
  point: string,
  turns: PhaseRow['turns'],
  holds: readonly Content[],
  en: string,
  zh: string,
  ru: string,
): PhaseRow => ({ stage, point, turns, holds, words: { en, zh, ru } });

/** The flat name of a phase. */
export type Phase =
  | 'load'
  | 'init'
  | 'transfer'
  | 'forward'
  | 'backward'
  | 'optimizer'
  | 'eval'
  | 'generate'
  | 'prefill'
  | 'kv_alloc'
  | 'save'
  | 'capture'
  | 'compile'
  | 'unknown';

export const PHASES: Readonly<Record<Phase, PhaseRow>> = {
  load: row(
    'setup',
    'load',
    'once',
    ['weights', 'copies', 'optimizer'],
    'while loading the model',
    '加载模型时',
    'при загрузке модели',
  ),
  init: row(
    'setup',
    'init',
    'once',
    ['weights', 'copies', 'workspace'],
    'during initialisation',
    '初始化时',
    'при инициализации',
  ),
  transfer: row(
    'setup',
    'transfer',
    'alike',
    CONTENTS,
    'while copying to the GPU',
    '向 GPU 拷贝数据时',
    'при копировании на GPU',
  ),
  forward: row(
    'train',
    'forward',
    'first-differs',
    CONTENTS,
    'in the forward pass',
    '前向传播中',
    'в прямом проходе',
  ),
  backward: row(
    'train',
    'backward',
    'first-differs',
    ['weights', 'gradients', 'optimizer', 'activations', 'inputs', 'outputs', 'workspace'],
    'in the backward pass',
    '反向传播中',
    'в обратном проходе',
  ),
  optimizer: row(
    'train',
    'optimizer',
    'first-differs',
    // Backward has freed the graph before step() starts.
    ['weights', 'gradients', 'optimizer', 'copies'],
    'in the optimizer step',
    '优化器更新时',
    'на шаге оптимизатора',
  ),
  eval: row(
    'evaluate',
    'forward',
    'alike',
    ['weights', 'optimizer', 'activations', 'inputs', 'outputs', 'kv_cache', 'workspace'],
    'during evaluation',
    '评估时',
    'при оценке модели',
  ),
  generate: row(
    'serve',
    'decode',
    'alike',
    ['weights', 'optimizer', 'activations', 'inputs', 'outputs', 'kv_cache', 'workspace'],
    'while generating',
    '生成时',
    'при генерации',
  ),
  prefill: row(
    'serve',
    'prefill',
    'alike',
    ['weights', 'activations', 'inputs', 'kv_cache', 'workspace'],
    'in the prefill',
    '预填充时',
    'на этапе prefill',
  ),
  kv_alloc: row(
    'serve',
    'kv_alloc',
    'once',
    ['weights', 'kv_cache', 'workspace'],
    'while allocating the KV cache',
    '分配 KV 缓存时',
    'при выделении KV-кэша',
  ),
  save: row(
    'checkpoint',
    'save',
    'alike',
    ['weights', 'optimizer', 'gradients', 'copies', 'outputs'],
    'while saving a checkpoint',
    '保存检查点时',
    'при сохранении чекпойнта',
  ),
  capture: row(
    'build',
    'capture',
    'once',
    ['weights', 'activations', 'kv_cache', 'workspace', 'inputs'],
    'while capturing CUDA graphs',
    '捕获 CUDA graph 时',
    'при захвате CUDA-графов',
  ),
  compile: row(
    'build',
    'compile',
    'once',
    ['weights', 'activations', 'workspace', 'inputs'],
    'while compiling',
    '编译时',
    'при компиляции',
  ),
  unknown: row(
    'unknown',
    'unknown',
    'alike',
    CONTENTS,
    'at a point that the text does not show',
    '（文本未显示所处阶段）',
    'в момент, которого текст не показывает',
  ),
};

/** What the evidence tells beyond the phase's name. */
export interface PhaseDetails {
  /** The engine creates optimizer states at start-up (DeepSpeed), not with the first step. */
  readonly statesFromStart?: boolean;
  /** It is the model that is being copied; a copy of data can happen in the middle of a step. */
  readonly movesModel?: boolean;
}

const WHILE_MOVING_THE_MODEL: readonly Content[] = ['weights', 'copies', 'optimizer', 'workspace'];

/**
 * What live tensors can hold at a point and turn. Optimizer states are created by the first step, so
 * the first forward and backward pass run without them.
 */
export function contentsAt(
  phase: Phase,
  turn: 'first' | 'second' | 'later' | undefined,
  details: PhaseDetails = {},
): readonly Content[] {
  const { holds, stage, turns, point } = PHASES[phase];
  if (phase === 'transfer' && details.movesModel === true) return WHILE_MOVING_THE_MODEL;
  const isBeforeStates =
    stage === 'train' && turns === 'first-differs' && point !== 'optimizer' && turn === 'first';
  return isBeforeStates && details.statesFromStart !== true
    ? holds.filter((content) => content !== 'optimizer')
    : holds;
}
