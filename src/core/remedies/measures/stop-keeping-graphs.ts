import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Add numbers, not tensors with their graph',
    summary:
      'A loss that is summed up or put into a list as a tensor keeps the graph and all activations of its step.',
    how: 'Add loss.item() or loss.detach(); put outputs into lists as .detach().cpu(). Drop retain_graph=True where nothing needs it.',
    cost: '.item() waits for the GPU; once a step that hardly matters.',
    nothing: 'Nothing that autograd keeps is alive in this phase.',
  },
  zh: {
    title: '累加数值，而不是带计算图的张量',
    summary: '把 loss 作为张量累加或放进列表，会保留该步的计算图和全部激活值。',
    how: '累加 loss.item() 或 loss.detach()；输出以 .detach().cpu() 放入列表；不需要时去掉 retain_graph=True。',
    cost: '.item() 会等待 GPU；每步一次几乎没有影响。',
    nothing: '这一阶段没有 autograd 保留的内容。',
  },
  ru: {
    title: 'Складывать числа, а не тензоры с графом',
    summary:
      'Функция потерь, сложенная или положенная в список как тензор, держит граф и все активации своего шага.',
    how: 'Складывать loss.item() или loss.detach(); выходы класть в списки как .detach().cpu(). Убрать retain_graph=True там, где он не нужен.',
    cost: '.item() ждёт GPU; раз в шаг это почти незаметно.',
    nothing: 'На этом этапе autograd ничего не держит.',
  },
} as const;

export const stopKeepingGraphs: Remedy = {
  id: 'stop-keeping-graphs',
  code: 'UN325',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/notes/faq.html'],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch FAQ: my model reports "cuda runtime error(2): out of memory"'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations', 'outputs'] },
  changes: [],

  commands: ['total += loss.item()'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    (c.shows('kept-outputs') !== undefined ||
      c.shows('kept-graph') !== undefined ||
      (c.step ?? 0) > 1),
};
