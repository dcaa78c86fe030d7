/** CPU and GPU share one memory: what the system uses is missing on the GPU. */

import { say } from '../../base/texts.ts';
import { isAbsurd } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'CPU and GPU share one memory',
    summary:
      'On machines with unified memory the page cache, other programs and the system take from what the GPU has.',
    headline: 'CPU and GPU share their memory here: the system’s own use counts too.',
    named: 'The text names a machine with unified memory: {place}.',
    cache:
      'What is free for CUDA there is what the system calls free: the page cache counts as used.',
  },
  zh: {
    title: 'CPU 和 GPU 共用内存',
    summary: '在统一内存的机器上，页缓存、其他程序和系统都会占用 GPU 可用的部分。',
    headline: '这里 CPU 和 GPU 共用内存：系统自身的占用也要计入。',
    named: '文本提到了统一内存的机器：{place}。',
    cache: '在这种机器上，CUDA 的空闲就是系统的空闲：页缓存算作已用。',
  },
  ru: {
    title: 'CPU и GPU делят одну память',
    summary:
      'На машинах с единой памятью кэш страниц, другие программы и система отнимают от того, что есть у GPU.',
    headline: 'CPU и GPU здесь делят память: считается и то, что занимает система.',
    named: 'В тексте названа машина с единой памятью: {place}.',
    cache: 'Свободное для CUDA там — это свободное у системы: кэш страниц считается занятым.',
  },
} as const;

export const unifiedMemory: Cause = {
  id: 'unified-memory',
  code: 'UN240',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['field report: on GB10 and Grace CUDA’s free equals MemFree'],
  assess(c): Assessment | undefined {
    const place = c.shows('unified-memory');
    if (c.kind !== 'gpu_oom' || isAbsurd(c)) return undefined;
    // The driver of a board that has one memory for all.
    const isOfBoard = c.format === 'nvidia-driver' && c.frameworks.includes('jetson');
    if (place === undefined && isOfBoard)
      return { strength: 'possible', because: [say(TEXTS, 'cache')], against: [], weight: 7 };
    if (place === undefined) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'named', { place: placeText(place) }), say(TEXTS, 'cache')],
      against: [],
      weight: 7,
    };
  },
};
