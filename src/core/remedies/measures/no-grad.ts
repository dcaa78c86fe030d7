import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'no_grad or inference_mode',
    summary:
      'Turns off what autograd saves during evaluation and inference, so that each activation is freed once it is used.',
    how: 'Put evaluation and inference, the loop as a whole, under inference mode or under no_grad.',
    cost: 'None where no gradients are needed.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'caution-eval': 'model.eval() does not do it: it changes dropout and BatchNorm only.',
    'caution-later':
      'Tensors made in inference mode cannot be used in autograd later: in the middle of training take no_grad.',
    'caution-kept': 'Outputs that the loop collects stay on the card all the same.',
  },
  zh: {
    title: 'no_grad 或 inference_mode',
    summary: '关闭评估和推理时 autograd 的保存，激活值用完即释放。',
    how: '把评估和推理的整个循环放在 inference_mode 或 no_grad 之下。',
    cost: '不需要梯度时没有代价。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'caution-eval': 'model.eval() 不等于关闭梯度：它只改变 dropout 和 BatchNorm。',
    'caution-later': 'inference_mode 中创建的张量之后不能参与 autograd：训练途中用 no_grad。',
    'caution-kept': '循环收集的输出仍会留在卡上。',
  },
  ru: {
    title: 'no_grad или inference_mode',
    summary:
      'Выключает то, что autograd сохраняет при оценке и инференсе: активация освобождается, как только использована.',
    how: 'Поместить оценку и инференс, весь цикл целиком, под inference_mode или no_grad.',
    cost: 'Ничего не стоит, где градиенты не нужны.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'caution-eval': 'model.eval() этого не делает: он меняет только dropout и BatchNorm.',
    'caution-later':
      'Тензоры из inference_mode потом нельзя использовать в autograd: посреди обучения брать no_grad.',
    'caution-kept': 'Выходы, которые копит цикл, всё равно останутся на карте.',
  },
} as const;

export const noGrad: Remedy = {
  id: 'no-grad',
  code: 'UN310',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  answers: ['autograd-in-eval'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.inference_mode, torch.no_grad',
    'PyTorch documentation: autograd mechanics (evaluation mode is no mode of gradients)',
  ],
  roles: ['quick', 'researcher', 'inference'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'records_graph', to: false }],
  shown_by: ['no-grad'],
  commands: ['with torch.inference_mode(): ...'],
  costs: [],
  cautions: [
    { says: 'caution-eval' },
    { says: 'caution-later', applies: (c) => c.phase.value === 'eval' },
    { says: 'caution-kept', applies: (c) => c.phase.value === 'eval' },
  ],
  concerns: (c) =>
    isShortage(c) && isTorch(c) && ['eval', 'generate', 'prefill'].includes(c.phase.value),
};
