import { isSharded } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Save shards, or gather on the host',
    summary:
      'Each rank writes its own part, or the full state is put together in host memory of rank 0.',
    how: 'Use a sharded state dict (torch.distributed.checkpoint), or a full one with offload to CPU on rank 0 only.',
    cost: 'Sharded files are joined later; a full state needs host memory on rank 0.',
    nothing: 'Nothing is being saved in this phase.',
  },
  zh: {
    title: '分片保存，或在主机上聚合',
    summary: '每个 rank 写自己的部分，或只在 rank 0 的主机内存中拼成完整状态。',
    how: '使用分片 state dict（torch.distributed.checkpoint），或仅在 rank 0 卸载到 CPU 的完整 state dict。',
    cost: '分片文件以后再合并；完整状态需要 rank 0 的主机内存。',
    nothing: '这一阶段没有保存。',
  },
  ru: {
    title: 'Сохранять шардами или собирать на хосте',
    summary:
      'Каждый ранг пишет свою часть, или полное состояние собирается в памяти хоста ранга 0.',
    how: 'Шардированный state dict (torch.distributed.checkpoint) или полный с выгрузкой на CPU только на ранге 0.',
    cost: 'Шарды потом объединяют; полному состоянию нужна память хоста на ранге 0.',
    nothing: 'На этом этапе ничего не сохраняется.',
  },
} as const;

export const saveShardedState: Remedy = {
  id: 'save-sharded-state',
  code: 'UN372',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'torch.distributed.fsdp: ShardedStateDictConfig, FullStateDictConfig(offload_to_cpu, rank0_only)',
  ],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['copies', 'outputs'] },
  changes: [{ setting: 'sharded_save', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    (c.shows('full-state-gather') !== undefined || (c.phase.value === 'save' && isSharded(c))),
};
