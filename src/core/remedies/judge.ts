/**
 * Judges every remedy against a case: a step with an upper bound, a step that is not enough alone,
 * or a dead end. A message knows only the request that failed, so a bound is all that it allows;
 * "fits" needs a model.
 */
import { add, atLeastZero, bound, type Interval, known, subtract, ZERO } from '../base/interval.ts';
import { type Content, contentWords, type Phase } from '../base/phase.ts';
import { compareText, enumerated, type Statement, say } from '../base/texts.ts';
import { type Family, isBefore } from '../base/unit.ts';
import { isUnknown, type Unknown, unknown } from '../base/unknown.ts';
import { triedInVain } from '../catalog/shares.ts';
import { type Case, growthOfRun, share, smallShare } from '../diagnosis/case.ts';
import { placeText } from '../diagnosis/place.ts';
import { type Atom, type Basis, headroom, upperBound } from '../ledger/ledger.ts';
import type { Replayed } from '../ledger/recorded.ts';
import { isMade, type Written, writeChange } from '../workload/dialect.ts';
import { CATEGORIES, changesIn, type Remedy, writtenChanges } from './remedy.ts';

/** One change, as diagnosis and plan both print it. */
export interface Step {
  readonly remedy: Remedy;
  /** at_most: an upper bound from the ledger. saves, fits: only from a model. */
  readonly claim: 'at_most' | 'saves' | 'fits';
  /** For at_most only the upper end is claimed. */
  readonly bytes: Interval | Unknown;
  readonly basis: Basis;
  /**
   * Whether it could serve the request that failed; the run's later peaks are another matter.
   * yes: a replay of the recording served it. barely: it could, but a second request of that size would
   * fail again.
   */
  readonly serves_request: 'yes' | 'possibly' | 'barely' | 'no' | 'unknown';
  readonly because: Statement;
  /** The change in the words of the frameworks that are there. */
  readonly changes: readonly Pick<Written, 'code'>[];
  /** Where it does harm, as far as it bears on this case. */
  readonly cautions: readonly Statement[];
}

/** A step before it is written down for the case's frameworks. */
type Bare = Omit<Step, 'changes' | 'cautions'>;

export interface DeadEnd {
  readonly remedy: Remedy;
  readonly why: Statement;
  readonly at_most: Interval;
}

export interface Judgement {
  readonly steps: readonly Step[];
  readonly dead_ends: readonly DeadEnd[];
}

const TEXTS = {
  en: {
    contents: 'It acts on {what}, at most {bytes} of the live tensors.',
    request: 'It acts on {what}: on the request that failed, before anything of it is held.',
    'too-old': '{package} {version} does not have it yet; it came with {from}.',
    'contents-unknown': 'It acts on {what}; the text does not show how much that is.',
    'cache-unknown': 'It acts on cached blocks; the text does not print them.',
    'limit-unknown': 'It acts on the limit; the text does not print what is free beyond it.',
    'not-enough':
      'It frees at most {bytes}; with {free} free that cannot serve the {requested} that was asked for.',
    idle: 'Idle {idle} and free {free} together could serve the {requested} that was asked for, not what comes after it.',
    'idle-most':
      'What is idle, at most {bytes}, and free {free} together could serve the {requested} that was asked for, not what comes after it.',
    others: 'Other processes hold up to {bytes}.',
    'others-unknown':
      'Up to {bytes} is outside this process’s PyTorch; the text does not show whose it is.',
    'others-unseen': 'It acts on other processes; the text does not show any.',
    limit: 'The limit leaves {room}; without it the device has {free} more.',
    host: 'It changes the machine’s memory, not the card’s.',
    program: 'It changes the program; how much memory that is cannot be told from this text.',
    machine: 'It changes the machine, not what the run needs.',
    budget: 'It moves memory between an engine’s pool and what it leaves free.',
    outside: 'It acts on what the process holds outside the allocator, {bytes}.',
    'outside-unknown': 'The text does not show what the process holds outside the allocator.',
    grown: 'What {lines} left behind by then holds {bytes}.',
    held: 'Of {what} {bytes} are held at that moment; with {free} free and {idle} idle that cannot serve the {requested} that was asked for.',
    'held-nothing': 'Of {what} nothing is held at that moment.',
    'replay-serves':
      'The recorded requests, run again with {settings}, are all served, the one that failed too: {peak} reserved at most.',
    'replay-serves-modelled':
      'By a model of the allocator all recorded requests are served with {settings}, the one that failed too: {peak} reserved at most.',
    'replay-saves':
      'Run again with {settings}, the recorded requests reserve {peak} at most instead of {base}.',
    'replay-no': 'Run again with {settings}, the request fails all the same.',
    'replay-nothing':
      'Run again with {settings}, the recorded requests reserve {peak} at most; as recorded it is {base}.',
    'replay-fails':
      'Run again with {settings}, a request fails that was served as recorded (event {event}).',
    'no-less': 'it serves the request; it reserves no less',
    'on-recorded': 'It is on already: the snapshot was recorded with {text}.',
    'on-shown': 'It is on already: the text shows {place}.',
    'on-printed': 'It is on already: line {line} has {text}.',
    'on-since': 'It is on already: {name} has it by default since {from}.',
    'on-always': 'It is on already: {name} has it by default.',
    'maybe-on': '{name} has it by default from {from} on; check that it is not on already.',
    'no-device': 'not a matter of device memory',
    'not-told': 'not told by this text',
    'no-tensors': 'the text does not print what the tensors hold',
    'the-request': 'it shrinks the request itself',
    'no-cache': 'the text does not print the cache',
    'no-others': 'the text does not show other processes',
    'no-rest': 'the text does not print what is free beyond the limit',
  },
  zh: {
    contents: '作用对象：{what}，最多涉及活动张量中的 {bytes}。',
    request: '作用对象：{what}。缩小的是失败的那次申请本身，它尚未占用任何显存。',
    'too-old': '{package} {version} 还没有这个功能，从 {from} 起才有。',
    'contents-unknown': '作用对象：{what}；文本没有显示其大小。',
    'cache-unknown': '作用于缓存块；文本没有给出其大小。',
    'limit-unknown': '作用于上限；文本没有给出上限之外还空闲多少。',
    'not-enough': '最多释放 {bytes}；加上空闲的 {free}，仍不足以满足申请的 {requested}。',
    idle: '空闲缓存 {idle} 加上空闲的 {free} 恰好能满足申请的 {requested}，但不够之后的申请。',
    'idle-most':
      '空闲缓存最多 {bytes}，加上空闲的 {free} 或许能满足申请的 {requested}，但不够之后的申请。',
    others: '其他进程最多占用 {bytes}。',
    'others-unknown': '最多有 {bytes} 在本进程的 PyTorch 之外；文本没有显示属于谁。',
    'others-unseen': '作用于其他进程；文本没有显示任何其他进程。',
    limit: '上限之内还剩 {room}；去掉上限，设备还有 {free}。',
    host: '改变的是主机内存，而不是显存。',
    program: '改变的是程序本身；涉及多少显存，从这段文本看不出来。',
    machine: '改变的是机器，而不是任务的需求。',
    budget: '只是在推理引擎的内存池与池外空闲之间重新分配显存。',
    outside: '作用于进程在分配器之外占用的显存：{bytes}。',
    'outside-unknown': '文本没有显示进程在分配器之外占用多少。',
    grown: '到那时 {lines} 留下的部分占 {bytes}。',
    held: '那一时刻{what}占 {bytes}；加上空闲 {free} 和空闲缓存 {idle}，仍不足以满足申请的 {requested}。',
    'held-nothing': '那一时刻没有{what}。',
    'replay-serves':
      '用 {settings} 重放所记录的申请，全部得到满足，包括失败的那一次：最多保留 {peak}。',
    'replay-serves-modelled':
      '按分配器模型推算，用 {settings} 时所记录的申请全部得到满足，包括失败的那一次：最多保留 {peak}。',
    'replay-saves': '用 {settings} 重放所记录的申请，最多保留 {peak}，而不是 {base}。',
    'replay-no': '用 {settings} 重放，这次申请仍然失败。',
    'replay-nothing': '用 {settings} 重放所记录的申请，最多保留 {peak}；按记录的设置为 {base}。',
    'replay-fails': '用 {settings} 重放，一个原本得到满足的申请会失败（事件 {event}）。',
    'no-less': '它能满足该申请，但保留的显存并不减少',
    'on-recorded': '已经启用：快照记录时的设置是 {text}。',
    'on-shown': '已经启用：文本中可见 {place}。',
    'on-printed': '已经启用：第 {line} 行有 {text}。',
    'on-since': '已经启用：{name} 从 {from} 起默认如此。',
    'on-always': '已经启用：{name} 默认如此。',
    'maybe-on': '{name} 从 {from} 起默认启用；先确认是否已经启用。',
    'no-device': '与显存无关',
    'not-told': '文本没有说明',
    'no-tensors': '文本没有给出张量占用多少',
    'the-request': '缩小的是申请本身',
    'no-cache': '文本没有给出缓存大小',
    'no-others': '文本没有显示其他进程',
    'no-rest': '文本没有给出上限之外的空闲显存',
  },
  ru: {
    contents: 'Затрагивает: {what}; не более {bytes} живых тензоров.',
    request: 'Затрагивает: {what} — сам неудавшийся запрос, пока ничего из него не занято.',
    'too-old': 'В {package} {version} этого ещё нет; появилось в {from}.',
    'contents-unknown': 'Затрагивает: {what}; сколько это, в тексте не видно.',
    'cache-unknown': 'Затрагивает кэшированные блоки; их объёма в тексте нет.',
    'limit-unknown': 'Затрагивает предел; сколько свободно сверх него, в тексте нет.',
    'not-enough':
      'Освободит не более {bytes}; вместе со свободными {free} запрошенное ({requested}) не обслужить.',
    idle: 'Простаивает {idle}, свободно {free}: вместе хватило бы на запрошенное ({requested}), но не на то, что дальше.',
    'idle-most':
      'Простаивает не более {bytes}, свободно {free}: вместе могло бы хватить на запрошенное ({requested}), но не на то, что дальше.',
    others: 'Другие процессы занимают до {bytes}.',
    'others-unknown': 'До {bytes} — вне PyTorch этого процесса; чьё это, в тексте не видно.',
    'others-unseen': 'Затрагивает другие процессы; в тексте их не видно.',
    limit: 'В пределах лимита осталось {room}; без него на устройстве есть ещё {free}.',
    host: 'Меняет память машины, а не карты.',
    program: 'Меняет программу; сколько это памяти, из текста не видно.',
    machine: 'Меняет машину, а не то, что нужно запуску.',
    budget: 'Перекладывает память между пулом движка и тем, что он оставляет свободным.',
    outside: 'Затрагивает то, что процесс держит вне аллокатора: {bytes}.',
    'outside-unknown': 'Сколько процесс держит вне аллокатора, в тексте не видно.',
    grown: 'К этому времени {lines} оставили {bytes}.',
    held: '{what}: в тот момент занято {bytes}; вместе со свободными {free} и простаивающими {idle} запрошенное ({requested}) не обслужить.',
    'held-nothing': '{what}: в тот момент ничего такого не занято.',
    'replay-serves':
      'Записанные запросы, повторённые с {settings}, выполняются все, включая неудавшийся: зарезервировано не более {peak}.',
    'replay-serves-modelled':
      'По модели аллокатора с {settings} выполняются все записанные запросы, включая неудавшийся: зарезервировано не более {peak}.',
    'replay-saves':
      'При повторе с {settings} записанные запросы резервируют не более {peak} вместо {base}.',
    'replay-no': 'При повторе с {settings} запрос всё равно не выполняется.',
    'replay-nothing':
      'При повторе с {settings} записанные запросы резервируют до {peak}; при записанных настройках — {base}.',
    'replay-fails':
      'При повторе с {settings} не выполняется запрос, который при записи прошёл (событие {event}).',
    'no-less': 'запрос выполняется, но резервируется не меньше',
    'on-recorded': 'Уже включено: снимок записан с {text}.',
    'on-shown': 'Уже включено: в тексте видно {place}.',
    'on-printed': 'Уже включено: в строке {line} стоит {text}.',
    'on-since': 'Уже включено: в {name} это по умолчанию начиная с {from}.',
    'on-always': 'Уже включено: в {name} это по умолчанию.',
    'maybe-on': 'В {name} это по умолчанию начиная с {from}; проверить, не включено ли уже.',
    'no-device': 'не связано с памятью устройства',
    'not-told': 'из этого текста не видно',
    'no-tensors': 'в тексте нет объёма тензоров',
    'the-request': 'уменьшается сам запрос',
    'no-cache': 'в тексте нет объёма кэша',
    'no-others': 'в тексте не видно других процессов',
    'no-rest': 'в тексте нет свободной памяти сверх предела',
  },
} as const;

/**
 * Judges all remedies; steps in the order in which they are worth trying: what could serve the
 * request, then what answers the likeliest causes, then what costs least.
 * @param families of the causes, the likeliest first.
 */
export function judge(
  c: Case,
  remedies: readonly Remedy[],
  families: readonly Family[],
): Judgement {
  const steps: Step[] = [];
  const deadEnds: DeadEnd[] = [];
  for (const remedy of remedies) {
    const replay = replayOf(remedy, c);
    // What a replay has shown to serve needs no rule of thumb that it may.
    const isShown = replay?.served === true;
    if (!isShown && !remedy.concerns(c)) continue;
    const barred =
      tooOld(remedy, c) ?? (isShown ? undefined : remedy.barred?.(c)) ?? inForce(remedy, c);
    const verdict =
      barred !== undefined
        ? ({ why: barred, at_most: ZERO } as const)
        : replay === undefined
          ? reach(remedy, c)
          : replayed(remedy, replay, c);
    if (!('why' in verdict)) steps.push(written(verdict, c, replay));
    else if (remedy.often_tried) deadEnds.push({ remedy, ...verdict });
  }
  deadEnds.sort(
    (a, b) =>
      triedInVain(b.remedy.id) - triedInVain(a.remedy.id) ||
      compareText(a.remedy.code, b.remedy.code),
  );
  const rank = { yes: -1, possibly: 0, unknown: 0, barely: 1, no: 2 } as const;
  const answers = ({ answers: of }: Remedy): number => {
    const at = families.findIndex((family) => of.includes(family));
    return at < 0 ? families.length : at;
  };
  // What the message itself says would do comes first.
  const isTold = ({ remedy }: Step): number => (remedy.told?.(c) === undefined ? 1 : 0);
  steps.sort(
    (a, b) =>
      rank[a.serves_request] - rank[b.serves_request] ||
      isTold(a) - isTold(b) ||
      answers(a.remedy) - answers(b.remedy) ||
      CATEGORIES.indexOf(a.remedy.category) - CATEGORIES.indexOf(b.remedy.category) ||
      compareText(a.remedy.code, b.remedy.code),
  );
  return { steps, dead_ends: deadEnds };
}

/** Why a remedy is not there yet in the version that the message shows. */
function tooOld(remedy: Remedy, c: Case): Statement | undefined {
  const shown = c.situation.environment.versions;
  const to = shown?.to;
  const range = remedy.applies_to.find((r) => r.package === shown?.package);
  if (to === undefined || range?.from === undefined || !isBefore(to, range.from)) return undefined;
  return say(TEXTS, 'too-old', { package: range.package, version: to, from: range.from });
}

/** A step with its change as the case's frameworks write it, and with what to beware of. */
function written(bare: Bare, c: Case, replay?: Replayed): Step {
  const { remedy } = bare;
  const changes =
    replay?.settings === undefined
      ? writtenChanges(remedy, changesIn(remedy, c)).flatMap((change) => {
          const old = c.setting(change.setting)?.value;
          return writeChange(change, c.dialects, c.versions, old) ?? [];
        })
      : [{ code: `export ${replay.settings}` }];
  const cautions = remedy.cautions
    .filter(({ applies }) => applies?.(c) !== false)
    .map(({ says }): Statement => ({ texts: remedy.texts, key: says, params: {} }));
  const dangers = replay?.dangers ?? [];
  return { ...bare, changes, cautions: [...dangers, ...maybeOn(remedy, c), ...cautions] };
}

/** Where the version is not known, what newer ones have by themselves is said. */
function maybeOn(remedy: Remedy, c: Case): Statement[] {
  return remedy.changes.flatMap((change) => {
    const usual = c.usual(change.setting);
    if (usual?.by.kind !== 'default' || usual.by.certain || !isMade(change, usual)) return [];
    const { from } = usual.by.row;
    return from === undefined ? [] : [say(TEXTS, 'maybe-on', { name: usual.dialect.name, from })];
  });
}

/** Why a remedy is none here: it is on already, by what the text prints, shows or a version has. */
function inForce(remedy: Remedy, c: Case): Statement | undefined {
  for (const sign of remedy.shown_by ?? []) {
    const place = c.shows(sign);
    if (place !== undefined) return say(TEXTS, 'on-shown', { place: placeText(place) });
  }
  const known = remedy.changes.map((change) => {
    const setting = c.setting(change.setting);
    return setting !== undefined && isMade(change, setting) ? setting : undefined;
  });
  const [first] = known;
  if (first === undefined || known.includes(undefined)) return undefined;
  if (first.by.kind === 'default') {
    const { row } = first.by;
    return row.from === undefined
      ? say(TEXTS, 'on-always', { name: first.dialect.name })
      : say(TEXTS, 'on-since', { name: first.dialect.name, from: row.from });
  }
  const { key, value, line } = first.by.assignment;
  if (line === 0) return say(TEXTS, 'on-recorded', { text: `${key}:${value}` });
  return say(TEXTS, 'on-printed', { line, text: `${key}=${value}` });
}

/**
 * The replay that prices a remedy: of several values the one that serves, else the one that reserves
 * least. Combinations are other measures.
 */
function replayOf({ replayed_as: name }: Remedy, c: Case): Replayed | undefined {
  if (name === undefined) return undefined;
  const rows = c.replays.filter(({ id }) => id === name || id.startsWith(`${name}:`));
  const worth = ({ served, failed_at: at }: Replayed): number =>
    at !== undefined ? 0 : served === true ? 3 : served === undefined ? 2 : 1;
  return rows
    .filter(({ id }) => !id.includes('+'))
    .sort((a, b) => worth(b) - worth(a) || a.peak_reserved - b.peak_reserved)[0];
}

/** What a replay of the recording says of it, in bytes. */
function replayed(remedy: Remedy, row: Replayed, c: Case): Verdict {
  const base = c.replays.find(({ is_reference: isReference }) => isReference)?.peak_reserved;
  const saved = bound(Math.max(0, (base ?? row.peak_reserved) - row.peak_reserved));
  const params = {
    settings: row.settings ?? row.id,
    peak: { size: row.peak_reserved },
    base: { size: base ?? row.peak_reserved },
  };
  const isProven = row.basis === 'replayed';
  const basis: Basis = isProven ? 'exact' : 'modelled';
  if (row.failed_at !== undefined) {
    return { why: say(TEXTS, 'replay-fails', { ...params, event: row.failed_at }), at_most: ZERO };
  }
  if (row.served === true) {
    const because = say(TEXTS, isProven ? 'replay-serves' : 'replay-serves-modelled', params);
    const bytes = saved.mid > 0 ? saved : unknown(say(TEXTS, 'no-less'));
    const serves = isProven ? 'yes' : 'possibly';
    return { remedy, claim: 'saves', bytes, basis, serves_request: serves, because };
  }
  if (row.served === false) return { why: say(TEXTS, 'replay-no', params), at_most: saved };
  if (saved.mid <= 0) return { why: say(TEXTS, 'replay-nothing', params), at_most: ZERO };
  const because = say(TEXTS, 'replay-saves', params);
  return { remedy, claim: 'saves', bytes: saved, basis, serves_request: 'unknown', because };
}

type Verdict = Bare | { readonly why: Statement; readonly at_most: Interval };

/** How far a remedy reaches in this case. */
function reach(remedy: Remedy, c: Case): Verdict {
  const { touches } = remedy;
  if (remedy.family === 'leak' && growthOfRun(c).length > 0) return reachGrown(remedy, c);
  if ('host' in touches)
    return step(remedy, unknown(say(TEXTS, 'no-device')), 'unknown', say(TEXTS, 'host'));
  if ('program' in touches) {
    return step(remedy, unknown(say(TEXTS, 'not-told')), 'unknown', say(TEXTS, 'program'));
  }
  if ('nothing' in touches) return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  if ('machine' in touches) {
    return step(remedy, unknown(say(TEXTS, 'machine')), 'unknown', say(TEXTS, 'machine'));
  }
  if ('budget' in touches) {
    return step(remedy, unknown(say(TEXTS, 'budget')), 'unknown', say(TEXTS, 'budget'));
  }
  if ('outside' in touches) return reachOutside(remedy, c);
  if ('contents' in touches) return reachContents(remedy, touches.contents, c);
  if ('idle' in touches) return reachIdle(remedy, touches.idle, c);
  if ('processes' in touches) return reachOthers(remedy, c);
  return reachLimit(remedy, c);
}

/** What a recording shows to be left behind step after step is what letting go of it frees. */
function reachGrown(remedy: Remedy, c: Case): Verdict {
  const grown = growthOfRun(c);
  const bytes = bound(grown.reduce((sum, one) => sum + one.bytes, 0));
  const { requested, free } = c.amounts;
  const canTell = requested !== undefined && free !== undefined;
  const isEnough = canTell && add(free, bytes).high >= requested.low;
  // It frees as much again with every further step: enough once is enough.
  const how = !canTell ? 'unknown' : isEnough ? 'possibly' : 'no';
  const lines = enumerated(grown.slice(0, 3).map(({ line }) => line));
  return step(remedy, bytes, how, say(TEXTS, 'grown', { lines, bytes }), 'exact');
}

/** What of an atom a touch can act on. */
function holdsAny(atom: Atom, contents: readonly Content[]): boolean {
  if (atom.may_hold !== undefined) {
    return atom.may_hold.some((content) => contents.includes(content));
  }
  if (atom.category === 'tensors') return true;
  return contents.some((content) => content === atom.category);
}

function reachContents(remedy: Remedy, contents: readonly Content[], c: Case): Verdict {
  const what = contentWords(contents);
  const touched = c.ledger.atoms.filter((atom) => holdsAny(atom, contents));
  const { requested, free } = c.amounts;
  if (c.isExact && !mayBeRequested(contents, c)) return reachHeld(remedy, contents, touched, c);
  if (!contents.some((content) => c.contents.includes(content))) {
    return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  }
  if (touched.length === 0 && c.isExact) {
    const serves = requested === undefined ? 'unknown' : 'possibly';
    return step(
      remedy,
      unknown(say(TEXTS, 'the-request')),
      serves,
      say(TEXTS, 'request', { what }),
    );
  }
  if (touched.length === 0) {
    return step(
      remedy,
      unknown(say(TEXTS, 'no-tensors')),
      'unknown',
      say(TEXTS, 'contents-unknown', { what }),
    );
  }
  const bytes = upperBound(touched);
  const canTell = requested !== undefined && free !== undefined;
  const how = canTell ? 'possibly' : 'unknown';
  if (isUnknown(bytes)) {
    return step(remedy, bytes, how, say(TEXTS, 'contents-unknown', { what }));
  }
  // Nothing is held yet: the failing request itself is all that the change can shrink.
  if (requested !== undefined && bytes.high < requested.low && bytes.low <= 0) {
    return step(remedy, unknown(say(TEXTS, 'the-request')), how, say(TEXTS, 'request', { what }));
  }
  return step(remedy, bytes, how, say(TEXTS, 'contents', { what, bytes: { size: bytes.high } }));
}

/** What a step makes; states are asked for only where they are made. */
const MADE_BY_STEPS: readonly Content[] = [
  'activations',
  'inputs',
  'outputs',
  'kv_cache',
  'copies',
  'workspace',
];
/** Phases that ask for nothing but what a step makes. */
const STEPPING: readonly Phase[] = ['forward', 'eval', 'generate', 'prefill', 'capture'];

/** Whether the request that failed may itself be of these contents, and shrink with them. */
function mayBeRequested(contents: readonly Content[], c: Case): boolean {
  const here = contents.filter((content) => c.contents.includes(content));
  return STEPPING.includes(c.phase.value)
    ? here.some((content) => MADE_BY_STEPS.includes(content))
    : here.length > 0;
}

/** With all that is held told apart: only that can be freed, and whether it is enough is arithmetic. */
function reachHeld(
  remedy: Remedy,
  contents: readonly Content[],
  touched: readonly Atom[],
  c: Case,
): Verdict {
  const what = contentWords(contents);
  const bytes = upperBound(touched);
  const { requested, free, idle = ZERO } = c.amounts;
  if (touched.length === 0) return { why: say(TEXTS, 'held-nothing', { what }), at_most: ZERO };
  if (isUnknown(bytes) || requested === undefined || free === undefined) {
    return step(remedy, bytes, 'unknown', say(TEXTS, 'contents-unknown', { what }));
  }
  // Freed blocks can join what is free beside them, so all of it is the most that there can be.
  const isEnough = add(add(bytes, free), idle).high >= requested.low;
  const size = { size: bytes.high };
  if (isEnough) {
    return step(remedy, bytes, 'possibly', say(TEXTS, 'contents', { what, bytes: size }));
  }
  const why = say(TEXTS, 'held', { what, bytes: size, free, idle, requested });
  const isPlanned = contents.some((content) => c.contents.includes(content));
  return isPlanned && share(bytes, c.amounts.live) >= ABOUT_NOTHING
    ? step(remedy, bytes, 'no', why)
    : { why, at_most: bytes };
}

function reachIdle(remedy: Remedy, which: 'releasable' | 'any', c: Case): Verdict {
  const { requested, free } = c.amounts;
  // Blocks of private pools serve their graphs only.
  const idle = c.ledger.atoms.filter(
    (atom) => atom.category === 'idle' && atom.pool !== 'torch-private',
  );
  const touched = which === 'any' ? idle : idle.filter((atom) => atom.pinned !== true);
  if (touched.length === 0) {
    // What the allocator has handed back is gone whether or not the message prints its cache.
    const isGone = which === 'releasable' && (idle.length > 0 || c.has('released-cache'));
    if (isGone) return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
    return step(remedy, unknown(say(TEXTS, 'no-cache')), 'unknown', say(TEXTS, 'cache-unknown'));
  }
  const bytes = upperBound(touched);
  if (isUnknown(bytes) || requested === undefined || free === undefined) {
    return step(remedy, bytes, 'unknown', say(TEXTS, 'cache-unknown'));
  }
  const reachable = add(bytes, free);
  const reach = serves(requested, reachable);
  const params = { idle: bytes, bytes: { size: bytes.high }, free, requested };
  if (reach === 'no' && share(bytes, c.amounts.reserved) < ABOUT_NOTHING) {
    return { why: say(TEXTS, 'not-enough', params), at_most: atLeastZero(bytes) };
  }
  const isBound = bytes.low <= 0 && bytes.high > 0;
  const because = say(
    TEXTS,
    reach === 'no' ? 'not-enough' : isBound ? 'idle-most' : 'idle',
    params,
  );
  return step(remedy, atLeastZero(bytes), reach, because);
}

/** Below this share of what is reserved, idle memory is what any program leaves. */
const ABOUT_NOTHING = 0.05;

function reachOthers(remedy: Remedy, c: Case): Verdict {
  const { requested, free, others_at_most: listed, untold, untold_others: rest } = c.amounts;
  const isListed = listed !== undefined;
  const most = listed ?? (untold === undefined ? undefined : atLeastZero(rest ?? untold));
  if (most === undefined && c.amounts.outside !== undefined) {
    return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  }
  if (most === undefined || isUnknown(most)) {
    return step(
      remedy,
      most ?? unknown(say(TEXTS, 'no-others')),
      'unknown',
      say(TEXTS, 'others-unseen'),
    );
  }
  if (most.high <= 0) return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  const canTell = requested !== undefined && free !== undefined;
  const reach = canTell ? serves(requested, add(free, most)) : 'unknown';
  const because =
    canTell && reach === 'no'
      ? say(TEXTS, 'not-enough', { bytes: { size: most.high }, free, requested })
      : say(TEXTS, isListed ? 'others' : 'others-unknown', { bytes: { size: most.high } });
  // Without a list the own context is taken off, and that is assumed.
  return step(remedy, most, reach, because, isListed ? 'measured' : 'assumed');
}

function reachOutside(remedy: Remedy, c: Case): Verdict {
  const { outside, requested, free } = c.amounts;
  if (outside === undefined) {
    return step(
      remedy,
      unknown(say(TEXTS, 'outside-unknown')),
      'unknown',
      say(TEXTS, 'outside-unknown'),
    );
  }
  const most = atLeastZero(outside);
  const canTell = requested !== undefined && free !== undefined;
  const reach = canTell ? serves(requested, add(free, most)) : 'unknown';
  return step(remedy, most, reach, say(TEXTS, 'outside', { bytes: { size: most.high } }));
}

function reachLimit(remedy: Remedy, c: Case): Verdict {
  const limit = c.ledger.limits.find(({ name }) => name === 'fraction' || name === 'watermark');
  const room = limit === undefined ? undefined : headroom(c.ledger, limit);
  const { free, requested } = c.amounts;
  if (c.has('arena-limit') || (limit === undefined && smallShare(c) !== undefined)) {
    return step(remedy, unknown(say(TEXTS, 'no-rest')), 'unknown', say(TEXTS, 'limit-unknown'));
  }
  if (limit === undefined || known(limit.bytes) === undefined || room === undefined) {
    return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  }
  if (free === undefined) {
    return step(remedy, unknown(say(TEXTS, 'no-rest')), 'unknown', say(TEXTS, 'limit-unknown'));
  }
  const gain = atLeastZero(subtract(free, atLeastZero(room)));
  if (gain.high <= 0) return { why: say(remedy.texts, 'nothing'), at_most: ZERO };
  return step(
    remedy,
    gain,
    requested === undefined ? 'unknown' : serves(requested, free),
    say(TEXTS, 'limit', { room, free }),
  );
}

/** How a room serves a request: not at all, just this once, or with room for another like it. */
function serves(requested: Interval, room: Interval): 'possibly' | 'barely' | 'no' {
  if (requested.low > room.high) return 'no';
  return 2 * requested.low > room.high ? 'barely' : 'possibly';
}

function step(
  remedy: Remedy,
  bytes: Interval | Unknown,
  serves: Step['serves_request'],
  because: Statement,
  basis: Basis = 'measured',
): Bare {
  return { remedy, claim: 'at_most', bytes, basis, serves_request: serves, because };
}
