import { constant } from '../../base/factor.ts';
import { bytes, count } from '../inputs.ts';
import type { Term } from '../term.ts';

export const hostActivations: Term = {
  id: 'host-activations',
  code: 'UN586',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Activations in host memory',
      summary:
        'What layers keep for the backward pass, moved to the host between the two (activation offloading). With recomputation it is the input of each layer.',
    },
    zh: {
      title: '主机内存中的激活值',
      summary:
        '各层为反向保留的张量，在前向与反向之间移到主机（激活值卸载）。配合重计算时只是每层的输入。',
    },
    ru: {
      title: 'Активации в памяти хоста',
      summary:
        'То, что слои сохраняют для обратного прохода и что между проходами лежит на хосте (выгрузка активаций). При пересчёте это вход каждого слоя.',
    },
  },
  sources: [
    'torch@2.9: autograd/graph.py (save_on_cpu)',
    'torchtune@0.6: training/_activation_offloading.py',
  ],
  category: 'activations',
  pool: 'host',
  basis: 'modelled',
  formula: 'layers × kept(layer)',
  inputs: ({ job }, size) => {
    const layers = job.model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
    return { layers: count(layers), 'kept(layer)': bytes(size / layers) };
  },
  at: ({ moment, steps }) => {
    const step = steps[moment.turn === 'first' ? 'first' : 'later'];
    const isThere = moment.point === 'forward' || moment.point === 'backward';
    const bytes = isThere ? (step?.offloaded ?? 0) : 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
