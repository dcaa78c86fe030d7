import { constant } from '../../base/factor.ts';
import { count, ratio } from '../inputs.ts';
import { hostWeightBytes } from '../static.ts';
import type { Term } from '../term.ts';

export const hostWeights: Term = {
  id: 'host-weights',
  code: 'UN571',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Weights in host memory',
      summary:
        'Weights that wait in the host’s memory: offloaded ones for the whole run, all of them while a process loads the model or rank 0 puts a checkpoint together.',
    },
    zh: {
      title: '主机内存中的权重',
      summary:
        '放在主机内存里的权重：卸载的权重全程都在；进程加载模型时，或 rank 0 汇总检查点时，则是全部权重。',
    },
    ru: {
      title: 'Веса в памяти хоста',
      summary:
        'Веса, которые ждут в памяти хоста: выгруженные — весь запуск, все целиком — пока процесс загружает модель или ранг 0 собирает чекпойнт.',
    },
  },
  sources: [
    'torch@2.9: distributed/fsdp/_fully_shard/_fsdp_param.py (offload_to_cpu)',
    'deepspeed@0.17: runtime/zero/partition_parameters.py',
    'transformers@5.18: modeling_utils.py (cpu_ram_efficient_loading: rank 0 alone reads)',
  ],
  category: 'weights',
  pool: 'host',
  basis: 'modelled',
  formula: 'elements × width',
  inputs: ({ job }, size) => ({
    elements: count(size / job.weightWidth),
    width: ratio(job.weightWidth),
  }),
  at: ({ job, moment }) => {
    const bytes = hostWeightBytes(job, moment.point);
    return bytes === 0 ? undefined : constant(bytes);
  },
};
