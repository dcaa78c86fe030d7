import { type Case, isShortage, mayTrain } from '../../diagnosis/case.ts';
import { ASSUMED_COSTS } from '../assumed-costs.ts';
import { hasSeveralDevices, isLanguageModel, isVisual } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Divide the sequence over GPUs',
    summary:
      'Context parallelism gives each GPU a part of the tokens of every sample: activations and logits of one long sample are divided. It goes where micro-batch 1 is still too large.',
    how: 'Set the degree of context or sequence parallelism of the trainer; the GPUs of a group work on the same sample. Pipeline parallelism divides the layers instead, and with them weights and states.',
    cost: 'Keys and values go round in every layer. The GPUs of a group count as one for the global batch.',
    nothing: 'No activations are held in this phase.',
    'caution-batch':
      'Fewer samples are worked on at once: raise gradient accumulation to keep the global batch.',
    'caution-heads':
      'Variants that exchange heads (Ulysses) need a number of heads that the degree divides; variants in a ring need an attention kernel that knows them.',
    'caution-loss':
      'The loss must be averaged over the tokens of the whole group, not over each part by itself.',
    'caution-pipeline':
      'A pipeline does not shrink activations by itself: in the usual schedule its first stage keeps as many micro-batches in flight as there are stages.',
  },
  zh: {
    title: '把序列分到多张显卡上',
    summary:
      '上下文并行让每张显卡只处理每个样本的一部分 token：一条长样本的激活值和 logits 被分摊。适用于 micro-batch 为 1 仍放不下的情况。',
    how: '设置训练器的上下文并行或序列并行度；一组显卡处理同一个样本。流水线并行则是按层划分，权重和状态也随之分开。',
    cost: '每一层都要传递键和值。对全局 batch 而言，一组显卡只算一张。',
    nothing: '这一阶段没有激活值。',
    'caution-batch': '同时处理的样本变少：提高梯度累积以保持全局 batch。',
    'caution-heads':
      '交换注意力头的方案（Ulysses）要求头数能被并行度整除；环形方案要求注意力 kernel 支持。',
    'caution-loss': '损失必须在整组的 token 上求平均，而不是各部分分别求平均。',
    'caution-pipeline':
      '流水线本身不会减少激活值：在常用的调度下，第一级要同时保留与级数一样多的 micro-batch。',
  },
  ru: {
    title: 'Разделить последовательность между GPU',
    summary:
      'При параллелизме по контексту каждая GPU обрабатывает часть токенов каждого примера: активации и логиты одного длинного примера делятся. Годится там, где велик уже микробатч 1.',
    how: 'Задать в тренере степень параллелизма по контексту или последовательности; GPU одной группы работают над одним примером. Конвейерный параллелизм делит слои, а с ними веса и состояния.',
    cost: 'В каждом слое передаются ключи и значения. Для глобального батча GPU одной группы — как одна.',
    nothing: 'На этом этапе активаций нет.',
    'caution-batch':
      'Одновременно обрабатывается меньше примеров: чтобы сохранить глобальный батч, увеличить накопление градиентов.',
    'caution-heads':
      'Варианты с обменом головами (Ulysses) требуют, чтобы число голов делилось на степень; кольцевым нужно ядро внимания, которое их знает.',
    'caution-loss': 'Потери усреднять по токенам всей группы, а не по каждой части отдельно.',
    'caution-pipeline':
      'Конвейер сам по себе активаций не уменьшает: при обычном расписании первая стадия держит столько микробатчей, сколько стадий.',
  },
} as const;

/** Trainers that have it. */
const TRAINERS: readonly string[] = [
  'megatron',
  'nemo',
  'deepspeed',
  'torchtitan',
  'transformers',
  'trl',
  'axolotl',
  'ms-swift',
  'llama-factory',
  'verl',
];

const isLong = (c: Case): boolean =>
  isLanguageModel(c) || c.frameworks.some((name) => name === 'deepspeed' || name === 'megatron');

export const splitTheSequence: Remedy = {
  id: 'split-the-sequence',
  code: 'UN343',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/tutorials/prototype/context_parallel.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'torchtitan benchmarks, 8B: 83.9 to 84.5 GiB on each GPU from 1 to 8 GPUs, with as many tokens for each',
    'arXiv 2309.14509 (DeepSpeed Ulysses); arXiv 2310.01889 (Ring Attention)',
    'arXiv 2205.05198: micro-batches in flight of a pipeline; torchtitan benchmarks, 405B: 82.5 GiB, interleaved 72.7',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'sequence_parallel', to: 'higher' }],
  commands: [],
  costs: [ASSUMED_COSTS['split-the-sequence']],
  cautions: [
    { says: 'caution-batch' },
    { says: 'caution-heads' },
    { says: 'caution-loss' },
    { says: 'caution-pipeline' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value) &&
    hasSeveralDevices(c) &&
    !isVisual(c) &&
    isLong(c) &&
    c.frameworks.some((name) => TRAINERS.includes(name)),
};
