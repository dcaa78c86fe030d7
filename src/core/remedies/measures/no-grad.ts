import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'no_grad or inference_mode',
    summary: 'Turns off what autograd saves during evaluation and inference.',
    how: 'Wrap evaluation and inference in torch.inference_mode() (or torch.no_grad()).',
    cost: 'None where no gradients are needed.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
  },
  zh: {
    title: 'no_grad 或 inference_mode',
    summary: '评估和推理时关闭 autograd 的保存。',
    how: '把评估和推理放在 torch.inference_mode()（或 torch.no_grad()）中。',
    cost: '不需要梯度的地方没有代价。',
    nothing: '这一阶段没有 autograd 保存的内容。',
  },
  ru: {
    title: 'no_grad или inference_mode',
    summary: 'Отключает то, что autograd сохраняет при оценке и инференсе.',
    how: 'Обернуть оценку и инференс в torch.inference_mode() (или torch.no_grad()).',
    cost: 'Где градиенты не нужны, ничего не стоит.',
    nothing: 'На этом этапе autograd ничего не хранит.',
  },
} as const;

export const noGrad: Remedy = {
  id: 'no-grad',
  code: 'UN310',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  domain: 'any',
  answers: ['autograd-in-eval'],
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.inference_mode'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations'] },
  changes: [],
  shown_by: ['no-grad'],
  commands: ['with torch.inference_mode(): ...'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && isTorch(c) && ['eval', 'generate', 'prefill'].includes(c.phase.value),
};
