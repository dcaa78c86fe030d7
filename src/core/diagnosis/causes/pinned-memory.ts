/** Page-locked host memory was refused. */

import { say } from '../../base/texts.ts';
import type { Case } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Page-locked (pinned) host memory was refused',
    summary:
      'Pinned memory is host memory that WSL, containers and drivers limit far below RAM; its failure is often worded as a CUDA error.',
    headline: 'Page-locked (pinned) host memory was refused, not memory of the GPU.',
    pinned: 'It was page-locked host memory that was asked for.',
    frame: 'It failed while host memory was being pinned: {place}.',
    wsl: 'It runs under WSL, which limits it to a part of the memory it was given.',
  },
  zh: {
    title: '锁页主机内存被拒绝',
    summary:
      '锁页内存是主机内存，WSL、容器和驱动会把它限制在远小于物理内存的范围；其失败往往以 CUDA 错误的形式出现。',
    headline: '被拒绝的是锁页主机内存，而不是显存。',
    pinned: '申请的是锁页主机内存。',
    frame: '失败发生在锁定主机内存页时：{place}。',
    wsl: '在 WSL 下运行，它只能使用分配给 WSL 的一部分内存。',
  },
  ru: {
    title: 'Отказано в закреплённой памяти хоста',
    summary:
      'Закреплённая память — это память хоста, которую WSL, контейнеры и драйверы ограничивают намного ниже ОЗУ; сбой часто звучит как ошибка CUDA.',
    headline: 'Отказано в закреплённой памяти хоста, а не в памяти GPU.',
    pinned: 'Запрашивалась закреплённая память хоста.',
    frame: 'Сбой случился при закреплении памяти хоста: {place}.',
    wsl: 'Это WSL, где она ограничена частью отданной памяти.',
  },
} as const;

export const pinnedMemory: Cause = {
  id: 'pinned-memory',
  code: 'UN241',
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
  sources: ['cudaHostAlloc; WSL: pinned system memory is limited'],
  assess(c): Assessment | undefined {
    const place = c.shows('pinning');
    const isHost = c.kind === 'host_oom' && c.has('pinned-memory');
    if (!isHost && place === undefined) return ofWsl(c);
    if (!isHost && c.kind !== 'gpu_oom') return undefined;
    if (!isHost && c.has('caching-allocator')) return undefined;
    // The thread that pins opens a context of its own first: that lies on a card, and by default on the first.
    if (!isHost && c.shows('context-creation') !== undefined) return undefined;
    const because = isHost ? [say(TEXTS, 'pinned')] : [];
    if (place !== undefined) because.push(say(TEXTS, 'frame', { place: placeText(place) }));
    if (c.shows('wsl') !== undefined) because.push(say(TEXTS, 'wsl'));
    return { strength: 'likely', because, against: [], weight: 10 };
  },
};

/** Under WSL the driver refuses page-locked memory early, with the same bare code. */
function ofWsl(c: Case): Assessment | undefined {
  if (c.kind !== 'gpu_oom' || c.shows('wsl') === undefined || c.facts.length > 0) return undefined;
  return { strength: 'possible', because: [say(TEXTS, 'wsl')], against: [], weight: 5 };
}
