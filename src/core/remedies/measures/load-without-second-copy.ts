import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Load without a second copy',
    summary:
      'Weights are mapped or read shard by shard into a model that has no memory of its own yet.',
    how: 'safetensors, a model on the meta device, torch.load with mmap and assign; recent transformers does it by itself.',
    cost: 'None.',
    nothing: 'Nothing is being loaded in this phase.',
  },
  zh: {
    title: '加载时不产生第二份拷贝',
    summary: '权重通过映射或逐分片读入一个尚未占用内存的模型。',
    how: '使用 safetensors、meta 设备上的模型、带 mmap 和 assign 的 torch.load；新版 transformers 自动如此。',
    cost: '没有代价。',
    nothing: '这一阶段没有加载。',
  },
  ru: {
    title: 'Загружать без второй копии',
    summary: 'Веса отображаются или читаются по шардам в модель, у которой ещё нет своей памяти.',
    how: 'safetensors, модель на meta-устройстве, torch.load с mmap и assign; новые transformers делают так сами.',
    cost: 'Ничего не стоит.',
    nothing: 'На этом этапе ничего не загружается.',
  },
} as const;

export const loadWithoutSecondCopy: Remedy = {
  id: 'load-without-second-copy',
  code: 'UN373',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 3.6: load-time peaks'],
  roles: ['researcher', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    'torch.load(path, map_location="cpu", mmap=True); model.load_state_dict(state, assign=True)',
  ],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    !c.has('shared-memory-segment') &&
    (['load', 'init'].includes(c.phase.value) ||
      c.shows('load-weights') !== undefined ||
      c.shows('read-checkpoint') !== undefined),
};
