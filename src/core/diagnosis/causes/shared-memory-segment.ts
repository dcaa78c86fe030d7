/** The shared memory segment of a container or machine. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: '/dev/shm is too small',
    summary:
      'DataLoader workers hand batches over through shared memory, which a container limits to 64 MB by default.',
    headline: 'The shared memory segment (/dev/shm) is probably full; the card was not involved.',
    bus: 'A worker died of a bus error, which is what a full /dev/shm gives.',
    file: 'A file in /dev/shm could not be made, written or grown.',
    collective: 'NCCL passes data between the cards of a machine through /dev/shm.',
    mapped: 'A damaged file that is memory-mapped gives a bus error too.',
  },
  zh: {
    title: '/dev/shm 太小',
    summary: 'DataLoader 的 worker 通过共享内存传递 batch，而容器默认只有 64 MB。',
    headline: '共享内存段（/dev/shm）多半已满；与显卡无关。',
    bus: 'worker 因 bus error 而死，/dev/shm 满时正是如此。',
    file: '/dev/shm 中的文件无法创建、写入或扩大。',
    collective: 'NCCL 通过 /dev/shm 在同一台机器的卡之间传递数据。',
    mapped: '内存映射的文件损坏时也会出现 bus error。',
  },
  ru: {
    title: '/dev/shm слишком мал',
    summary:
      'Воркеры DataLoader передают батчи через разделяемую память, которой у контейнера по умолчанию 64 МБ.',
    headline: 'Сегмент разделяемой памяти (/dev/shm), вероятно, полон; карта ни при чём.',
    bus: 'Воркер умер от bus error — так бывает при полном /dev/shm.',
    file: 'Файл в /dev/shm не удалось создать, записать или увеличить.',
    collective: 'NCCL передаёт данные между картами одной машины через /dev/shm.',
    mapped: 'Повреждённый файл, отображённый в память, тоже даёт bus error.',
  },
} as const;

export const sharedMemorySegment: Cause = {
  id: 'shared-memory-segment',
  code: 'UN213',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch docs: multiprocessing and shared memory'],
  assess(c): Assessment | undefined {
    if (c.has('collective-failed') && c.wording === 'system') {
      return { strength: 'possible', because: [say(TEXTS, 'collective')], against: [], weight: 4 };
    }
    if (!c.has('shared-memory-segment')) return undefined;
    if (c.wording === 'bus-error') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'bus')],
        against: [say(TEXTS, 'mapped')],
        weight: 9,
      };
    }
    const isFile = c.format === 'shared-memory';
    return {
      strength: 'likely',
      because: [say(TEXTS, isFile ? 'file' : 'bus')],
      against: isFile ? [] : [say(TEXTS, 'mapped')],
      weight: 9,
    };
  },
};
