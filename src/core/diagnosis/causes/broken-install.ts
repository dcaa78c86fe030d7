/** Libraries that do not fit each other, or a context that is already lost. */
import { say } from '../../base/texts.ts';
import { type Case, isPooled } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A mismatched install, or a fault before it',
    summary:
      'Handles of CUDA libraries fail in the same words when libraries and driver do not fit each other, or after a kernel fault such as a label out of range.',
    headline: 'A library of CUDA could not start: mismatched versions or an earlier fault.',
    message:
      'The library’s handle could not be made; that comes with a full card, with mismatched versions and after an earlier fault.',
    image: 'The program’s kernels were not built for the architecture of this card.',
    'headline-image': 'The program was not built for this card; memory has nothing to do with it.',
    driver: 'The driver is older than the libraries that the program was built with.',
    'headline-driver': 'The driver is too old for this program; memory has nothing to do with it.',
    mismatch: 'The library that was loaded is another version than the program was built with.',
    'headline-mismatch':
      'Two versions of a library do not go together; memory has nothing to do with it.',
    absent:
      'The program finds no device that it could use: what it is refused afterwards follows from that.',
    'headline-absent': 'No device was found; memory has nothing to do with it.',
    busy: 'Every card is taken or does not answer: in exclusive mode a card belongs to the first process, and a fault of the driver or a job without a card looks the same.',
    'headline-busy': 'No card could be had: each is taken, or does not answer.',
    range:
      'A position out of range was announced, and its fault shows in the next call of a library: {place}.',
    tls: 'The loader keeps a small fixed block for variables of threads; libraries that were loaded before have used it up. Preloading this one (LD_PRELOAD), or importing it first, helps.',
    'headline-tls':
      'A library was loaded too late for the loader’s fixed block; no memory is short.',
    other: 'Memory of the card is as usual a reason.',
    layer: 'The builder found no kernel for a layer; this version or this card may not support it.',
  },
  zh: {
    title: '安装不匹配，或之前已有故障',
    summary:
      '库与驱动不匹配，或此前发生 kernel 故障（如标签越界）时，CUDA 库的句柄会以同样的字样失败。',
    headline: 'CUDA 库无法启动：版本不匹配或此前有故障。',
    message: '库的句柄无法创建；显存占满、版本不匹配或此前的故障都会如此。',
    image: '程序的 kernel 没有为这张卡的架构编译。',
    'headline-image': '程序没有为这张卡编译；与显存无关。',
    driver: '驱动比程序所用的库更旧。',
    'headline-driver': '驱动对该程序来说太旧；与显存无关。',
    mismatch: '加载的库与编译程序时所用的版本不同。',
    'headline-mismatch': '库的两个版本不兼容；与显存无关。',
    absent: '程序找不到可用的设备：此后的拒绝都由此而来。',
    'headline-absent': '没有找到设备；与显存无关。',
    busy: '所有卡都被占用或没有响应：独占模式下，卡归第一个进程所有；驱动故障或作业没有分到卡时也是如此。',
    'headline-busy': '拿不到任何一张卡：都被占用，或没有响应。',
    range: '此前已提示索引会越界，故障在下一次调用库时才显现：{place}。',
    tls: '加载器为线程变量保留一小块固定空间，已被先加载的库用完。用 LD_PRELOAD 预加载这个库，或最先导入它，可以解决。',
    'headline-tls': '库加载得太晚，加载器的固定空间已用完；并不缺内存。',
    other: '显存占满同样是常见原因。',
    layer: '构建器没有为某一层找到 kernel；可能该版本或该卡不支持它。',
  },
  ru: {
    title: 'Несовпадающая установка или сбой до этого',
    summary:
      'Дескрипторы библиотек CUDA отказывают теми же словами, если библиотеки и драйвер не подходят друг другу или раньше был сбой ядра, например метка вне границ.',
    headline: 'Библиотека CUDA не запустилась: версии не совпадают или раньше был сбой.',
    message:
      'Дескриптор библиотеки не создан; так бывает при полной карте, несовпадающих версиях и после сбоя ядра.',
    image: 'Ядра программы не собраны для архитектуры этой карты.',
    'headline-image': 'Программа собрана не для этой карты; память ни при чём.',
    driver: 'Драйвер старше библиотек, с которыми собрана программа.',
    'headline-driver': 'Драйвер слишком стар для этой программы; память ни при чём.',
    mismatch: 'Загружена не та версия библиотеки, с которой собрана программа.',
    'headline-mismatch': 'Две версии библиотеки не подходят друг к другу; память ни при чём.',
    absent: 'Программа не находит подходящего устройства; дальнейшие отказы — следствие этого.',
    'headline-absent': 'Устройство не найдено; память ни при чём.',
    busy: 'Все карты заняты или не отвечают: в исключительном режиме карта принадлежит первому процессу; так же выглядят сбой драйвера и задание, которому карты не дали.',
    'headline-busy': 'Ни одной карты не получить: все заняты или не отвечают.',
    range:
      'О позиции вне границ было предупреждение, а её сбой виден в следующем вызове библиотеки: {place}.',
    tls: 'Загрузчик держит для переменных потоков небольшой блок постоянного размера, и его заняли библиотеки, загруженные раньше. Помогает предзагрузка этой библиотеки (LD_PRELOAD) или её импорт первой.',
    'headline-tls':
      'Библиотека загружена слишком поздно: блок загрузчика для переменных потоков уже занят; памяти хватает.',
    other: 'Полная карта — столь же обычная причина.',
    layer: 'Сборщик не нашёл ядра для слоя; возможно, эта версия или карта его не поддерживает.',
  },
} as const;

/** Wordings that name the part that does not go with the others. */
const NAMED = [
  { wording: 'no-kernel-image', says: 'image', strength: 'proven' },
  { wording: 'mismatch', says: 'mismatch', strength: 'likely' },
  { wording: 'old-driver', says: 'driver', strength: 'likely' },
  { wording: 'static-tls', says: 'tls', strength: 'proven' },
  { wording: 'no-device', says: 'absent', strength: 'likely' },
  { wording: 'busy', says: 'busy', strength: 'possible' },
] as const;

export const brokenInstall: Cause = {
  id: 'broken-install',
  code: 'UN246',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'field report: CUBLAS_STATUS_NOT_INITIALIZED from labels out of range; CUBLAS_STATUS_ALLOC_FAILED with mismatched toolkits',
  ],
  assess(c): Assessment | undefined {
    if (c.kind === 'host_oom' || !c.has('may-be-no-memory') || c.has('kernel-fault'))
      return undefined;
    const named = NAMED.find(({ wording }) => wording === c.wording);
    if (named !== undefined) {
      return {
        strength: named.strength,
        because: [say(TEXTS, named.says)],
        against: [],
        weight: 9,
        headline: say(TEXTS, `headline-${named.says}`),
      };
    }
    if (c.kind === 'look_alike' && c.format === 'vllm') return undefined;
    // A label or a position out of range ends in the first call of a library that comes after it.
    const range = c.shows('indices-too-long');
    if (range !== undefined) {
      const because = [say(TEXTS, 'range', { place: placeText(range) })];
      return { strength: 'possible', because, against: [], weight: 9 };
    }
    if (c.kind === 'look_alike') {
      return { strength: 'possible', because: [say(TEXTS, 'message')], against: [], weight: 2 };
    }
    if (c.wording === 'no-tactic') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'layer')],
        against: [say(TEXTS, 'other')],
        weight: 4,
      };
    }
    if (!c.has('library-workspace')) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'other')],
      // Hardly anything free, or memory refused beside it, is the nearer reason. Beside a pool that is taken at start
      // a library that does not fit fails as often as one that is left nothing.
      weight: isShortBeside(c) ? -1 : isPooled(c) ? 8 : 5,
    };
  },
};

const LITTLE = 256 * 2 ** 20;

const isShortBeside = ({ amounts: { free, requested } }: Case): boolean =>
  (free !== undefined && free.high < LITTLE) || requested !== undefined;
