import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.compile',
    summary: 'The compiler recomputes cheap element-wise work instead of saving it, and fuses it.',
    how: 'Compile the model or its blocks.',
    cost: 'Minutes of compilation, again for each new shape; compiling has a peak of its own.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'w-ladder': 'Llama-3.2-3B on an A100: 60.0 → 51.0 GiB',
    'c-shapes': 'Shapes that change all the time are compiled again and again.',
  },
  zh: {
    title: 'torch.compile',
    summary: '编译器会重新计算廉价的逐元素运算而不是保存它们，并将其融合。',
    how: '编译整个模型或其中的模块。',
    cost: '编译需要几分钟，形状每变一次就要重来；编译本身也有峰值。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'w-ladder': 'A100 上的 Llama-3.2-3B：60.0 → 51.0 GiB',
    'c-shapes': '形状总在变化时会反复编译。',
  },
  ru: {
    title: 'torch.compile',
    summary:
      'Компилятор пересчитывает дешёвые поэлементные операции, вместо того чтобы хранить их, и сливает их.',
    how: 'Скомпилировать модель или её блоки.',
    cost: 'Минуты компиляции, заново для каждой новой формы; у самой компиляции тоже есть пик.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'w-ladder': 'Llama-3.2-3B на A100: 60.0 → 51.0 GiB',
    'c-shapes': 'При постоянно меняющихся формах компиляция повторяется снова и снова.',
  },
} as const;

export const compileTheModel: Remedy = {
  id: 'compile-the-model',
  code: 'UN328',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torchtune README: 60.0 → 51.0 GiB on Llama-3.2-3B', 'memory model 2.2'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'compiled', to: true }],
  shown_by: ['compiled'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 16,
      high: 27,
      unit: '%',
      when: 'w-ladder',
      source: 'torchtune README (+27 %); torchtitan (+16 %)',
    },
  ],
  cautions: [{ says: 'c-shapes' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value) &&
    c.backend === 'cuda' &&
    c.shows('convolution') === undefined,
};
