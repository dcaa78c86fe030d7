/** Several processes of one job on one card. */

import { known, sum } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { type Case, hadRoom, likeItself, MANY_ALIKE, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Several processes of the job share one card',
    summary:
      'Ranks, workers or test processes of the same job run on the same card; each has its own context, weights and cache.',
    headline: '{count} processes of about the same kind are on this card.',
    worker:
      'A child process failed that makes a context and a copy of its own on the card: {place}.',
    'at-load':
      'A rank of a distributed program reads a checkpoint back to the card that it was saved from, as all ranks do without map_location: {place}.',
    listed:
      '{count} processes are listed on the card, and none is said to be the failing one: {held} together.',
    own: 'None of them is marked as the failing one, so it is one of them.',
    alike: '{count} of them are of about the size of this one, as ranks of one job are.',
    ranks: 'Several ranks run on this host and this one failed on GPU {device}.',
  },
  zh: {
    title: '同一任务的多个进程共用一张卡',
    summary: '同一任务的 rank、worker 或测试进程跑在同一张卡上，各有自己的上下文、权重和缓存。',
    headline: '这张卡上有 {count} 个类似的进程。',
    worker: '失败的是一个子进程，它在卡上有自己的上下文和模型副本：{place}。',
    'at-load':
      '分布式程序的某个 rank 把 checkpoint 读回保存时所在的卡；不写 map_location 时所有 rank 都会如此：{place}。',
    listed: '卡上列出 {count} 个进程，没有一个标明是失败者：共 {held}。',
    own: '没有标明哪个是失败者，所以它就在其中。',
    alike: '其中 {count} 个与本进程大小相近，像是同一任务的各个 rank。',
    ranks: '本机运行多个 rank，此 rank 在 GPU {device} 上失败。',
  },
  ru: {
    title: 'Несколько процессов задачи делят одну карту',
    summary:
      'Ранги, воркеры или тесты одной задачи работают на одной карте; у каждого свой контекст, веса и кэш.',
    headline: 'На этой карте похожих процессов: {count}.',
    worker: 'Сбой в дочернем процессе, у которого на карте свой контекст и своя копия: {place}.',
    'at-load':
      'Ранг распределённой программы читает чекпойнт на ту карту, с которой он сохранён, как делают все ранги без map_location: {place}.',
    listed: 'На карте процессов: {count}, вместе {held}; ни один не назван упавшим.',
    own: 'Ни один не отмечен как упавший, значит, он среди них.',
    alike: 'Из них примерно одного размера с упавшим: {count}, как бывает у рангов одной задачи.',
    ranks: 'На этом хосте несколько рангов, и этот упал на GPU {device}.',
  },
} as const;

export const manyProcessesOnOneGpu: Cause = {
  id: 'many-processes-on-one-gpu',
  code: 'UN228',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['field report: four processes listed, none of them marked as the failing one'],
  assess(c): Assessment | undefined {
    const { total } = c.amounts;
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts)) return undefined;
    const listed = c.facts.filter(({ quantity }) => quantity === 'listed_process');
    const values = listed.flatMap(({ value }) => known(value) ?? []);
    const small = values.filter((value) => share(value, total) >= 0.01);
    if (small.length < 3) return ofWorkers(c) ?? ofRanksAtLoad(c);
    const held = sum(values);
    const alike = likeItself(c);
    const isOneJob = alike >= MANY_ALIKE;
    return {
      strength: c.selfIsMarked && !isOneJob ? 'possible' : 'likely',
      because: [
        say(TEXTS, 'listed', { count: small.length, held }),
        ...(c.selfIsMarked ? [] : [say(TEXTS, 'own')]),
        ...(isOneJob ? [say(TEXTS, 'alike', { count: alike })] : []),
      ],
      against: [],
      weight: isOneJob ? 10 : 9,
      headline: say(TEXTS, 'headline', { count: small.length }),
    };
  },
};

/**
 * A rank that reads a checkpoint to where it was saved, and the driver has not even a context's worth left: all
 * ranks read it to the same card.
 */
function ofRanksAtLoad(c: Case): Assessment | undefined {
  const place = c.shows('rank-entry');
  if (place === undefined || c.shows('read-checkpoint') === undefined) return undefined;
  if (c.format !== 'cuda-error' || c.facts.length > 0) return undefined;
  if (c.shows('mapped-load') !== undefined) return undefined;
  const because = [say(TEXTS, 'at-load', { place: placeText(place) })];
  return { strength: 'possible', because, against: [], weight: 9.5 };
}

/** So many children on one card are many; chosen, no source. */
const MANY_CHILDREN = 4;

/** A child of multiprocessing that puts something on the card: its number says how many there are at least. */
function ofWorkers(c: Case): Assessment | undefined {
  const place = c.shows('worker-process');
  if (place === undefined || !['transfer', 'load', 'init'].includes(c.phase.value))
    return undefined;
  const number = 'text' in place ? Number(/-(\d{1,4}):\s*$/.exec(place.text)?.[1] ?? 0) : 0;
  if (number < MANY_CHILDREN) return undefined;
  const because = [say(TEXTS, 'worker', { place: placeText(place) })];
  return { strength: 'possible', because, against: [], weight: 9 };
}
