import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Raise or remove the cap',
    summary: 'A memory fraction or watermark below the device’s size is the limit.',
    how: 'Raise set_per_process_memory_fraction (or the per_process_memory_fraction option), or remove it. On Apple silicon PYTORCH_MPS_HIGH_WATERMARK_RATIO, set before Python starts.',
    cost: 'Others on the same card lose that memory; without a watermark a Mac can start to swap.',
    nothing: 'The cap is not below what the device has.',
  },
  zh: {
    title: '提高或取消上限',
    summary: '限制来自低于设备容量的显存比例或水位线。',
    how: '提高或去掉 set_per_process_memory_fraction（或 per_process_memory_fraction 选项）。Apple 芯片上是 PYTORCH_MPS_HIGH_WATERMARK_RATIO，须在 Python 启动前设置。',
    cost: '同一张卡上的其他程序会失去这部分显存；去掉水位线后 Mac 可能开始换页。',
    nothing: '上限并不低于设备容量。',
  },
  ru: {
    title: 'Поднять или убрать предел',
    summary: 'Ограничивает доля памяти или порог ниже размера устройства.',
    how: 'Поднять или убрать set_per_process_memory_fraction (или опцию per_process_memory_fraction). На Apple silicon — PYTORCH_MPS_HIGH_WATERMARK_RATIO до запуска Python.',
    cost: 'Эту память теряют другие на той же карте; без порога Mac может уйти в подкачку.',
    nothing: 'Предел не ниже того, что есть у устройства.',
  },
} as const;

export const raiseCap: Remedy = {
  id: 'raise-cap',
  code: 'UN309',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  domain: 'any',
  answers: ['memory-cap'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.cuda.set_per_process_memory_fraction'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { limit: 'own' },
  changes: [{ setting: 'memory_fraction', to: 1 }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.ledger.limits.some(({ name }) => name === 'fraction' || name === 'watermark'),
};
