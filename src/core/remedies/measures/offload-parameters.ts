import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload weights to the host in training',
    summary: 'Weights wait in host memory and come for each layer when it is due.',
    how: 'ZeRO-3 with parameter offload, or FSDP CPU offload.',
    cost: 'Every step moves the weights over the link; host memory for all of them.',
    nothing: 'No weights are held in this phase.',
    'c-host':
      'Count it against the RAM and the cgroup limit of the node, times what the ranks keep.',
  },
  zh: {
    title: '训练时把权重卸载到主机',
    summary: '权重在主机内存中等待，轮到某层时才取来。',
    how: 'ZeRO-3 参数卸载，或 FSDP CPU offload。',
    cost: '每步都要通过互连搬运权重；主机内存要容纳全部权重。',
    nothing: '这一阶段没有权重。',
    'c-host': '要与节点的内存和 cgroup 上限核对，并计入各 rank 的份额。',
  },
  ru: {
    title: 'Выгрузить веса на хост при обучении',
    summary: 'Веса ждут в памяти хоста и приходят к слою, когда до него доходит очередь.',
    how: 'ZeRO-3 с выгрузкой параметров или FSDP CPU offload.',
    cost: 'Каждый шаг гоняет веса по шине; память хоста под все веса.',
    nothing: 'На этом этапе весов нет.',
    'c-host': 'Сверить с ОЗУ и пределом cgroup узла с учётом доли каждого ранга.',
  },
} as const;

export const offloadParameters: Remedy = {
  id: 'offload-parameters',
  code: 'UN348',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['arXiv 2104.07857 (ZeRO-Infinity)', 'memory model 6'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'parameter_offload', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-host' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (c.shows('zero') !== undefined || c.shows('fsdp') !== undefined),
};
