import { GiB } from '../../base/bytes.ts';
import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Return only what is needed',
    summary:
      'Hidden states of all layers, attention weights and logits of all positions are held until the outputs are gone, read or not.',
    how: 'Turn output_hidden_states and output_attentions off. In inference ask for the logits of the last position only; take one layer with a hook where one layer is all that is read.',
    cost: 'None where nobody reads them.',
    nothing: 'No outputs of the model are held in this phase.',
    'caution-loss':
      'The loss of training needs the logits of all positions: keep only the last ones in inference.',
  },
  zh: {
    title: '只返回需要的输出',
    summary:
      '所有层的隐藏状态、注意力权重和所有位置的 logits，无论是否使用，都会一直保留到输出被释放。',
    how: '关闭 output_hidden_states 和 output_attentions。推理时只要最后一个位置的 logits；只用某一层时，用 hook 取那一层。',
    cost: '没有人读取时没有代价。',
    nothing: '这一阶段没有保留模型的输出。',
    'caution-loss': '训练的损失需要所有位置的 logits：只有推理时才能只保留最后几个。',
  },
  ru: {
    title: 'Возвращать только нужное',
    summary:
      'Скрытые состояния всех слоёв, веса внимания и логиты всех позиций лежат в памяти, пока живы выходы, читает их кто-то или нет.',
    how: 'Выключить output_hidden_states и output_attentions. При инференсе запрашивать логиты только последней позиции; если читается один слой — брать его хуком.',
    cost: 'Ничего не стоит, если их никто не читает.',
    nothing: 'На этом этапе выходы модели не хранятся.',
    'caution-loss':
      'Функции потерь при обучении нужны логиты всех позиций: оставлять только последние — лишь при инференсе.',
  },
} as const;

const OF_LAST_POSITIONS = /slice_indices|logits_to_keep/;

/** Inference that computes the logits of a whole prompt, of which it reads the last. */
function computesAllLogits(c: Case): boolean {
  const place = c.shows('logits');
  const { requested } = c.amounts;
  if (place === undefined || requested === undefined || requested.low < GiB / 2) return false;
  const isLastOnly = 'frame' in place && OF_LAST_POSITIONS.test(place.frame.code ?? '');
  return c.situation.workload?.purpose === 'inference' && !isLastOnly;
}

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
  docs: ['https://huggingface.co/docs/transformers/main_classes/output'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers documentation: output_hidden_states, output_attentions, logits_to_keep',
    'Qwen2 and Qwen2.5 speed benchmarks: 0.5B with 30,720 tokens 27.6 GiB on transformers 4.38, 2.34 GiB on 4.46, which keeps the last logits only',
  ],
  roles: ['researcher', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['outputs', 'activations'] },
  changes: [{ setting: 'hidden_states', to: false }],
  commands: ['model(**inputs, logits_to_keep=1)  # inference only'],
  costs: [],
  cautions: [{ says: 'caution-loss', applies: (c) => mayTrain(c) }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (printedValue(c, 'hidden_states') === true || computesAllLogits(c)),
};
