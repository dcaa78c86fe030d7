import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { savedBytes } from '../static.ts';
import type { Term } from '../term.ts';

export const savedWeights: Term = {
  id: 'saved-weights',
  code: 'UN572',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Weights gathered for a checkpoint',
      summary:
        'To save a whole model, sharded ranks gather it a piece at a time on the card: a unit with FSDP 1, a tensor with FSDP 2 and ZeRO 3.',
    },
    zh: {
      title: '保存检查点时聚合的权重',
      summary:
        '保存完整模型时，各 rank 会在显卡上逐块聚合分片权重：FSDP 1 每次一个单元，FSDP 2 和 ZeRO 3 每次一个张量。',
    },
    ru: {
      title: 'Веса, собираемые для чекпойнта',
      summary:
        'Чтобы сохранить модель целиком, ранги собирают её на карте по частям: FSDP 1 — по блоку, FSDP 2 и ZeRO 3 — по тензору.',
    },
  },
  sources: [
    'torch@2.9: distributed/fsdp/_state_dict_utils.py, distributed/checkpoint/state_dict.py',
    'deepspeed@0.17: runtime/engine.py _zero3_consolidated_16bit_state_dict',
  ],
  category: 'copies',
  pool: 'torch',
  basis: 'modelled',
  formula: 'piece × width',
  inputs: ({ job }, size) => ({
    piece: count(size / job.weightWidth),
    width: count(job.weightWidth),
  }),
  at: ({ job, moment }) => {
    const bytes = moment.point === 'save' ? savedBytes(job) : 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
