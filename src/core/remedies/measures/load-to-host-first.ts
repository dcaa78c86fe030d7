import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Read checkpoints to the host first',
    summary:
      'torch.load puts tensors back where they were saved, on every rank on the same card; read to the host they cost the card nothing.',
    how: 'Load with map_location="cpu" (and mmap), load the state into the model, then delete the checkpoint.',
    cost: 'Host memory for the checkpoint, on each rank that reads it.',
    nothing: 'Nothing is being loaded in this phase.',
    'c-host': 'Each rank that reads it needs the host memory; let one read and broadcast.',
  },
  zh: {
    title: '先把检查点读到主机',
    summary:
      'torch.load 会把张量放回保存时所在的设备，所有 rank 都放到同一张卡；读到主机则不占显存。',
    how: '用 map_location="cpu"（和 mmap）加载，装入模型后删除检查点。',
    cost: '每个读取它的 rank 都要占用主机内存。',
    nothing: '这一阶段没有加载。',
    'c-host': '每个读取它的 rank 都需要这份主机内存；让一个 rank 读取再广播。',
  },
  ru: {
    title: 'Сначала читать чекпойнты на хост',
    summary:
      'torch.load возвращает тензоры туда, где они были сохранены, — на всех рангах на одну карту; прочитанные на хост, они карте ничего не стоят.',
    how: 'Загружать с map_location="cpu" (и mmap), перенести состояние в модель и удалить чекпойнт.',
    cost: 'Память хоста под чекпойнт на каждом ранге, который его читает.',
    nothing: 'На этом этапе ничего не загружается.',
    'c-host': 'Память хоста нужна каждому читающему рангу; пусть читает один и рассылает.',
  },
} as const;

export const loadToHostFirst: Remedy = {
  id: 'load-to-host-first',
  code: 'UN365',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.load: map_location, mmap'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['copies', 'weights', 'optimizer'] },
  changes: [{ setting: 'load_to_host', to: true }],

  commands: ['torch.load(path, map_location="cpu", mmap=True)'],
  costs: [],
  cautions: [{ says: 'c-host', applies: (c) => c.situation.environment.distributed }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.mayBeTorch &&
    (c.shows('read-checkpoint') !== undefined || c.shows('load-optimizer-states') !== undefined),
};
