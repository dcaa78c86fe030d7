import { type Case, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Read checkpoints into host memory first',
    summary: 'The checkpoint no longer stands on the card beside the model that it is copied into.',
    how: 'Load with map_location="cpu" (mmap=True keeps it out of RAM as well), copy it into the model, then drop it. Load the optimizer’s states the same way. Without map_location every rank restores to the card that saved it, often GPU 0.',
    cost: 'A moment longer at the start; host memory for the checkpoint, once per rank, unless it is memory-mapped.',
    nothing: 'Nothing is copied in this phase.',
    'caution-ranks': 'All ranks of a node read at once: their copies add up in host memory.',
    'caution-resume':
      'Keep no reference to the loaded dictionary after it has been copied; it holds every tensor.',
  },
  zh: {
    title: '先把检查点读入主机内存',
    summary: '检查点不再与要写入的模型同时占用显存。',
    how: '用 map_location="cpu" 加载（再加 mmap=True 可不占内存），拷入模型后丢弃；优化器状态同样处理。不写 map_location 时，每个 rank 都会恢复到保存时的那张显卡，通常是 GPU 0。',
    cost: '启动稍慢；每个 rank 需要一份检查点大小的主机内存，内存映射时除外。',
    nothing: '这一阶段没有拷贝。',
    'caution-ranks': '同一节点的所有 rank 同时读取：各自的副本在主机内存中累加。',
    'caution-resume': '拷贝完成后不要保留对已加载字典的引用：它持有全部张量。',
  },
  ru: {
    title: 'Сначала читать чекпойнт в память хоста',
    summary: 'Чекпойнт больше не лежит на карте рядом с моделью, в которую его копируют.',
    how: 'Загружать с map_location="cpu" (mmap=True бережёт и ОЗУ), скопировать в модель и отпустить. Так же загружать состояния оптимизатора. Без map_location каждый ранг восстанавливает на ту карту, с которой сохранили, часто GPU 0.',
    cost: 'Запуск чуть дольше; память хоста под чекпойнт на каждый ранг, если он не отображён через mmap.',
    nothing: 'На этом этапе ничего не копируется.',
    'caution-ranks': 'Все ранги узла читают одновременно: их копии складываются в памяти хоста.',
    'caution-resume':
      'После копирования не держать ссылку на загруженный словарь: он удерживает все тензоры.',
  },
} as const;

/** The frame that shows the phase calls torch.load. */
const readsCheckpoint = ({ phase: { value, because } }: Case): boolean =>
  value === 'load' && because.kind === 'frame' && /\btorch\.load\(/.test(because.frame.code ?? '');

export const loadToHostFirst: Remedy = {
  id: 'load-to-host-first',
  code: 'UN365',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.load.html'],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: torch.load (map_location, mmap)'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['copies'] },
  changes: [{ setting: 'load_to_host', to: true }],

  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-ranks', applies: (c) => c.situation.environment.distributed },
    { says: 'caution-resume' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.backend !== 'mps' &&
    (c.shows('read-checkpoint') !== undefined ||
      c.shows('load-optimizer-states') !== undefined ||
      readsCheckpoint(c)),
};
