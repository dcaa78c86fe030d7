import { constant } from '../../base/factor.ts';
import { count, ratio } from '../inputs.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import { instantOf, type Term } from '../term.ts';

export const logits: Term = {
  id: 'logits',
  code: 'UN508',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Logits and loss',
      summary:
        'Logits over the vocabulary, their fp32 copy, the result of log_softmax and the gradients of both: 10 to 16 bytes a logit where the loss is not fused.',
    },
    zh: {
      title: 'logits 与损失',
      summary:
        '词表上的 logits、其 fp32 副本、log_softmax 结果及两者的梯度：损失未融合时每个 logit 占 10 到 16 字节。',
    },
    ru: {
      title: 'Логиты и потери',
      summary:
        'Логиты по словарю, их копия в fp32, результат log_softmax и градиенты обоих: 10–16 байт на логит, если функция потерь не слита с головой.',
    },
  },
  sources: [
    'transformers@4.57.1: loss/loss_utils.py',
    'transformers@4.44: modeling_llama.py (fp32 output and shifted copy)',
  ],
  category: 'outputs',
  pool: 'torch',
  basis: 'modelled',
  formula: 'rows × vocabulary × logit_bytes',
  inputs: ({ job }, size) => {
    const { model, batch, sequence } = job;
    const vocabulary =
      model.head === 'labels' ? (model.labels ?? 2) : model.vocab / job.parallel.tensor;
    const positions = Math.min(sequence, job.scored ?? sequence);
    const rows = model.head === 'labels' ? batch : (batch * positions) / job.parallel.context;
    return {
      rows: count(rows),
      vocabulary: count(vocabulary),
      logit_bytes: ratio(size / rows / vocabulary),
    };
  },
  at: (scene) => {
    const bytes = instantOf(scene)?.[Kind.logits] ?? 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
