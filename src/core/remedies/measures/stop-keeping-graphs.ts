import { exceedsCard, growthOfRun, isShortage } from '../../diagnosis/case.ts';
import { growthIn } from '../../diagnosis/series.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Keep numbers, not tensors with their graph',
    summary:
      'A tensor that is summed up or put into a list holds its graph, and with it every activation that a backward pass over it would still need.',
    how: 'Add loss.item() or loss.detach(); put outputs into lists detached and on the host (.detach().cpu()); detach hidden states between segments of a sequence; drop retain_graph=True where nothing goes backward twice.',
    cost: '.item() waits for the GPU: in a tight loop add detached tensors and read them once per log line.',
    nothing: 'Nothing that autograd keeps is alive in this phase.',
    'caution-backward':
      'backward() has freed the activations of its graph, so a sum of such losses grows by little. Look for what never went backward: outputs, hidden states, losses of evaluation.',
  },
  zh: {
    title: '保留数值，而不是带计算图的张量',
    summary: '被累加或放进列表的张量会保留其计算图，以及对它做反向传播还需要的全部激活值。',
    how: '累加 loss.item() 或 loss.detach()；输出先 .detach().cpu() 再放入列表；在序列的各段之间 detach 隐藏状态；没有第二次反向传播时去掉 retain_graph=True。',
    cost: '.item() 会等待 GPU：在紧凑循环里累加 detach 后的张量，打印日志时再读取一次。',
    nothing: '这一阶段没有 autograd 保留的内容。',
    'caution-backward':
      'backward() 已释放该计算图的激活值，累加这样的损失几乎不增长。检查从未做过反向传播的张量：输出、隐藏状态、评估的损失。',
  },
  ru: {
    title: 'Хранить числа, а не тензоры с графом',
    summary:
      'Тензор, который складывают или кладут в список, держит свой граф, а с ним и все активации, ещё нужные для обратного прохода по нему.',
    how: 'Складывать loss.item() или loss.detach(); выходы класть в списки через .detach().cpu(); отсоединять скрытые состояния между частями последовательности; убрать retain_graph=True там, где обратный проход один.',
    cost: '.item() ждёт GPU: в плотном цикле складывать отсоединённые тензоры и читать их раз на строку лога.',
    nothing: 'На этом этапе autograd ничего не держит.',
    'caution-backward':
      'backward() уже освободил активации своего графа, поэтому сумма таких потерь растёт мало. Искать то, по чему обратного прохода не было: выходы, скрытые состояния, потери на оценке.',
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
  sources: [
    'PyTorch FAQ: history that is accumulated across the training loop',
    'PyTorch documentation of torch.Tensor.backward: the graph is freed unless retain_graph is set',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'outputs'] },
  changes: [],
  commands: ['total += loss.detach()', 'outputs.append(out.detach().cpu())'],
  costs: [],
  cautions: [{ says: 'caution-backward' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !exceedsCard(c.amounts) &&
    c.shows('no-grad') === undefined &&
    (c.shows('kept-outputs') !== undefined ||
      c.shows('kept-graph') !== undefined ||
      growthOfRun(c).length > 0 ||
      growthIn(c.observed).length > 0),
};
