import { type Case, isSharded, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import { TRAINERS } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'The optimizer step inside the backward pass',
    summary:
      'Each gradient is used and freed as soon as it is there, so that all gradients are never held at once.',
    how: 'Register the step of each parameter as a hook after its gradient is accumulated, or use the framework’s option.',
    cost: 'About none in time. Gradient accumulation and clipping by the global norm are not possible with it.',
    nothing: 'No gradients are held in this phase.',
    'when-ladder': 'Llama-3.2-3B on an A100: 24.9 → 23.1 GiB',
    'caution-clip':
      'Clipping by the norm of all gradients is not possible: no moment has them all.',
    'caution-scaler': 'A gradient scaler (fp16) looks at all gradients before the step: use bf16.',
    'caution-tied': 'The largest gradient sets the floor: often the tied embedding.',
  },
  zh: {
    title: '在反向传播中完成优化器更新',
    summary: '每个梯度一算出就用于更新并释放，所有梯度不会同时存在。',
    how: '为每个参数注册梯度累积后的 hook，在其中完成更新；或使用框架的选项。',
    cost: '时间上几乎没有代价。无法再做梯度累积和按全局范数裁剪。',
    nothing: '这一阶段没有梯度。',
    'when-ladder': 'A100 上的 Llama-3.2-3B：24.9 → 23.1 GiB',
    'caution-clip': '无法按全部梯度的范数裁剪：任何时刻都没有全部梯度。',
    'caution-scaler': '梯度缩放器（fp16）要在更新前检查全部梯度：改用 bf16。',
    'caution-tied': '下限由最大的一个梯度决定：往往是共享的 embedding。',
  },
  ru: {
    title: 'Шаг оптимизатора внутри обратного прохода',
    summary:
      'Каждый градиент используется и освобождается, как только готов: все сразу они в памяти не лежат.',
    how: 'Зарегистрировать шаг каждого параметра хуком после накопления его градиента или включить опцию фреймворка.',
    cost: 'По времени почти ничего. Накопление градиентов и обрезка по общей норме с ним невозможны.',
    nothing: 'На этом этапе градиентов нет.',
    'when-ladder': 'Llama-3.2-3B на A100: 24,9 → 23,1 GiB',
    'caution-clip': 'Обрезка по норме всех градиентов невозможна: ни в один момент их нет сразу.',
    'caution-scaler':
      'Масштабировщик градиентов (fp16) смотрит на все градиенты до шага: брать bf16.',
    'caution-tied': 'Нижний предел — самый большой градиент, часто общий embedding.',
  },
} as const;

/** Gradients of adapters are small; accumulated or averaged ones have to stay. */
function areLargeAndFree(c: Case): boolean {
  const steps = printedValue(c, 'accumulation_steps');
  return (
    c.shows('lora') === undefined &&
    c.shows('ddp') === undefined &&
    !isSharded(c) &&
    (typeof steps !== 'number' || steps <= 1)
  );
}

export const optimizerInBackward: Remedy = {
  id: 'optimizer-in-backward',
  code: 'UN333',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '2.1' }],
  docs: [
    'https://docs.pytorch.org/tutorials/intermediate/optimizer_step_in_backward_tutorial.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'torchtune README, Llama-3.2-3B on an A100: 24.9 → 23.1 GiB',
    'torchtune documentation: not with gradient accumulation',
    'PyTorch tutorial: optimizer step in the backward pass',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients'] },
  changes: [{ setting: 'optimizer_in_backward', to: true }],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 1.4,
      high: 1.4,
      unit: '%',
      when: 'when-ladder',
      source: 'torchtune README (7210 → 7309 tokens/s)',
    },
  ],
  cautions: [
    { says: 'caution-clip' },
    { says: 'caution-scaler', applies: (c) => c.setting('compute_precision')?.value !== 'bf16' },
    { says: 'caution-tied' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.frameworks.some((name) => TRAINERS.includes(name)) &&
    ['backward', 'optimizer'].includes(c.phase.value) &&
    areLargeAndFree(c),
};
