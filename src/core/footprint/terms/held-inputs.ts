import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { inputsOfPacked } from '../static.ts';
import type { Term } from '../term.ts';

export const heldInputs: Term = {
  id: 'held-inputs',
  code: 'UN585',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Inputs that the last graph holds',
      summary:
        'Products that hold their input as a plain attribute let go of it with the whole graph, and the graph lives as long as the name of its loss: through the next forward pass.',
    },
    zh: {
      title: '上一张计算图持有的输入',
      summary:
        '以普通属性持有输入的乘积，要等整张计算图销毁才会释放；而计算图与其损失变量同寿：一直到下一次前向传播结束。',
    },
    ru: {
      title: 'Входы, которые держит прошлый граф',
      summary:
        'Произведения, хранящие вход обычным атрибутом, отпускают его вместе со всем графом, а граф живёт столько же, сколько имя его потерь: весь следующий прямой проход.',
    },
  },
  sources: [
    'bitsandbytes@0.42.0: autograd/_functions.py (MatMul4Bit: ctx.tensors, not save_for_backward)',
    'litgpt@0.4.13: litgpt/finetune/lora.py (fit: the loss keeps its name until the next one)',
  ],
  category: 'activations',
  pool: 'torch',
  basis: 'modelled',
  formula: 'inputs',
  inputs: ({ job }) => ({ inputs: bytes(inputsOfPacked(job)) }),
  at: ({ job, moment }) => {
    if (job.keepsLoss !== true || job.packing?.keepsInput !== true) return undefined;
    if (moment.point !== 'forward' || moment.turn !== 'later') return undefined;
    return constant(inputsOfPacked(job));
  },
};
