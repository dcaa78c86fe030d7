/** The one path: sources → evidence → ledgers → causes → remedies → diagnosis. */

import { type Interval, ZERO } from './base/interval.ts';
import { PHASES } from './base/phase.ts';
import type { Note, Problem } from './base/problem.ts';
import { enumerated, type Lang, type Param, say } from './base/texts.ts';
import type { Family } from './base/unit.ts';
import { caseOf } from './diagnosis/case.ts';
import { causes } from './diagnosis/causes.gen.ts';
import { type AtMoment, momentOf } from './diagnosis/exact-ledger.ts';
import { find } from './diagnosis/finding.ts';
import { findings } from './diagnosis/findings.gen.ts';
import { type Observed, observedOf } from './diagnosis/observed.ts';
import { evidenceToAskFor } from './diagnosis/settle.ts';
import { suspicionOf } from './diagnosis/suspects.ts';
import { type WeighedCause, weigh } from './diagnosis/weigh.ts';
import type { Failure } from './evidence/failure.ts';
import { gather, type Source, type TakeSnapshot } from './evidence/gather.ts';
import type { Repeated } from './evidence/group.ts';
import { readers } from './evidence/readers.gen.ts';
import { failureOfRecorded, sightedOfRecorded } from './evidence/recording.ts';
import type { Sighted } from './evidence/sightings.ts';
import { statuses } from './evidence/statuses.gen.ts';
import { conflictsOf } from './ledger/conflicts.ts';
import type { Fact } from './ledger/fact.ts';
import { selfAmongListed, valueIn } from './ledger/observe.ts';
import type { Recorded, Recordings } from './ledger/recorded.ts';
import type { FailedCase } from './pricing.ts';
import { judge } from './remedies/judge.ts';
import { remedies } from './remedies/measures.gen.ts';
import { noRemedies } from './remedies/no-remedies.gen.ts';
import { assembleDiagnosis, type Diagnosed } from './report/assemble.ts';
import type { Diagnosis, PricingData } from './report/diagnosis.ts';
import { dialects } from './workload/dialects.gen.ts';

export interface DiagnoseOptions {
  readonly lang?: Lang;
  /**
   * Reads memory snapshots. Their engine is a bundle of its own (`unoom/snapshots`: `recordSnapshot`),
   * which nobody waits for who has none; without it a snapshot is a problem of the report.
   */
  readonly snapshots?: SnapshotEngine;
  /**
   * Prices the main failure with a model (`unoom/plans`: `priceFailure`), another bundle of its own. It is asked
   * when the evidence has been read and a shortage of GPU memory is found.
   */
  readonly pricing?: PricingEngine;
}

/** @returns what the job of a failure needs, or notes that say why that is not known. */
export type PricingEngine = (failed: FailedCase) => Promise<{
  readonly pricing?: PricingData;
  readonly notes?: readonly Note[];
}>;

/** Reads one snapshot to its end. What it holds is data; what cannot be read is a problem. */
export type SnapshotEngine = (
  source: Source,
  options: { readonly rank?: number },
) => Promise<Recordings>;

const TEXTS = {
  en: {
    swallowed:
      'The program went on after this failure; the {type} at line {line} came later and may be its consequence.',
    'figures-differ': 'It happened {count} times with other figures; the first ones are shown.',
    'self-only':
      'Process {pid} is taken to be the failing job itself: it is the only one listed, and in a container its pid differs from the one inside.',
    'self-nearest':
      'Process {pid} is taken to be the failing job itself: of those listed it holds least above what PyTorch has reserved.',
    'private-pools':
      'The printed "allocated" contains the idle blocks of private pools (CUDA graphs); the ledger has them apart.',
    'ranks-compared':
      'Failures on {count} ranks: {ranks}. The first in the evidence is rank {first}.',
    'ranks-phases': 'The ranks failed in different phases: {phases}.',
    'ranks-tensors': 'Live tensors on these ranks: {low} to {high}.',
    'device-lost':
      'This version prints the device index as a raw byte, and it is lost in the text.',
    'same-moment':
      'The snapshot {source} holds this failure ({where}): the figures that the message prints agree with it. What PyTorch held is taken from there, exact.',
    'other-moment':
      'The failure in the snapshot {source} asked for {asked} with {allocated} allocated: no message here has these figures, so the two stand side by side.',
    'several-match':
      'The figures of this message fit {count} of the snapshots; none of them is taken for it.',
    'several-failures':
      'The recording {source} holds {count} failed requests on GPU {device}; the last one is shown.',
    synthetic: '{source} was drawn by a tool: it shows no real run.',
    'at-event': 'event {event}',
    'at-end': 'its final state',
  },
  zh: {
    swallowed: '此次失败之后程序仍在运行；{type}（第 {line} 行）出现在其后，可能是它引起的。',
    'figures-differ': '同样的失败共出现 {count} 次，数字各不相同；这里显示第一次的数字。',
    'self-only':
      '进程 {pid} 视为失败的任务本身：列表中只有这一个进程，而在容器内它的 pid 与列表中的不同。',
    'self-nearest':
      '进程 {pid} 视为失败的任务本身：在列出的进程中，它超出 PyTorch 已保留量的部分最少。',
    'private-pools': '打印的 allocated 包含私有内存池（CUDA Graph）的空闲块；明细中已将其分开。',
    'ranks-compared': '共 {count} 个 rank 失败：{ranks}。证据中最先出现的是 rank {first}。',
    'ranks-phases': '各 rank 失败时所处的阶段不同：{phases}。',
    'ranks-tensors': '这些 rank 上的活动张量：{low} 至 {high}。',
    'device-lost': '该版本把设备编号打印成一个原始字节，文本中已丢失。',
    'same-moment':
      '快照 {source} 包含这次失败（{where}）：报错打印的数字与之一致。PyTorch 内的占用取自快照，是精确值。',
    'other-moment':
      '快照 {source} 中的失败申请了 {asked}，当时已分配 {allocated}：这里没有任何报错是这些数字，因此两者并列。',
    'several-match': '这条报错的数字与 {count} 个快照相符，因此没有采用其中任何一个。',
    'several-failures': '记录 {source} 中 GPU {device} 有 {count} 次失败的申请；这里显示最后一次。',
    synthetic: '{source} 由工具生成，不是真实的运行。',
    'at-event': '事件 {event}',
    'at-end': '其最终状态',
  },
  ru: {
    swallowed:
      'После этого сбоя программа продолжила работу; исключение {type} (строка {line}) возникло позже и может быть его следствием.',
    'figures-differ':
      'Такой сбой случился не раз (всего {count}) и с разными цифрами; показаны цифры первого.',
    'self-only':
      'Процесс {pid} принят за саму упавшую задачу: в списке он один, а внутри контейнера его pid другой.',
    'self-nearest':
      'Процесс {pid} принят за саму упавшую задачу: из процессов списка он меньше всех превышает зарезервированное PyTorch.',
    'private-pools':
      'Напечатанное allocated включает простаивающие блоки приватных пулов (CUDA-графы); в раскладке они показаны отдельно.',
    'ranks-compared': 'Сбои на рангах ({count}): {ranks}. Первым в данных идёт ранг {first}.',
    'ranks-phases': 'Ранги упали на разных этапах: {phases}.',
    'ranks-tensors': 'Живые тензоры на этих рангах: от {low} до {high}.',
    'device-lost': 'Эта версия печатает номер устройства сырым байтом, и в тексте он потерян.',
    'same-moment':
      'Этот сбой есть в снимке {source} ({where}): напечатанные в сообщении цифры с ним сходятся. Занятое внутри PyTorch взято оттуда, точно.',
    'other-moment':
      'Сбой в снимке {source}: запрошено {asked}, выделено {allocated}. Сообщения с такими цифрами здесь нет, поэтому они стоят рядом.',
    'several-match':
      'Цифры этого сообщения подходят к нескольким снимкам ({count}); ни один не взят.',
    'several-failures': 'В записи {source} на GPU {device} отказов: {count}; показан последний.',
    synthetic: '{source} нарисован инструментом и не показывает настоящего запуска.',
    'at-event': 'событие {event}',
    'at-end': 'конечное состояние',
  },
} as const;

/**
 * Diagnoses whatever the sources hold. Never throws on bad input: what cannot be read is in
 * `problems`.
 */
export async function diagnose(
  sources: Iterable<Source>,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const taken = new Snapshots(options.snapshots);
  const evidence = await gather(sources, readers, statuses, taken.reader);
  const told = firstNamedFirst(evidence.incidents, evidence.sightings);
  const matched = matchedWith(taken.recorded, told);
  const incidents = inOrder(told, matched);
  const main = mainOf(incidents)?.failure;
  const sightings = [...evidence.sightings, ...matched.calm.map(sightedOfRecorded)];
  const observed = sightings.map((sighted) => observedOf(sighted, main));
  const diagnosed = incidents.map((one) =>
    diagnoseOne(
      one,
      one.failure === main ? factsAtTheMoment(observed, one.failure) : [],
      one.failure === main ? observed : [],
      matched.moments.get(one.failure),
    ),
  );
  const priced = await pricedWith(options.pricing, diagnosed, main, observed);
  const found = find(observed, findings);
  // Another error is told as such; then nothing is suspected.
  const { brokenOff, killedAt, told: said, lastError, unread } = evidence;
  // What that error itself says can still be of memory.
  const errorAt = lastError?.at.line ?? 0;
  const ofError = evidence.topics.filter(
    ({ line }) => line <= errorAt && line > errorAt - RAISED_ABOVE,
  );
  const isOfError =
    ofError.length > 0 || (said !== undefined && said.at.line === lastError?.at.line);
  // Where nothing was read, the problem says what to give instead.
  const isQuiet =
    main === undefined && evidence.readable > 0 && (lastError === undefined || isOfError);
  // What the headline says no note says again.
  const isToldAbove = ({ code, at }: Note): boolean =>
    isQuiet && code === 'mention-not-read' && said !== undefined && at?.line === said.at.line;
  return assembleDiagnosis(
    {
      diagnosed: priced.diagnosed,
      observed,
      findings: found,
      ...(isQuiet && {
        suspicion: suspicionOf(
          {
            observed,
            findings: found,
            topics: lastError === undefined ? evidence.topics : ofError,
            isOfMemory: evidence.isOfMemory,
            ...(brokenOff !== undefined && { brokenOff }),
            ...(unread !== undefined && { unread }),
            ...(killedAt?.line !== undefined && { killedAt: killedAt.line }),
            ...(said?.at.line !== undefined && { told: { line: said.at.line, text: said.text } }),
          },
          causes,
        ),
      }),
      problems: [...evidence.problems, ...taken.problems],
      notes: [
        ...evidence.notes.filter((note) => !isToldAbove(note)),
        ...taken.notes,
        ...matched.notes,
        ...ranksCompared(diagnosed),
        ...priced.notes,
      ],
      readable: evidence.readable,
      frameworks: evidence.frameworks,
      ...(evidence.lastError !== undefined && { lastError: evidence.lastError }),
    },
    options.lang ?? 'en',
  );
}

/** The line of code that raises it, with the words of the message, stands so close above an error. */
const RAISED_ABOVE = 3;

/** The main failure with its price, where there is an engine and a shortage of GPU memory. */
async function pricedWith(
  engine: PricingEngine | undefined,
  diagnosed: readonly Diagnosed[],
  main: Failure | undefined,
  observed: readonly Observed[],
): Promise<{ readonly diagnosed: readonly Diagnosed[]; readonly notes: readonly Note[] }> {
  const of = diagnosed.find(({ failure }) => failure === main);
  if (engine === undefined || of === undefined || of.failure.reading.kind !== 'gpu_oom') {
    return { diagnosed, notes: [] };
  }
  const { pricing, notes = [] } = await engine({ ...of, observed });
  if (pricing === undefined) return { diagnosed, notes };
  return { diagnosed: diagnosed.map((one) => (one === of ? { ...one, pricing } : one)), notes };
}

/** Diagnoses a text at hand. @param name how to call it in the report. */
export function diagnoseText(
  text: string,
  options: DiagnoseOptions & { readonly name?: string } = {},
): Promise<Diagnosis> {
  return diagnose(
    [{ name: options.name ?? 'text', bytes: [new TextEncoder().encode(text)] }],
    options,
  );
}

/** Snapshots as they come among the sources: each is read when its turn is there, then let go. */
class Snapshots {
  readonly recorded: Recorded[] = [];
  readonly problems: Problem[] = [];
  readonly notes: Note[] = [];
  readonly #engine: SnapshotEngine | undefined;

  constructor(engine: SnapshotEngine | undefined) {
    this.#engine = engine;
  }

  get reader(): TakeSnapshot | undefined {
    const engine = this.#engine;
    if (engine === undefined) return undefined;
    return async (source, rank) => {
      const taken = await engine(source, rank === undefined ? {} : { rank });
      const at = { source: source.name };
      this.recorded.push(...taken.recorded);
      for (const problem of taken.problems) this.problems.push({ ...problem, at });
      for (const note of taken.notes) this.notes.push({ ...note, at });
      if (taken.recorded.some((one) => one.is_synthetic)) {
        this.notes.push({
          code: 'synthetic',
          text: say(TEXTS, 'synthetic', { source: source.name }),
          at,
        });
      }
      return taken.recorded.length > 0;
    };
  }
}

/** Recordings beside failures that texts tell: which are of one moment, and which stand alone. */
interface Matched {
  /** Of failures that texts tell, and of those that only a recording holds. */
  readonly moments: ReadonlyMap<Failure, AtMoment>;
  /** Failures that only a recording holds, one for each device. */
  readonly alone: readonly Repeated[];
  /** Recordings in which nothing failed. */
  readonly calm: readonly Recorded[];
  readonly notes: readonly Note[];
}

function matchedWith(recordings: readonly Recorded[], told: readonly Repeated[]): Matched {
  const moments = new Map<Failure, AtMoment>();
  const notes: Note[] = [];
  const taken = new Set<Recorded>();
  const shortages = told.filter(({ failure }) => failure.reading.kind === 'gpu_oom');
  for (const { failure } of shortages) {
    const fitting = recordings.flatMap((recorded): AtMoment[] => {
      const moment = momentOf(recorded, failure);
      return moment === undefined ? [] : [{ recorded, moment }];
    });
    const [first] = fitting;
    if (first === undefined) continue;
    if (fitting.length > 1) {
      const text = say(TEXTS, 'several-match', { count: fitting.length });
      notes.push({ code: 'several-match', text, at: failure.where });
      continue;
    }
    moments.set(failure, first);
    taken.add(first.recorded);
    notes.push(sameMomentNote(first, failure));
  }
  const alone: Repeated[] = [];
  for (const recorded of recordings) {
    const failed = recorded.failures.at(-1);
    if (taken.has(recorded) || failed === undefined) continue;
    const failure = failureOfRecorded(recorded, failed);
    alone.push({ failure, repeats: 1, figuresDiffer: false });
    moments.set(failure, { recorded, moment: failed });
    if (shortages.length > 0) notes.push(otherMomentNote(recorded, failure));
  }
  for (const { source, device, failure_count: count } of recordings) {
    if (count < 2) continue;
    const text = say(TEXTS, 'several-failures', { source, device, count });
    notes.push({ code: 'several-failures', text, at: { source } });
  }
  const calm = recordings.filter(
    (recorded) => recorded.failure_count === 0 && !taken.has(recorded),
  );
  return { moments, alone, calm, notes };
}

function sameMomentNote({ recorded, moment }: AtMoment, failure: Failure): Note {
  const where =
    moment.event === undefined || moment.kind !== 'failure'
      ? say(TEXTS, 'at-end')
      : say(TEXTS, 'at-event', { event: moment.event });
  return {
    code: 'same-moment',
    text: say(TEXTS, 'same-moment', { source: recorded.source, where }),
    at: failure.where,
  };
}

function otherMomentNote({ source }: Recorded, { reading, where }: Failure): Note {
  const bytes = (quantity: 'requested' | 'allocated'): Interval =>
    valueIn(reading.facts, quantity) ?? ZERO;
  return {
    code: 'other-moment',
    text: say(TEXTS, 'other-moment', {
      source,
      asked: bytes('requested'),
      allocated: bytes('allocated'),
    }),
    at: where,
  };
}

/** A recording tells more than a message without figures, and stands before it. */
function inOrder(told: readonly Repeated[], { alone }: Matched): readonly Repeated[] {
  if (alone.length === 0) return told;
  const hasFigures = ({ failure }: Repeated): boolean =>
    valueIn(failure.reading.facts, 'allocated') !== undefined;
  return [...told.filter(hasFigures), ...alone, ...told.filter((one) => !hasFigures(one))];
}

/** The gravest failure, and of those the first. */
function mainOf(incidents: readonly Repeated[]): Repeated | undefined {
  for (const kind of ['gpu_oom', 'host_oom', 'look_alike']) {
    const first = incidents.find(({ failure }) => failure.reading.kind === kind);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** Where a launcher names the rank that failed first, its failure comes first. */
function firstNamedFirst(
  incidents: readonly Repeated[],
  sightings: readonly Sighted[],
): readonly Repeated[] {
  const ranks = new Set(
    sightings.flatMap(({ events }) =>
      (events ?? []).flatMap(({ is_first: isFirst, rank }) =>
        isFirst === true && rank !== undefined ? [rank] : [],
      ),
    ),
  );
  const isNamed = ({ failure }: Repeated): boolean =>
    failure.where.rank !== undefined && ranks.has(failure.where.rank);
  return [...incidents.filter(isNamed), ...incidents.filter((one) => !isNamed(one))];
}

/**
 * Processes that a tool listed at the moment of the failure, on its card: they complete the ledger
 * where the message itself lists none.
 */
function factsAtTheMoment(observed: readonly Observed[], failure: Failure): readonly Fact[] {
  const { facts } = failure.reading;
  if (facts.some(({ quantity }) => quantity === 'listed_process')) return [];
  const same = observed.find(({ relation }) => relation === 'same_moment');
  const card = same?.device === undefined ? undefined : same.sighted.devices?.[same.device];
  if (same === undefined || card === undefined) return [];
  const own = new Set([failure.where.pid, ...facts.map(({ scope }) => scope.pid)]);
  const isTold = facts.some(({ quantity }) => quantity === 'process');
  return card.processes.flatMap(({ pid, memory, line }): Fact[] => {
    const isOwn = pid !== undefined && own.has(pid);
    if (pid === undefined || (isOwn && isTold)) return [];
    return [
      {
        quantity: isOwn ? 'process' : 'listed_process',
        metric: 'device',
        value: memory.bytes,
        raw: memory.raw,
        scope: { pid },
        moment: facts[0]?.moment ?? '',
        span: { source: same.sighted.source, line },
      },
    ];
  });
}

function diagnoseOne(
  repeated: Repeated,
  more: readonly Fact[],
  observed: readonly Observed[],
  at: AtMoment | undefined,
): Diagnosed {
  const { failure, repeats } = repeated;
  const c = caseOf({ failure, more, observed, dialects, ...(at !== undefined && { at }) });
  const weighed = weigh(c, causes);
  return {
    failure,
    repeats,
    case: c,
    ...(at !== undefined && { at }),
    causes: weighed,
    judgement: judge(c, [...remedies, ...noRemedies], familiesOf(weighed)),
    requests: evidenceToAskFor(c, weighed),
    // What a recording has is exact and of one moment.
    notes: [
      ...(failure.reading.clues.includes('recorded') ? [] : conflictsOf(failure.reading.facts)),
      ...notesOf(repeated),
    ],
  };
}

/** Families of the causes, the likeliest first. */
const familiesOf = (weighed: readonly WeighedCause[]): readonly Family[] =>
  weighed.map(({ cause }) => cause.family);

function notesOf({ failure, repeats, figuresDiffer }: Repeated): Note[] {
  const notes: Note[] = [];
  const add = (
    code: keyof (typeof TEXTS)['en'],
    params: Record<string, string | number> = {},
  ): void => {
    notes.push({ code, text: say(TEXTS, code, params), at: failure.where });
  };
  if (failure.followedBy !== undefined) add('swallowed', { ...failure.followedBy });
  if (figuresDiffer) add('figures-differ', { count: repeats });
  const self = selfAmongListed(failure.reading.facts);
  if (self !== undefined) {
    add(self.because === 'only-one-listed' ? 'self-only' : 'self-nearest', { pid: self.pid });
  }
  const isPrinted = !failure.reading.clues.includes('recorded');
  if (isPrinted && failure.reading.facts.some((fact) => fact.quantity === 'private_pool')) {
    add('private-pools');
  }
  if (failure.reading.clues.includes('device-lost')) add('device-lost');
  return notes;
}

/** The ranks that failed, when several did, and what differs between them. */
function ranksCompared(diagnosed: readonly Diagnosed[]): Note[] {
  const byRank = new Map<number, Diagnosed>();
  for (const one of diagnosed) {
    const { rank } = one.failure.where;
    if (rank !== undefined && !byRank.has(rank)) byRank.set(rank, one);
  }
  const [first] = byRank.keys();
  if (byRank.size < 2 || first === undefined) return [];
  const ranks = enumerated([...byRank.keys()].sort((a, b) => a - b).map(String));
  const phases = new Set([...byRank.values()].map(({ failure }) => failure.phase.value));
  const live = [...byRank.values()].flatMap((one) => one.case.amounts.live?.mid ?? []);
  const note = (key: keyof (typeof TEXTS)['en'], params: Record<string, Param>): Note => ({
    code: 'ranks-compared',
    text: say(TEXTS, key, params),
  });
  const notes = [note('ranks-compared', { count: byRank.size, ranks, first })];
  if (phases.size > 1) {
    const names = enumerated([...phases].map((phase) => PHASES[phase].name));
    notes.push(note('ranks-phases', { phases: names }));
  }
  if (live.length > 1) {
    notes.push(
      note('ranks-tensors', {
        low: { size: Math.min(...live) },
        high: { size: Math.max(...live) },
      }),
    );
  }
  return notes;
}
