import { isLanguageModel, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shorter sequences in training',
    summary:
      'Activations and logits grow in proportion to the tokens of a sample, and attention without a fused kernel with their square. The longest batch sets the peak.',
    how: 'Look at the distribution of lengths first. Cut or drop the few longest samples, split long ones, or lower the greatest length.',
    cost: 'Another experiment where samples are cut: long context is not learnt.',
    nothing: 'No batch is on the card in this phase.',
    'caution-end':
      'Cutting from the right takes the answer of a chat sample away; drop such samples rather than cutting them.',
    'caution-grouping': 'Batches of like length save time, not the peak: the longest batch stays.',
    'caution-tokens': 'Losses averaged over tokens weigh samples anew when their lengths change.',
    'caution-late':
      'Many steps have passed: it is the longest sample that fails. A limit just below it changes least.',
  },
  zh: {
    title: '训练时用更短的序列',
    summary:
      '激活值和 logits 与样本的 token 数成正比；没有融合 kernel 的注意力则与其平方成正比。峰值由最长的 batch 决定。',
    how: '先看长度分布。截断或丢弃少数最长的样本，拆分长样本，或降低最大长度。',
    cost: '截断样本就是另一个实验：学不到长上下文。',
    nothing: '这一阶段卡上没有 batch。',
    'caution-end': '从右侧截断会去掉对话样本的回答；宁可丢弃这样的样本，也不要截断。',
    'caution-grouping': '按长度分组只省时间，不降低峰值：最长的 batch 仍在。',
    'caution-tokens': '按 token 求平均的损失，会随长度变化而改变各样本的权重。',
    'caution-late': '已经完成了许多步：失败的是最长的样本。把上限设在它稍下方，改动最小。',
  },
  ru: {
    title: 'Более короткие последовательности при обучении',
    summary:
      'Активации и логиты растут пропорционально числу токенов примера, а внимание без слитого ядра — как его квадрат. Пик задаёт самый длинный батч.',
    how: 'Сначала посмотреть на распределение длин. Обрезать или отбросить немногие самые длинные примеры, разделить длинные или уменьшить наибольшую длину.',
    cost: 'Если примеры обрезаются, это другой эксперимент: длинный контекст не выучивается.',
    nothing: 'На этом этапе батча на карте нет.',
    'caution-end':
      'Обрезка справа отнимает у диалога ответ; такие примеры лучше отбросить, чем обрезать.',
    'caution-grouping':
      'Батчи из примеров близкой длины экономят время, а не пик: самый длинный батч останется.',
    'caution-tokens': 'Потери, усреднённые по токенам, при другой длине иначе взвешивают примеры.',
    'caution-late':
      'Прошло много шагов: не помещается самый длинный пример. Меньше всего меняет предел чуть ниже него.',
  },
} as const;

/** So many steps have seen most lengths of a data set. */
const LATE = 50;

export const shorterSequences: Remedy = {
  id: 'shorter-sequences',
  code: 'UN353',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'measured with saved-tensor hooks, transformers 5.18: Llama-3.2-3B saves 42.7 bytes × tokens × hidden size a layer; eager attention 6 bytes × batch × heads × tokens² more',
    'torchtune README: packing to full length 25.5 → 60.0 GiB',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'sequence_length', to: 'lower' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-late', applies: (c) => (c.step ?? 0) >= LATE },
    { says: 'caution-end' },
    { says: 'caution-grouping' },
    { says: 'caution-tokens' },
  ],
  concerns: (c) =>
    trainsShort(c) && ['forward', 'backward'].includes(c.phase.value) && isLanguageModel(c),
};
