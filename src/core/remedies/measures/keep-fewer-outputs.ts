import { isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Return and keep less',
    summary:
      'Hidden states, attentions and full logits that nobody reads are still held until the outputs are gone.',
    how: 'Turn off output_hidden_states and output_attentions, ask for the last logits only, delete outputs once the loss is taken.',
    cost: 'None where nobody reads them.',
    nothing: 'No outputs are held in this phase.',
  },
  zh: {
    title: '少返回、少保留输出',
    summary: '没人读取的隐藏状态、注意力和完整 logits，会一直占用到输出被释放。',
    how: '关闭 output_hidden_states 和 output_attentions，只取最后一个 logits，算完 loss 就删除输出。',
    cost: '没人读取时没有代价。',
    nothing: '这一阶段没有保留输出。',
  },
  ru: {
    title: 'Возвращать и хранить меньше',
    summary:
      'Скрытые состояния, внимания и полные логиты, которых никто не читает, держатся, пока живы выходы.',
    how: 'Выключить output_hidden_states и output_attentions, просить только последние логиты, удалять выходы, как только взята функция потерь.',
    cost: 'Ничего не стоит там, где их никто не читает.',
    nothing: 'На этом этапе выходов не держат.',
  },
} as const;

export const keepFewerOutputs: Remedy = {
  id: 'keep-fewer-outputs',
  code: 'UN330',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'leak'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers: output_hidden_states, output_attentions, logits_to_keep',
    'memory model 2.5',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['outputs', 'activations'] },
  changes: [{ setting: 'hidden_states', to: false }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    (printedValue(c, 'hidden_states') === true ||
      c.shows('eval-outputs') !== undefined ||
      c.shows('kept-outputs') !== undefined),
};
