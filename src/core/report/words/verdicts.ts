/** How sure a report is, what kind of failure it was, and what happened around it. */
import type { Words } from '../../base/texts.ts';
import type { Strength } from '../../diagnosis/cause.ts';
import type { IncidentKind } from '../../evidence/reader.ts';
import type { EventKind } from '../../evidence/status.ts';

export const STRENGTH_WORDS: Readonly<Record<Strength, Words>> = {
  proven: { en: 'proven', zh: '已证实', ru: 'доказано' },
  likely: { en: 'likely', zh: '很可能', ru: 'вероятно' },
  possible: { en: 'possible', zh: '有可能', ru: 'возможно' },
};

export const KIND_WORDS: Readonly<Record<IncidentKind, Words>> = {
  gpu_oom: { en: 'out of GPU memory', zh: '显存不足', ru: 'нехватка памяти GPU' },
  host_oom: { en: 'out of host memory', zh: '主机内存不足', ru: 'нехватка памяти хоста' },
  look_alike: { en: 'look-alike', zh: '貌似显存不足', ru: 'похожая ошибка' },
};

export const EVENT_WORDS: Readonly<Record<EventKind, Words>> = {
  exit: { en: 'exit', zh: '退出', ru: 'завершился' },
  'killed-for-memory': {
    en: 'killed for memory',
    zh: '因内存不足被终止',
    ru: 'завершён из-за нехватки памяти',
  },
  killed: { en: 'killed', zh: '被终止', ru: 'принудительно завершён' },
  timeout: { en: 'timeout', zh: '超时', ru: 'тайм-аут' },
  'peer-lost': { en: 'peer lost', zh: '对端断开', ru: 'потеряна связь с другим процессом' },
  'driver-fault': { en: 'driver fault', zh: '驱动报告故障', ru: 'драйвер сообщил о сбое' },
  'driver-unreachable': {
    en: 'driver unreachable',
    zh: '无法连接驱动',
    ru: 'драйвер недоступен',
  },
  'allocation-retries': {
    en: 'allocation retries',
    zh: '分配重试',
    ru: 'повторные попытки выделения',
  },
  'counted-failures': {
    en: 'counted failures',
    zh: '失败计数',
    ru: 'счётчик отказов',
  },
  'readings-rise': { en: 'ever more memory', zh: '内存占用持续上升', ru: 'памяти всё больше' },
  'host-readings-rise': {
    en: 'ever more host memory',
    zh: '主机内存持续上升',
    ru: 'памяти хоста всё больше',
  },
  'turns-slow': { en: 'ever slower', zh: '越来越慢', ru: 'всё медленнее' },
  restart: { en: 'restart', zh: '重启', ru: 'перезапуск' },
};
