/** Look-alike: a segmentation fault of a worker. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A process crashed',
    summary: 'A process, often a worker, ended by a crash of its own rather than for memory.',
    headline: 'A process crashed; nothing here shows a shortage of memory.',
    signal: 'The process ended by a crash signal.',
    open: 'A worker that crashes is gone in the same words.',
    other: 'A worker that dies of memory is killed or gets a bus error instead.',
  },
  zh: {
    title: '进程崩溃',
    summary: '进程（常常是 worker）因自身崩溃而结束，不是因为内存。',
    headline: '一个进程崩溃了；这里没有内存不足的迹象。',
    signal: '进程因崩溃信号结束。',
    open: '崩溃的 worker 也是同样的报错。',
    other: '因内存而死的 worker 会被杀死，或收到 bus error。',
  },
  ru: {
    title: 'Процесс упал',
    summary: 'Процесс, часто воркер, завершился из-за собственного сбоя, а не из-за памяти.',
    headline: 'Процесс упал; нехватки памяти здесь не видно.',
    signal: 'Процесс завершился сигналом сбоя.',
    open: 'Теми же словами сообщают и о воркере, который упал сам.',
    other: 'Воркера, которому не хватило памяти, убивают, или он получает bus error.',
  },
} as const;

export const workerCrashed: Cause = {
  id: 'worker-crashed',
  code: 'UN216',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0: DataLoader signal handling'],
  assess(c): Assessment | undefined {
    if (!c.has('worker-crashed')) return undefined;
    if (c.kind === 'host_oom') {
      return { strength: 'possible', because: [say(TEXTS, 'open')], against: [], weight: 2 };
    }
    if (c.kind !== 'look_alike') return undefined;
    return {
      strength: 'likely',
      because: [say(TEXTS, 'signal'), say(TEXTS, 'other')],
      against: [],
      weight: 8,
    };
  },
};
