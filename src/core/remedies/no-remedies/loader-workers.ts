import { hasNeighbours, isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'num_workers for a GPU shortage',
    summary: 'Changes how many processes load data.',
    how: 'Leave it where loading is fast enough; it matters for host memory and /dev/shm.',
    cost: 'Slower input.',
    nothing:
      'It frees nothing on the card: workers prepare batches in host memory, and one batch at a time goes to the card.',
  },
  zh: {
    title: '为显存不足调整 num_workers',
    summary: '改变加载数据的进程数。',
    how: '保持在加载够快的取值即可；它影响的是主机内存和 /dev/shm。',
    cost: '输入变慢。',
    nothing: '它不释放任何显存：worker 在主机内存中准备 batch，每次只有一个 batch 进入显卡。',
  },
  ru: {
    title: 'num_workers при нехватке памяти GPU',
    summary: 'Меняет число процессов, загружающих данные.',
    how: 'Оставить там, где загрузка достаточно быстра; важно для памяти хоста и /dev/shm.',
    cost: 'Медленнее подача данных.',
    nothing:
      'На карте ничего не освобождает: воркеры готовят батчи в памяти хоста, и на карту попадает по одному.',
  },
} as const;

export const loaderWorkers: Remedy = {
  id: 'loader-workers',
  code: 'UN908',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'training',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: torch.utils.data.DataLoader'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !hasNeighbours(c) &&
    c.shows('tried-workers') !== undefined,
};
