/** Free above requested: WSL and Windows limits, a race, a library’s probing request; never a reason to shrink the batch. */
import { say } from '../../base/texts.ts';
import { hadRoom, isCapped } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Refused although the driver reports room',
    summary:
      'More was free than was asked for, and no cap is printed: another level said no (Windows or WSL, a graph’s pool, MIG or MPS, an unprinted fraction, a race).',
    headline: '{free} was free and {requested} was refused: this is not a full card.',
    room: '{free} was free when {requested} was refused.',
    system:
      'The text shows Windows or WSL, where the driver can refuse before the card is full: {place}.',
    race: 'Which of them it was the message does not say: a race with another process, Windows or WSL, a graph’s pool, unified memory, MIG or MPS, or a memory fraction, which PyTorch 2.1 to 2.5 do not print.',
  },
  zh: {
    title: '驱动报告有空间，却被拒绝',
    summary:
      '空闲多于申请，也没有打印上限：拒绝来自其他层面（Windows 或 WSL、图的内存池、MIG 或 MPS、未打印的比例、竞争）。',
    headline: '空闲 {free}，却拒绝了 {requested}：卡并没有满。',
    room: '拒绝 {requested} 时空闲 {free}。',
    system: '文本显示 Windows 或 WSL，其驱动可能在卡满之前就拒绝：{place}。',
    race: '是其中哪一种，消息没有说明：与其他进程竞争、Windows 或 WSL、图的内存池、统一内存、MIG 或 MPS，或显存比例（PyTorch 2.1 到 2.5 不打印）。',
  },
  ru: {
    title: 'Отказано, хотя драйвер видит место',
    summary:
      'Свободно больше, чем запрошено, и предел не напечатан: отказал другой уровень (Windows или WSL, пул графа, MIG или MPS, ненапечатанная доля, гонка).',
    headline: 'Свободно {free}, а в {requested} отказано: карта не полна.',
    room: 'Когда отказано в {requested}, было свободно {free}.',
    system:
      'В тексте видны Windows или WSL, где драйвер может отказать, пока карта не полна: {place}.',
    race: 'Что именно, сообщение не говорит: гонка с другим процессом, Windows или WSL, пул графа, единая память, MIG или MPS либо доля памяти, которую PyTorch 2.1–2.5 не печатает.',
  },
} as const;

export const refusedThoughFree: Cause = {
  id: 'refused-though-free',
  code: 'UN211',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  domain: 'any',
  category: 'limit',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: free above requested'],
  assess(c): Assessment | undefined {
    const { free, requested } = c.amounts;
    if (c.kind !== 'gpu_oom' || c.backend === 'xpu' || isCapped(c)) return undefined;
    if (free === undefined || requested === undefined || !hadRoom(c.amounts)) return undefined;
    const system = c.shows('wsl') ?? c.shows('windows');
    return {
      strength: 'possible',
      because: [
        say(TEXTS, 'room', { free, requested }),
        ...(system === undefined ? [] : [say(TEXTS, 'system', { place: placeText(system) })]),
      ],
      against: [say(TEXTS, 'race')],
      weight: 8,
      headline: say(TEXTS, 'headline', { free, requested }),
    };
  },
};
