/**
 * The phases of a program that uses a GPU, one table for all rooms. A footprint predicts per stage,
 * point and turn; a diagnosis needs one flat name, which is the key of the table.
 */
import { enumerated, type Words } from './texts.ts';

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
  /** What people call it. */
  readonly name: Words;
  /** Completes "ran out of memory …". In Chinese "在…显存不足" stands around it. */
  readonly words: Words;
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

/** What people call a content. */
export const CONTENT_WORDS: Readonly<Record<Content, Words>> = {
  weights: { en: 'weights', zh: '权重', ru: 'веса' },
  gradients: { en: 'gradients', zh: '梯度', ru: 'градиенты' },
  optimizer: { en: 'optimizer states', zh: '优化器状态', ru: 'состояния оптимизатора' },
  activations: { en: 'activations', zh: '激活值', ru: 'активации' },
  inputs: { en: 'inputs', zh: '输入', ru: 'входы' },
  outputs: { en: 'outputs', zh: '输出', ru: 'выходы' },
  kv_cache: { en: 'KV cache', zh: 'KV 缓存', ru: 'KV-кэш' },
  copies: { en: 'copies', zh: '副本', ru: 'копии' },
  workspace: { en: 'workspace', zh: '工作区', ru: 'рабочая область' },
};

/** Contents as a parameter of a text: "weights, gradients". */
export const contentWords = (contents: readonly Content[]): { readonly words: Words } =>
  enumerated(contents.map((content) => CONTENT_WORDS[content]));

const row = (
  stage: Stage,
  point: string,
  turns: PhaseRow['turns'],
  holds: readonly Content[],
  name: Words,
  words: Words,
): PhaseRow => ({ stage, point, turns, holds, name, words });

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
    { en: 'loading', zh: '加载', ru: 'загрузка' },
    { en: 'while loading the model', zh: '加载模型时', ru: 'при загрузке модели' },
  ),
  init: row(
    'setup',
    'init',
    'once',
    ['weights', 'copies', 'workspace'],
    { en: 'initialisation', zh: '初始化', ru: 'инициализация' },
    { en: 'during initialisation', zh: '初始化时', ru: 'при инициализации' },
  ),
  transfer: row(
    'setup',
    'transfer',
    'alike',
    CONTENTS,
    { en: 'transfer', zh: '数据拷贝', ru: 'копирование на GPU' },
    { en: 'while copying to the GPU', zh: '向 GPU 拷贝数据时', ru: 'при копировании на GPU' },
  ),
  forward: row(
    'train',
    'forward',
    'first-differs',
    CONTENTS,
    { en: 'forward pass', zh: '前向传播', ru: 'прямой проход' },
    { en: 'in the forward pass', zh: '前向传播中', ru: 'на прямом проходе' },
  ),
  backward: row(
    'train',
    'backward',
    'first-differs',
    ['weights', 'gradients', 'optimizer', 'activations', 'inputs', 'outputs', 'workspace'],
    { en: 'backward pass', zh: '反向传播', ru: 'обратный проход' },
    { en: 'in the backward pass', zh: '反向传播中', ru: 'на обратном проходе' },
  ),
  optimizer: row(
    'train',
    'optimizer',
    'first-differs',
    // Backward has freed the graph before step() starts.
    ['weights', 'gradients', 'optimizer', 'copies'],
    { en: 'optimizer step', zh: '优化器更新', ru: 'шаг оптимизатора' },
    { en: 'in the optimizer step', zh: '优化器更新时', ru: 'на шаге оптимизатора' },
  ),
  eval: row(
    'evaluate',
    'forward',
    'alike',
    ['weights', 'optimizer', 'activations', 'inputs', 'outputs', 'kv_cache', 'workspace'],
    { en: 'evaluation', zh: '评估', ru: 'оценка модели' },
    { en: 'during evaluation', zh: '评估时', ru: 'при оценке модели' },
  ),
  generate: row(
    'serve',
    'decode',
    'alike',
    ['weights', 'optimizer', 'activations', 'inputs', 'outputs', 'kv_cache', 'workspace'],
    { en: 'generation', zh: '生成', ru: 'генерация' },
    { en: 'while generating', zh: '生成时', ru: 'при генерации' },
  ),
  prefill: row(
    'serve',
    'prefill',
    'alike',
    ['weights', 'activations', 'inputs', 'kv_cache', 'workspace'],
    { en: 'prefill', zh: '预填充', ru: 'prefill' },
    { en: 'in the prefill', zh: '预填充（prefill）时', ru: 'на этапе prefill' },
  ),
  kv_alloc: row(
    'serve',
    'kv_alloc',
    'once',
    ['weights', 'kv_cache', 'workspace'],
    { en: 'KV cache allocation', zh: 'KV 缓存分配', ru: 'выделение KV-кэша' },
    { en: 'while setting up the KV cache', zh: '准备 KV 缓存时', ru: 'при подготовке KV-кэша' },
  ),
  save: row(
    'checkpoint',
    'save',
    'alike',
    // The graph of the last step is freed.
    ['weights', 'optimizer', 'gradients', 'copies'],
    { en: 'saving a checkpoint', zh: '保存检查点', ru: 'сохранение чекпойнта' },
    { en: 'while saving a checkpoint', zh: '保存检查点时', ru: 'при сохранении чекпойнта' },
  ),
  capture: row(
    'build',
    'capture',
    'once',
    ['weights', 'activations', 'kv_cache', 'workspace', 'inputs'],
    { en: 'CUDA graph capture', zh: 'CUDA Graph 捕获', ru: 'захват CUDA-графов' },
    { en: 'while capturing CUDA graphs', zh: '捕获 CUDA Graph 时', ru: 'при захвате CUDA-графов' },
  ),
  compile: row(
    'build',
    'compile',
    'once',
    ['weights', 'activations', 'workspace', 'inputs'],
    { en: 'compilation', zh: '编译', ru: 'компиляция' },
    { en: 'while compiling', zh: '编译时', ru: 'при компиляции' },
  ),
  unknown: row(
    'unknown',
    'unknown',
    'alike',
    CONTENTS,
    { en: 'unknown', zh: '未知', ru: 'неизвестен' },
    {
      en: 'at a point that the text does not show',
      zh: '文本未显示的阶段',
      ru: 'на этапе, которого из текста не видно',
    },
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
const WHILE_MAKING_STATES: readonly Content[] = [
  'weights',
  'gradients',
  'optimizer',
  'copies',
  'workspace',
];

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
  if (phase === 'init' && details.statesFromStart === true) return WHILE_MAKING_STATES;
  const isBeforeStates =
    stage === 'train' && turns === 'first-differs' && point !== 'optimizer' && turn === 'first';
  return isBeforeStates && details.statesFromStart !== true
    ? holds.filter((content) => content !== 'optimizer')
    : holds;
}
