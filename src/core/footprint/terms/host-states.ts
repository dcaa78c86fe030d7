import { constant } from '../../base/factor.ts';
import { count, ratio } from '../inputs.ts';
import { hostStateBytes } from '../optimizers.ts';
import { stateShards, trainedHere } from '../static.ts';
import type { Term } from '../term.ts';

export const hostStates: Term = {
  id: 'host-states',
  code: 'UN570',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Optimizer states in host memory',
      summary:
        'States of an offloaded optimizer, its fp32 weights and the gradients that are brought to it, for the part of this rank.',
    },
    zh: {
      title: '主机内存中的优化器状态',
      summary: '优化器卸载到主机后，本 rank 那一份的优化器状态、fp32 权重，以及传给它的梯度。',
    },
    ru: {
      title: 'Состояния оптимизатора в памяти хоста',
      summary:
        'Состояния выгруженного оптимизатора, его веса в fp32 и градиенты, которые к нему приносят, — для доли этого ранга.',
    },
  },
  sources: [
    'deepspeed@0.17: runtime/zero/stage_1_and_2.py, stage3.py (cpu_offload, fp32 gradients of the partition)',
    'torch@2.9: distributed/fsdp/_fully_shard/_fsdp_param.py (offload_to_cpu)',
  ],
  category: 'optimizer',
  pool: 'host',
  basis: 'modelled',
  formula: 'elements / ranks × (state_bytes + gradient_width)',
  inputs: ({ job }, size) => {
    const elements = trainedHere(job, stateShards(job) > 1);
    return {
      'elements / ranks': count(elements),
      'state_bytes + gradient_width': ratio(size / elements),
    };
  },
  at: ({ job, moment }) => {
    const bytes = moment.point === 'load' ? 0 : hostStateBytes(job);
    return bytes === 0 ? undefined : constant(bytes);
  },
};
