/**
 * What evidence points to that holds no failure: a table of processes, start-up lines, a traceback
 * without its last line. Somebody shows it because a run ran short of memory, so causes are named, but
 * never as more than possible: nothing here says that memory was what it died of.
 */
import { bound, known } from '../base/interval.ts';
import { PHASES, type Phase } from '../base/phase.ts';
import { enumerated, say } from '../base/texts.ts';
import type { ToldTopic } from '../evidence/account.ts';
import type { BrokenOff } from '../evidence/ending.ts';
import { isOfLimit, isRefusal } from '../evidence/refusal.ts';
import type { Sign } from '../evidence/signs.ts';
import type { UnreadFailure } from '../evidence/unread.ts';
import { valueIn } from '../ledger/observe.ts';
import { cardsOf, crowdedCard } from './cards.ts';
import type { Cause } from './cause.ts';
import { eventsOf } from './events.ts';
import type { WeighedFinding } from './finding.ts';
import type { Observed } from './observed.ts';
import { placeText } from './place.ts';
import { growthIn, hostGrowthIn } from './series.ts';
import { KERNEL_LOG, type Request } from './settle.ts';
import { isWeak, type Suspect, suspectOf, suspectsBeside } from './topics.ts';
import type { WeighedCause } from './weigh.ts';

const TEXTS = {
  en: {
    crowd:
      '{card} also lists processes that belong to other cards or hold little more than a context: {pids}.',
    holder: '{used} of {card} is in use, and the text does not show by whom.',
    peaks:
      'Beside {live} of live tensors {cache} is kept as cache: within a step at least that much was in use.',
    'host-full':
      'The last thing the log tells of the host is that {percent} % of its memory was in use.',
    layers: 'Only {on} of {all} layers were to go on the card.',
    'ends-loading': 'The text ends while weights are being read.',
    'ends-interrupt':
      'The text ends in ^C, which notebooks print also for a process that was ended from outside.',
    'ends-running':
      'The text ends in the middle of its work, without an error: a full card raises one, a process that is gone without a word was mostly ended for the machine’s memory.',
    'host-call': 'The traceback breaks off where memory of the machine is asked for: {place}.',
    rising: 'What the program prints of its memory rose from {from} to {to} over {count} readings.',
    readings:
      'What the program prints of its memory only goes one way: “{says}” over {count} readings.',
    'host-few': 'Of the {total} of memory that the machine has {free} is available.',
    'host-rising':
      'The memory of the machine in use rose from {from} to {to} over {count} readings.',
    summary: 'The summary counts a failure, with {live} allocated of {held} held.',
    'broken-off': 'The traceback breaks off {phase}, before the line that says what failed.',
    'broken-at': 'The traceback breaks off at {place}.',
    killed: 'Line {line} tells of a kill (“killed”, signal 9, exit code 137).',
    told: 'Line {line} says that memory ran out: “{text}”.',
    unread: 'Line {line} tells of a failure without its reason: “{text}”.',
    'no-form': 'No form of it is known as a failure.',
    'no-failure': 'Nothing in the text says that memory ran out.',
    last: 'the last lines of the log, with the error itself',
    'last-settles': 'whether memory ran out at all, and on which figures',
  },
  zh: {
    crowd: '{card} 上还列有属于其他卡、或只占一个上下文大小的进程：{pids}。',
    holder: '{card} 已用 {used}，文本没有显示被谁占用。',
    peaks: '活动张量只有 {live}，缓存却保留了 {cache}：某一步之内至少用到过这么多。',
    'host-full': '关于主机，日志最后一条给出的是内存已用 {percent} %。',
    layers: '{all} 层中只有 {on} 层计划放到显卡上。',
    'ends-loading': '文本在读取权重时中断。',
    'ends-interrupt': '文本以 ^C 结束；进程被外部终止时，笔记本也会打印它。',
    'ends-running':
      '文本在工作中途结束，没有报错：显存满会报错，而一声不响就消失的进程多半是因主机内存不足被终止。',
    'host-call': 'traceback 中断在申请主机内存的地方：{place}。',
    rising: '程序打印的显存在 {count} 次读数中从 {from} 升到 {to}。',
    readings: '程序打印的内存只朝一个方向变化：{count} 次读数，“{says}”。',
    'host-few': '机器内存共 {total}，可用的只有 {free}。',
    'host-rising': '机器已用内存在 {count} 次读数中从 {from} 升到 {to}。',
    summary: '摘要中记有失败；持有 {held}，其中已分配 {live}。',
    'broken-off': 'traceback 在{phase}中断，缺少说明失败原因的那一行。',
    'broken-at': 'traceback 中断处为：{place}。',
    killed: '第 {line} 行说明有程序被杀死（killed、信号 9 或退出码 137）。',
    told: '第 {line} 行说内存或显存耗尽：“{text}”。',
    unread: '第 {line} 行说有失败，但没有说原因：“{text}”。',
    'no-form': '它不是已知的失败形式。',
    'no-failure': '文本中没有内容说明内存或显存耗尽。',
    last: '日志的最后几行，包括错误本身',
    'last-settles': '内存或显存是否真的耗尽，以及当时的数字',
  },
  ru: {
    crowd: 'На {card} есть и процессы других карт или занявшие немногим больше контекста: {pids}.',
    holder: '{card}: занято {used}, и кем — из текста не видно.',
    peaks:
      'При {live} живых тензоров в кэше остаётся {cache}: внутри шага бывало занято не меньше.',
    'host-full': 'Последнее, что лог сообщает о хосте: занято {percent} % его памяти.',
    layers: 'На карту предполагалось поместить лишь часть слоёв: {on} из {all}.',
    'ends-loading': 'Текст обрывается, пока читаются веса.',
    'ends-interrupt':
      'Текст обрывается на ^C — его блокноты печатают и для процесса, завершённого извне.',
    'ends-running':
      'Текст обрывается посреди работы, без ошибки: полная карта вызывает ошибку, а процесс, исчезнувший молча, чаще всего завершён из-за памяти машины.',
    'host-call': 'Traceback обрывается там, где запрашивается память машины: {place}.',
    rising: 'Память, которую печатает программа, выросла с {from} до {to} (показаний: {count}).',
    readings:
      'Показания памяти, которые печатает программа, меняются только в одну сторону: «{says}» (показаний: {count}).',
    'host-few': 'Из {total} памяти машины доступно {free}.',
    'host-rising': 'Занятая память машины выросла с {from} до {to} (показаний: {count}).',
    summary: 'В сводке отмечен отказ; удерживалось {held}, из них выделено {live}.',
    'broken-off': 'Traceback обрывается {phase}, до строки о том, что именно не удалось.',
    'broken-at': 'Traceback обрывается здесь: {place}.',
    killed: 'В строке {line} речь об убитом процессе (killed, сигнал 9, код выхода 137).',
    told: 'В строке {line} сказано, что памяти не хватило: «{text}».',
    unread: 'В строке {line} сказано о сбое без его причины: «{text}».',
    'no-form': 'Такая форма сообщения о сбое не известна.',
    'no-failure': 'Ничто в тексте не говорит о нехватке памяти.',
    last: 'последние строки лога вместе с самой ошибкой',
    'last-settles': 'была ли вообще нехватка памяти и при каких цифрах',
  },
} as const;

/** All that is known where nothing failed. */
export interface Quiet {
  readonly observed: readonly Observed[];
  readonly findings: readonly WeighedFinding[];
  readonly brokenOff?: BrokenOff;
  /** A failure in no form that is known. */
  readonly unread?: UnreadFailure;
  /** The line that says that something was killed. */
  readonly killedAt?: number;
  /** A sentence that says that memory ran out, in no form of a failure. */
  readonly told?: { readonly line: number; readonly text: string };
  /** What a report speaks of in words. */
  readonly topics: readonly ToldTopic[];
  /** Memory, and something wrong with it, is spoken of. */
  readonly isOfMemory: boolean;
}

export interface Suspicion {
  /** The line that says that memory ran out, in words that no reader takes. */
  readonly told?: number;
  readonly causes: readonly WeighedCause[];
  readonly requests: readonly Request[];
}

/** What findings speak of, as causes. */
const OF_FINDINGS: Readonly<Record<string, string>> = {
  'hidden-holder': 'hidden-holder',
  'left-over-process': 'neighbour-process',
  'process-holds-card': 'neighbour-process',
  'memory-growth': 'growth-over-steps',
};

/** What a run usually dies of in a phase, the most usual first. */
const OF_PHASES: Partial<Readonly<Record<Phase, readonly string[]>>> = {
  load: ['model-does-not-fit', 'neighbour-process', 'host-ram-exhausted'],
  init: ['model-does-not-fit', 'neighbour-process', 'host-ram-exhausted'],
  transfer: ['model-does-not-fit', 'neighbour-process', 'activations-too-large'],
  forward: ['activations-too-large', 'kernel-fault', 'growth-over-steps'],
  backward: ['activations-too-large', 'growth-over-steps', 'kernel-fault'],
  optimizer: ['optimizer-states-do-not-fit', 'model-does-not-fit', 'activations-too-large'],
  eval: ['activations-too-large', 'autograd-in-eval', 'eval-accumulation'],
  generate: ['kv-cache-too-large', 'activations-too-large', 'model-does-not-fit'],
  prefill: ['kv-cache-too-large', 'activations-too-large'],
  kv_alloc: ['kv-cache-too-large', 'engine-reservation-too-low', 'model-does-not-fit'],
  capture: ['cuda-graphs-private-pools', 'engine-reservation-too-high'],
  save: ['full-state-gather-on-save', 'activations-too-large'],
};

/** The same of a traceback that tells no phase: one's own functions alone. */
const OF_ANY_PHASE = ['activations-too-large', 'worker-crashed', 'host-ram-exhausted'];

/** What the innermost frames of a broken-off traceback were about, what settles most first. */
const OF_SIGNS: readonly { readonly sign: Sign; readonly cause: string }[] = [
  { sign: 'pool-at-start', cause: 'engine-reservation-too-high' },
  { sign: 'engine-wakes', cause: 'engine-reservation-too-high' },
  { sign: 'eval-outputs', cause: 'eval-accumulation' },
  { sign: 'full-state-gather', cause: 'full-state-gather-on-save' },
  { sign: 'dense-matrix', cause: 'data-does-not-fit' },
  { sign: 'whole-data', cause: 'data-does-not-fit' },
  { sign: 'pinning', cause: 'pinned-memory' },
  { sign: 'copy-of-model', cause: 'model-does-not-fit' },
  { sign: 'reference-model', cause: 'model-does-not-fit' },
  { sign: 'optimizer-states', cause: 'optimizer-states-do-not-fit' },
  { sign: 'load-optimizer-states', cause: 'optimizer-states-do-not-fit' },
  { sign: 'volatile-ignored', cause: 'autograd-in-eval' },
  { sign: 'kept-outputs', cause: 'growth-over-steps' },
  { sign: 'repeated-run', cause: 'growth-over-steps' },
  { sign: 'optimizer-set-up', cause: 'optimizer-states-do-not-fit' },
  { sign: 'attention-scores', cause: 'quadratic-attention' },
  { sign: 'logits', cause: 'logits-spike' },
  { sign: 'vae', cause: 'vae-decode' },
];

/** What a sentence speaks of beside the shortage, and what is usual then; the first that matches. */
const OF_WORDS: readonly { readonly words: RegExp; readonly causes: readonly string[] }[] = [
  // An engine that counts the slots of its cache found a few too many or too few.
  {
    words: /kv_pool\w{0,12} memory leak detected/i,
    causes: ['worker-crashed', 'growth-over-steps', 'kv-cache-too-large'],
  },
  {
    words:
      /\bleak|\b(?:grow|increas|ris)(?:s|es|ing)\b|泄[漏露]|一直增|持续增|逐渐增|утечк|растёт/i,
    causes: ['growth-over-steps', 'activations-too-large'],
  },
  // A size below zero is one that went past the end of its integer.
  {
    words: /alloc\w{0,8}\D{0,20}(?<![\w.])(?:-\d{5,19}|1844674\d{13})\b/i,
    causes: ['corrupt-size', 'host-ram-exhausted', 'activations-too-large'],
  },
  {
    words: /work ?space|\bworking memory\b/i,
    causes: ['workspace-outside-the-allocator', 'activations-too-large'],
  },
  {
    words: /\bKV cache\b/i,
    causes: ['kv-cache-too-large', 'engine-reservation-too-low'],
  },
  {
    words: /rematerialization/i,
    causes: ['activations-too-large', 'model-does-not-fit'],
  },
  // What an NPU may have is set aside when the system starts.
  {
    words: /\bnpu\b/i,
    causes: ['memory-cap', 'model-does-not-fit', 'host-ram-exhausted'],
  },
  {
    words: /\boptimi[sz](?:ation|er)\b|optimizer[ _.]step/i,
    causes: ['optimizer-states-do-not-fit', 'activations-too-large', 'model-does-not-fit'],
  },
  // Frames of a picture that is drawn again and again.
  {
    words: /OutOfMemory\(Device\)|\bwgpu\b|\bGL_OUT_OF_MEMORY\b/,
    causes: ['activations-too-large', 'growth-over-steps', 'model-does-not-fit'],
  },
  { words: /\bVAE\b/i, causes: ['vae-decode', 'model-does-not-fit'] },
  {
    words: /\bvalidat|\beval|\btesting\b|验证|评估|валидац|оценк/i,
    causes: ['autograd-in-eval', 'activations-too-large', 'eval-accumulation'],
  },
  {
    words: /\bresum|\brestor|\bcheckpoint(?!ing\b)|断点|恢复训练|возобновл|чекпойнт/i,
    causes: ['duplicate-state-on-load', 'activations-too-large'],
  },
  {
    words: /\bload(?:s|ed|ing)?\b|加载|загрузк|загружа/i,
    causes: ['model-does-not-fit', 'neighbour-process'],
  },
];

/** What a bare sentence about memory most often comes to. */
const OF_NO_WORDS = ['activations-too-large', 'model-does-not-fit', 'host-ram-exhausted'];
/** The same where the memory of a device is named. */
const OF_A_DEVICE = ['activations-too-large', 'model-does-not-fit', 'neighbour-process'];
/** The same where an allocator of the machine speaks. */
const OF_A_MACHINE = ['host-ram-exhausted', 'activations-too-large', 'memory-cap'];

const NAMES_A_DEVICE =
  /gpu|cuda|vram|device|\bvideo (?:mem|ram|card)|\bhip|vulkan|\bmetal\b|webgl|opencl|\bdrm\b|npu|显存|видео/i;
/** Calls and codes of OpenCL. */
const OF_OPENCL = /\bcl[A-Z]\w|\bCL_[A-Z]/;
const NAMES_AN_ALLOCATOR =
  /\b(?:halide_)?(?:m|re|c)alloc\b|\bALLOCATE: \d|\bmemory allocation failed on (?:processor|node|rank)\b|\ballocate memory for image\b|\bLU factori[sz]ation\b/i;

/** A limit was reached: of a program, a container, a user. */
const OF_A_LIMIT = ['memory-cap', 'host-ram-exhausted', 'activations-too-large'];

/** The bare words, which people use of cards as well. */
const SAYS_NO_MORE = /\bout[ -]of[ -]memory\b|\bbuffer of size\b/i;

function usualOf(text: string): readonly string[] {
  const isOfDevice = NAMES_A_DEVICE.test(text) || OF_OPENCL.test(text);
  if (isOfDevice) return OF_A_DEVICE;
  if (isOfLimit(text)) return OF_A_LIMIT;
  // A program that puts it in its own words, and names no device, has asked the machine.
  return NAMES_AN_ALLOCATOR.test(text) || (isRefusal(text) && !SAYS_NO_MORE.test(text))
    ? OF_A_MACHINE
    : OF_NO_WORDS;
}

/** A card of which so much is in use has somebody on it. */
const MUCH_IN_USE = 0.5;
/** From here on little is missing until the kernel ends somebody. */
const FULL_HOST = 90;
/** Of the machine's memory: less is what the kernel keeps back at the end; assumed. */
const FEW = 0.02;
/** So many times the live tensors in cache: that much came and went within a step. */
const MUCH_CACHE = 2;

/** What is as often behind the same words, where they name less than there is room for. */
const AS_OFTEN: Readonly<Record<string, readonly string[]>> = {
  'host-ram-exhausted': ['worker-crashed', 'model-does-not-fit'],
  'shared-memory-segment': ['worker-crashed', 'host-ram-exhausted'],
  'corrupt-size': ['broken-install', 'memory-cap'],
  'model-does-not-fit': ['neighbour-process', 'host-ram-exhausted', 'memory-cap'],
  'kv-cache-too-large': ['model-does-not-fit', 'engine-reservation-too-low'],
  'data-does-not-fit': ['activations-too-large', 'host-ram-exhausted'],
};

type Rule = (quiet: Quiet) => readonly Suspect[];

/** A log that tells how full the machine was, and it was not, speaks against a process that is gone for it. */
const isSpared = ({ brokenOff, observed }: Quiet): boolean =>
  brokenOff?.ends === 'running' &&
  observed.some(({ sighted: { counts } }) => counts?.host_percent !== undefined);

function ofEnding(quiet: Quiet): Suspect[] {
  const { brokenOff } = quiet;
  if (brokenOff === undefined) return [];
  const shown = OF_SIGNS.flatMap(({ sign, cause }): Suspect[] => {
    const place = brokenOff.signs.get(sign);
    const because = place && say(TEXTS, 'broken-at', { place: placeText(place) });
    return because === undefined ? [] : [{ cause, because }];
  });
  const usual = isSpared(quiet) ? [] : ofPhase(brokenOff).slice(0, 1);
  return [...shown, ...ofInnermost(brokenOff), ...usual];
}

const ofTopics: Rule = ({ topics }) => topics.filter((one) => !isWeak(one)).map(suspectOf);

const ofKill: Rule = ({ killedAt: line }) =>
  line === undefined
    ? []
    : [{ cause: 'host-ram-exhausted', because: say(TEXTS, 'killed', { line }) }];

/** What rests on words or on the end of a text, and not on figures. */
const WORDS: readonly Rule[] = [ofEnding, ofTopics, ofKill];

const RULES: readonly Rule[] = [
  ({ observed }) => {
    const crowd = crowdedCard(observed);
    if (crowd === undefined) return [];
    const pids = enumerated(crowd.pids.map(String));
    return [{ cause: 'rank-imbalance', because: say(TEXTS, 'crowd', { card: crowd.name, pids }) }];
  },
  ({ observed }) =>
    growthIn(observed).flatMap(({ from, to, count }) => {
      const rose = { from: { size: from }, to: { size: to }, count: count + 1 };
      const because = say(TEXTS, 'rising', rose);
      return ['growth-over-steps', 'activations-too-large'].map((cause) => ({ cause, because }));
    }),
  // The same in a program's own words; a machine's memory ends programs without a word.
  ({ observed }) =>
    eventsOf(observed, ['readings-rise', 'host-readings-rise']).flatMap(({ event }) => {
      const { kind, says, count = 0 } = event;
      const because = say(TEXTS, 'readings', { says, count });
      const all = ['growth-over-steps', 'host-ram-exhausted'];
      return all
        .slice(0, kind === 'readings-rise' ? 1 : 2)
        .map((cause): Suspect => ({ cause, because }));
    }),
  // What grows may be the program's own data, or what other programs of the machine take.
  ({ observed }) =>
    hostGrowthIn(observed).flatMap(({ from, to, count }) => {
      const rose = { from: { size: from }, to: { size: to }, count: count + 1 };
      const because = say(TEXTS, 'host-rising', rose);
      return ['growth-over-steps', 'host-ram-exhausted'].map((cause) => ({ cause, because }));
    }),
  // The machine as it was: next to nothing left for anybody.
  ({ observed }) =>
    observed.flatMap(({ sighted: { facts = [], label } }) => {
      const [total, free] = [valueIn(facts, 'host_total'), valueIn(facts, 'host_free')];
      if (label !== undefined || total === undefined || free === undefined) return [];
      if (free.mid >= FEW * total.mid) return [];
      const because = say(TEXTS, 'host-few', { total, free });
      return ['host-ram-exhausted', 'growth-over-steps'].map((cause) => ({ cause, because }));
    }),
  // A summary after a failure: much idle, or nothing idle at all.
  ({ observed }) => ofSummary(observed),
  ({ findings }) =>
    findings.flatMap(({ rule, headline }) => {
      const cause = OF_FINDINGS[rule.id];
      return cause === undefined ? [] : [{ cause, because: headline }];
    }),
  ({ observed }) =>
    cardsOf(observed).flatMap(({ card, name }) => {
      const total = known(card.total?.bytes);
      const free = known(card.free?.bytes);
      // Some list what is free, and not what is in use.
      const rest = total && free && bound(Math.max(0, total.mid - free.mid));
      const used = known(card.used?.bytes) ?? rest;
      const isHeld =
        used !== undefined &&
        total !== undefined &&
        card.listed === 'none' &&
        used.mid >= MUCH_IN_USE * total.mid;
      return isHeld
        ? [{ cause: 'neighbour-process', because: say(TEXTS, 'holder', { used, card: name }) }]
        : [];
    }),
  ({ observed }) =>
    observed.flatMap(({ sighted: { facts = [] } }) => {
      const figure = (quantity: string) =>
        known(facts.find((fact) => fact.quantity === quantity)?.value);
      const live = figure('allocated');
      const cache = figure('reserved_unallocated');
      const isMuch = live && cache && cache.mid >= MUCH_CACHE * live.mid;
      return isMuch
        ? [{ cause: 'activations-too-large', because: say(TEXTS, 'peaks', { live, cache }) }]
        : [];
    }),
  ({ observed }) =>
    observed.flatMap(({ sighted: { counts } }) => {
      const { gpu_layers: on, layers: all } = counts ?? {};
      if (on === undefined || all === undefined || on >= all) return [];
      const because = say(TEXTS, 'layers', { on, all });
      // What is kept for the conversation takes the room of layers.
      return ['model-does-not-fit', 'kv-cache-too-large'].map((cause) => ({ cause, because }));
    }),
  ({ observed }) => {
    const percent = observed
      .flatMap(({ sighted: { counts } }) => counts?.host_percent ?? [])
      .at(-1);
    if (percent === undefined || percent < FULL_HOST) return [];
    return [{ cause: 'host-ram-exhausted', because: say(TEXTS, 'host-full', { percent }) }];
  },
  ofEnding,
  ofTopics,
  // A full card never kills, so this goes before what the words of a shortage usually come to.
  ofKill,
  ({ told, topics }) => {
    const weak = [...topics.filter(isWeak).map(suspectOf), ...topics.flatMap(suspectsBeside)];
    // Where the same line speaks of the machine's memory, that is what it says.
    const isOfHost = topics.some(({ topic, line }) => topic === 'host-ram' && line === told?.line);
    if (told === undefined || isOfHost) return weak;
    const because = say(TEXTS, 'told', { line: told.line, text: told.text });
    const named = OF_WORDS.find(({ words }) => words.test(told.text))?.causes;
    const suspects = (named ?? usualOf(told.text)).map((cause): Suspect => ({ cause, because }));
    return named === undefined ? [...weak, ...suspects] : [...suspects, ...weak];
  },
  // What else is usual there, where nothing else is told.
  (quiet) => {
    const { brokenOff } = quiet;
    if (brokenOff === undefined || isSpared(quiet)) return [];
    const usual = ofPhase(brokenOff);
    if (usual.length > 0 || brokenOff.computes !== true) return usual;
    const because = say(TEXTS, 'broken-off', { phase: PHASES[brokenOff.phase] });
    return OF_ANY_PHASE.map((cause): Suspect => ({ cause, because }));
  },
  (quiet) => {
    const [first] = WORDS.flatMap((rule) => rule(quiet));
    const { cause, because } = first ?? {};
    if (cause === undefined || because === undefined) return ofUnread(quiet);
    return (AS_OFTEN[cause] ?? []).map((other): Suspect => ({ cause: other, because }));
  },
];

/** A failure that does not say of what: as a rule no shortage, then what ends programs without a word. */
function ofUnread({ unread, told, topics, findings }: Quiet): Suspect[] {
  if (unread === undefined || told !== undefined || topics.length + findings.length > 0) return [];
  const { line, text, isLoading } = unread;
  const because = say(TEXTS, 'unread', { line, text });
  const work = isLoading ? 'model-does-not-fit' : 'activations-too-large';
  return ['worker-crashed', 'host-ram-exhausted', work].map((cause) => ({ cause, because }));
}

/** Of what the allocator held: from here on what is idle is more than work leaves behind. */
const MUCH_IDLE = 0.3;

function ofSummary(observed: readonly Observed[]): Suspect[] {
  return observed.flatMap(({ sighted: { format, facts = [], events = [] } }) => {
    const hasFailed = events.some(({ kind }) => kind === 'counted-failures');
    const [live, held] = [valueIn(facts, 'allocated'), valueIn(facts, 'reserved')];
    if (format !== 'torch-memory-summary' || !hasFailed || !live || !held) return [];
    const because = say(TEXTS, 'summary', { live, held });
    const isIdle = held.mid - live.mid >= MUCH_IDLE * held.mid;
    const causes = isIdle
      ? ['fragmentation', 'activations-too-large']
      : ['activations-too-large', 'model-does-not-fit', 'growth-over-steps'];
    return causes.map((cause) => ({ cause, because }));
  });
}

/** Calls that take memory of the machine, whatever the program computes on. */
const HOST_CODE =
  /\bos\.fork\(|\b(?:np|numpy)\.(?:zeros|empty|ones|full|concatenate|stack|vstack|hstack|asarray|array|load|fromfile|tile|repeat|copy|pad|memmap|append|loadtxt|genfromtxt)\w{0,5}\(|\bpd\.(?:read_\w{2,12}|concat|merge|DataFrame)\(|\bpickle\.(?:dump|load)s?\(|\btorch\.(?:tensor|FloatTensor|LongTensor|from_numpy)\((?!.{0,80}(?:cuda|device))|\b_?error_if_any_worker_fails\(|\braise ProcessExitedException|\b(?:im2col|col2im|conv_?\dd?|forward|backward)_cpu\b|\bcollate_fn\(|\bdefault_collate\(|\bcv2\.(?:imread|resize|copyMakeBorder)\(|\bImage\.open\(|\.(?:toarray|todense|to_numpy|tolist)\(\)/;
const HOST_FILE =
  /[\\/](?:numpy|pandas|scipy|sklearn|skimage|PIL|h5py|pyarrow|nibabel|SimpleITK|pickle|multiprocessing[\\/](?:popen_\w{2,20}|heap|shared_memory|reduction)|torch[\\/]multiprocessing[\\/]spawn)(?:[\\/]|\.py$)/;

/** Files of a library that asks for memory of the device by itself. */
const OF_FILES: readonly { readonly file: RegExp; readonly causes: readonly string[] }[] = [
  {
    file: /\bcupy[\\/](?:cuda[\\/]memory|core[\\/]core|_core[\\/]core)\.pyx$/,
    causes: ['activations-too-large', 'data-does-not-fit', 'neighbour-process'],
  },
  {
    file: /\btensorflow[\\/]python[\\/](?:client[\\/]session|eager[\\/](?:execute|function))\.py$/,
    causes: ['activations-too-large', 'framework-preallocation', 'model-does-not-fit'],
  },
  {
    file: /\bcupy[\\/]cuda[\\/]cu(?:fft|blas|solver|dnn)\.pyx$/,
    causes: ['workspace-outside-the-allocator', 'activations-too-large'],
  },
];

function ofInnermost({ innermost }: BrokenOff): Suspect[] {
  if (innermost === undefined) return [];
  // The first bytes of a file are read: what is no checkpoint fails there.
  const isNoFile = /\bmagic_number = pickle_module\.load\(/.test(innermost.code ?? '');
  const device = isNoFile
    ? ['broken-install', 'host-ram-exhausted']
    : OF_FILES.find(({ file }) => file.test(innermost.file))?.causes;
  const place = placeText({ frame: innermost });
  if (device !== undefined) {
    const at = say(TEXTS, 'broken-at', { place });
    return device.map((cause) => ({ cause, because: at }));
  }
  const isOfHost = HOST_CODE.test(innermost.code ?? '') || HOST_FILE.test(innermost.file);
  const because = say(TEXTS, 'host-call', { place });
  return isOfHost ? [{ cause: 'host-ram-exhausted', because }] : [];
}

function ofPhase({ phase: value, ends }: BrokenOff): Suspect[] {
  // A full card raises an error; a process that is gone without one was ended for the machine's memory.
  if (ends !== undefined) {
    const because = say(TEXTS, `ends-${ends}`);
    const work = value === 'unknown' ? 'activations-too-large' : 'model-does-not-fit';
    const usual =
      ends === 'running'
        ? ['host-ram-exhausted', work]
        : ['host-ram-exhausted', 'model-does-not-fit'];
    return usual.map((cause) => ({ cause, because }));
  }
  const because = say(TEXTS, 'broken-off', { phase: PHASES[value] });
  return (OF_PHASES[value] ?? []).map((cause) => ({ cause, because }));
}

/** Causes named at most. */
const MOST = 3;

/** Causes that the evidence points to although nothing in it failed, and what would settle it. */
export function suspicionOf(quiet: Quiet, causes: readonly Cause[]): Suspicion {
  const named = new Map<string, WeighedCause>();
  const hasFailed = ofSummary(quiet.observed).length > 0;
  for (const { cause: id, because } of RULES.flatMap((rule) => rule(quiet))) {
    const cause = causes.find((one) => one.id === id);
    if (cause === undefined || named.has(id) || named.size >= MOST) continue;
    named.set(id, {
      cause,
      strength: 'possible',
      because: [because],
      against: hasFailed ? [] : [say(TEXTS, quiet.told === undefined ? 'no-failure' : 'no-form')],
      weight: 0,
    });
  }
  // A traceback that breaks off says more at its end than a kernel does.
  const isCut = quiet.brokenOff !== undefined && quiet.brokenOff.ends === undefined;
  const both = isCut ? [LAST_LINES, KERNEL_LOG] : [KERNEL_LOG, LAST_LINES];
  const requests = named.has('host-ram-exhausted') ? both : [LAST_LINES];
  // What shows no failure says nothing against one: a log can end elsewhere, a table be of another moment.
  const isSilent = quiet.findings.length === 0;
  const isOpen = named.size > 0 || quiet.isOfMemory || quiet.brokenOff !== undefined || isSilent;
  return {
    causes: [...named.values()],
    requests: isOpen ? requests : [],
    ...(quiet.told !== undefined && { told: quiet.told.line }),
  };
}

const LAST_LINES: Request = {
  what: say(TEXTS, 'last'),
  command: 'python train.py 2>&1 | tee train.log; unoom diagnose train.log',
  settles: say(TEXTS, 'last-settles'),
};
