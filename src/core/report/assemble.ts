/** From cases and judgements to the diagnosis as data, with every statement in one language. */
import type { Interval } from '../base/interval.ts';
import { PHASES } from '../base/phase.ts';
import type { Note, Place, Problem } from '../base/problem.ts';
import { joinSentences, render } from '../base/render.ts';
import { type Lang, type Statement, say } from '../base/texts.ts';
import type { Unit } from '../base/unit.ts';
import { isUnknown, type Unknown } from '../base/unknown.ts';
import type { Case } from '../diagnosis/case.ts';
import type { AtMoment } from '../diagnosis/exact-ledger.ts';
import type { WeighedFinding } from '../diagnosis/finding.ts';
import type { Observed } from '../diagnosis/observed.ts';
import type { Request } from '../diagnosis/settle.ts';
import type { Suspicion } from '../diagnosis/suspects.ts';
import type { WeighedCause } from '../diagnosis/weigh.ts';
import type { LastError } from '../evidence/ending.ts';
import type { Failure } from '../evidence/failure.ts';
import type { PhaseReading } from '../evidence/phase-of.ts';
import type { IncidentKind, Reading } from '../evidence/reader.ts';
import { memorySnapshot } from '../evidence/recording.ts';
import { statuses } from '../evidence/statuses.gen.ts';
import type { Frame } from '../evidence/tracebacks/frame.ts';
import { ledgerOfDevice, type SeenDevice, type Shown } from '../ledger/device.ts';
import type { Fact } from '../ledger/fact.ts';
import type { Atom, Ledger, Origin } from '../ledger/ledger.ts';
import type { Grown } from '../ledger/recorded.ts';
import type { Judgement, Step } from '../remedies/judge.ts';
import type {
  BufferFigure,
  CauseData,
  DeadEndData,
  DeviceData,
  Diagnosis,
  Estimate,
  Figure,
  Figures,
  Finding,
  FrameData,
  Incident,
  LedgerData,
  NoteData,
  Observation,
  PricingData,
  ProblemData,
  RecordingData,
  RequestData,
  ShownData,
  StepData,
  UnknownAmount,
  Verdict,
} from './diagnosis.ts';
import { summaryOf } from './observations.ts';
import { LIMIT_WORDS } from './plans/text.ts';
import { vocabularyOf } from './words.ts';

/** All that is known of one incident before it becomes data. */
export interface Diagnosed {
  readonly failure: Failure;
  readonly repeats: number;
  readonly case: Case;
  /** The moment of a recording that is this failure's. */
  readonly at?: AtMoment;
  readonly causes: readonly WeighedCause[];
  readonly judgement: Judgement;
  readonly requests: readonly Request[];
  readonly notes: readonly Note[];
  /** The job priced with a model. */
  readonly pricing?: PricingData;
}

const TEXTS = {
  en: {
    'gpu-rank': 'Rank {rank} ran out of GPU memory {phase}{turn}{place}.',
    gpu: 'Out of GPU memory {phase}{turn}{place}.',
    'gpu-unknown-rank': 'Rank {rank} ran out of GPU memory{place}.',
    'gpu-unknown': 'Out of GPU memory{place}.',
    'perhaps-gpu-rank': 'Rank {rank} perhaps ran out of GPU memory {phase}{turn}{place}.',
    'perhaps-gpu': 'Perhaps out of GPU memory {phase}{turn}{place}.',
    'perhaps-gpu-unknown-rank': 'Rank {rank} perhaps ran out of GPU memory{place}.',
    'perhaps-gpu-unknown': 'Perhaps out of GPU memory{place}.',
    host: 'Out of host memory, not GPU memory{place}.',
    'host-probably': 'Probably out of host memory, not GPU memory{place}.',
    'host-perhaps': 'Perhaps out of host memory, not GPU memory{place}.',
    'look-alike': 'Not a shortage of GPU memory{place}.',
    'perhaps-look-alike': 'Perhaps no shortage of GPU memory{place}.',
    first: ' (first step)',
    second: ' (just after the first step)',
    later: '',
    open: 'The text does not settle why. Possible: {titles}.',
    'open-recorded': 'The snapshot does not settle why. Possible: {titles}.',
    nothing: 'The text does not show why.',
    'no-batch': 'A smaller batch cannot help.',
    none: 'No memory failure found.',
    'none-told':
      'Line {line} speaks of a shortage of memory, in no form that is known as a failure.',
    'none-last-error': 'No memory failure found; the last error is {type} ({place}).',
    unreadable: 'Nothing here could be read.',
    'at-place': ', {place}',
    'by-frame': '{place}{function}',
    'by-frame-recompute': '{place}{function}: a forward pass inside it is recomputation',
    'in-function': ' in {name}',
    'by-line': 'line {line}: {text}',
    'by-message': 'the message itself says so',
    'by-recording': 'the allocations that the snapshot recorded around it show it',
    'by-nothing': 'no frame and no line of the text shows it',
    'in-force': 'It is on already: {source}.',
    lowest: 'It is one already: {source}.',
    'frees-nothing': 'By the model it frees {bytes} at the peak of this job.',
    'too-little': 'Even the whole card gives {bytes} more; {missing} are missing.',
    'no-room': 'By the model it gives {bytes} more room where it failed ({limit}).',
  },
  zh: {
    'gpu-rank': 'rank {rank} 在{phase}{turn}显存不足{place}。',
    gpu: '{phase}{turn}显存不足{place}。',
    'gpu-unknown-rank': 'rank {rank} 显存不足{place}。',
    'gpu-unknown': '显存不足{place}。',
    'perhaps-gpu-rank': 'rank {rank} 可能在{phase}{turn}显存不足{place}。',
    'perhaps-gpu': '{phase}{turn}可能显存不足{place}。',
    'perhaps-gpu-unknown-rank': 'rank {rank} 可能显存不足{place}。',
    'perhaps-gpu-unknown': '可能显存不足{place}。',
    host: '主机内存不足，不是显存不足{place}。',
    'host-probably': '很可能是主机内存不足，而不是显存不足{place}。',
    'host-perhaps': '可能是主机内存不足，而不是显存不足{place}。',
    'look-alike': '不是显存不足{place}。',
    'perhaps-look-alike': '可能不是显存不足{place}。',
    first: '（第一步）',
    second: '（紧接第一步之后）',
    later: '',
    open: '仅凭文本无法确定原因。可能是：{titles}。',
    'open-recorded': '仅凭快照无法确定原因。可能是：{titles}。',
    nothing: '文本没有显示原因。',
    'no-batch': '减小 batch 无济于事。',
    none: '没有发现内存方面的失败。',
    'none-told': '第 {line} 行提到内存或显存不足，但不是已知的失败形式。',
    'none-last-error': '没有发现内存方面的失败；最后一个错误是 {type}（{place}）。',
    unreadable: '没有可以读取的内容。',
    'at-place': '，{place}',
    'by-frame': '{place}{function}',
    'by-frame-recompute': '{place}{function}：其中的前向传播是重计算',
    'in-function': '，函数 {name}',
    'by-line': '第 {line} 行：{text}',
    'by-message': '错误消息本身已说明',
    'by-recording': '快照在其前后记录的分配能说明',
    'by-nothing': '文本中没有栈帧或日志行能说明',
    'in-force': '已经启用：{source}。',
    lowest: '已经是 1：{source}。',
    'frees-nothing': '按模型计算，它在该任务的峰值处释放 {bytes}。',
    'too-little': '即使用上整张卡也只多出 {bytes}，而缺少 {missing}。',
    'no-room': '按模型计算，它在失败之处（{limit}）只多出 {bytes}。',
  },
  ru: {
    'gpu-rank': 'Ранг {rank}: не хватило памяти GPU {phase}{turn}{place}.',
    gpu: 'Не хватило памяти GPU {phase}{turn}{place}.',
    'gpu-unknown-rank': 'Ранг {rank}: не хватило памяти GPU{place}.',
    'gpu-unknown': 'Не хватило памяти GPU{place}.',
    'perhaps-gpu-rank': 'Ранг {rank}: возможно, не хватило памяти GPU {phase}{turn}{place}.',
    'perhaps-gpu': 'Возможно, не хватило памяти GPU {phase}{turn}{place}.',
    'perhaps-gpu-unknown-rank': 'Ранг {rank}: возможно, не хватило памяти GPU{place}.',
    'perhaps-gpu-unknown': 'Возможно, не хватило памяти GPU{place}.',
    host: 'Не хватило памяти хоста, а не памяти GPU{place}.',
    'host-probably': 'Вероятно, не хватило памяти хоста, а не памяти GPU{place}.',
    'host-perhaps': 'Возможно, не хватило памяти хоста, а не памяти GPU{place}.',
    'look-alike': 'Это не нехватка памяти GPU{place}.',
    'perhaps-look-alike': 'Возможно, дело не в нехватке памяти GPU{place}.',
    first: ' (первый шаг)',
    second: ' (сразу после первого шага)',
    later: '',
    open: 'По тексту причину не установить. Возможно: {titles}.',
    'open-recorded': 'По снимку причину не установить. Возможно: {titles}.',
    nothing: 'Причины из текста не видно.',
    'no-batch': 'Уменьшать батч бесполезно.',
    none: 'Нехватки памяти не найдено.',
    'none-told':
      'Строка {line} говорит о нехватке памяти, но не в той форме, в какой её сообщают известные программы.',
    'none-last-error': 'Нехватки памяти не найдено; последняя ошибка — {type} ({place}).',
    unreadable: 'Прочитать ничего не удалось.',
    'at-place': ', {place}',
    'by-frame': '{place}{function}',
    'by-frame-recompute': '{place}{function}: прямой проход внутри него — это пересчёт',
    'in-function': ', функция {name}',
    'by-line': 'строка {line}: {text}',
    'by-message': 'так говорит само сообщение',
    'by-recording': 'это видно по выделениям, которые снимок записал вокруг',
    'by-nothing': 'ни один кадр и ни одна строка текста этого не показывают',
    'in-force': 'Уже включено: {source}.',
    lowest: 'И так уже 1: {source}.',
    'frees-nothing': 'По модели на пике этой задачи освобождает {bytes}.',
    'too-little': 'Даже вся карта даёт только ещё {bytes}, а не хватает {missing}.',
    'no-room': 'По модели даёт ещё {bytes} места там, где его не хватило ({limit}).',
  },
} as const;

/** The file's name without its folders: enough for a headline. */
const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

const placeIn = ({ file, line }: Pick<Frame, 'file' | 'line'>): string =>
  line === undefined ? file : `${file}:${line}`;

function assembleIncident(d: Diagnosed, lang: Lang): Incident {
  const { failure, judgement, pricing } = d;
  const { reading } = failure;
  const priceOf = ({ remedy }: Step): PricedStep | undefined =>
    pricing?.steps.find((one) => one.remedy === remedy.id);
  const peak = Math.max(0, ...(pricing?.plan.limits ?? []).map((limit) => limit.need_bytes.mid));
  const writtenOf = ({ remedy }: Step): readonly string[] | undefined =>
    pricing?.written.find((one) => one.remedy === remedy.id)?.change;
  const setAt = ({ remedy }: Pick<Step, 'remedy'>): PricingData['in_force'][number] | undefined =>
    pricing?.in_force.find((one) => one.remedy === remedy.id);
  const missOf = ({ remedy }: Step): PricingData['too_little'][number] | undefined =>
    pricing?.too_little.find((one) => one.remedy === remedy.id);
  // A request that a replay served is served, whatever the peak.
  const isWorthIt = (step: Step): boolean => {
    const price = priceOf(step);
    if (setAt(step) !== undefined || missOf(step) !== undefined) return false;
    return (
      price === undefined || step.serves_request === 'yes' || price.bytes.high > NOTHING * peak
    );
  };
  const planned = new Set(
    pricing?.plan.plans.flatMap(({ steps }) => steps.map(({ remedy }) => remedy)),
  );
  const text = (statement: Statement): string => render(statement, lang);
  return {
    kind: reading.kind,
    framework: reading.framework,
    frameworks: failure.frameworks.filter((name) => name !== reading.framework),
    format: failure.format,
    ...(reading.wording !== undefined && { wording: reading.wording }),
    ...(reading.versions !== undefined && { versions: reading.versions }),
    backend: reading.backend,
    ...(reading.exception !== undefined && { exception: reading.exception }),
    where: failure.where,
    repeats: d.repeats,
    ...(failure.time !== undefined && { time: failure.time }),
    ...(reading.device !== undefined && { device: reading.device }),
    headline: headlineOf(d, lang),
    figures: figuresOf(reading, lang),
    phase: {
      value: failure.phase.value,
      because: text(phaseBecause(failure.phase)),
      ...(failure.phase.turn !== undefined && { turn: failure.phase.turn }),
    },
    ...(failure.own !== undefined && { own_frame: frameData(failure.own) }),
    frames: failure.frames.map(frameData),
    ledger: ledgerData(d.case.ledger, lang),
    ...(d.at !== undefined && { recording: recordingData(d.at, lang, d.case.growth) }),
    causes: d.causes.map((cause) => causeData(cause, lang)),
    steps: judgement.steps.filter(isWorthIt).map((step) => ({
      remedy: step.remedy.id,
      code: step.remedy.code,
      title: text(say(step.remedy.texts, 'title')),
      category: step.remedy.category,
      ...claimOf(step, priceOf(step), lang),
      serves_request: step.serves_request,
      because: text(step.because),
      how: text(say(step.remedy.texts, 'how')),
      cost: text(say(step.remedy.texts, 'cost')),
      alters: step.remedy.alters,
      change: writtenOf(step) ?? [...step.changes.map(({ code }) => code), ...step.remedy.commands],
      cautions: step.cautions.map(text),
    })),
    dead_ends: judgement.dead_ends
      .map((end) => {
        const set = setAt(end);
        // What is on already is the nearer reason.
        if (set?.why === 'set') return ruledOut(end, set, undefined, lang);
        return {
          remedy: end.remedy.id,
          title: text(say(end.remedy.texts, 'title')),
          why: text(end.why),
          at_most_bytes: Math.max(0, Math.ceil(end.at_most.high)),
        };
      })
      .concat(
        judgement.steps
          .filter((step) => !isWorthIt(step))
          .map((step) => ruledOut(step, setAt(step) ?? missOf(step), priceOf(step), lang)),
      )
      // Too little alone, and a part of what fits.
      .filter(({ remedy }) => !planned.has(remedy)),
    ask_for: d.requests.map((request) => requestData(request, lang)),
    notes: d.notes.map((note) => noteData(note, lang)),
    ...(pricing !== undefined && { pricing }),
  };
}

type PricedStep = PricingData['steps'][number];

type Claim = Pick<StepData, 'claim' | 'at_most_bytes' | 'bytes' | 'room_at' | 'unknown' | 'basis'>;

/** What a model says of a step stands for the bound that the message allows. */
function claimOf(step: Step, price: PricedStep | undefined, lang: Lang): Claim {
  const { claim, basis } = step;
  if (price === undefined) return { claim, ...stepAmount(step, lang), basis };
  const fits = price.fits === 'yes' || price.fits === 'probably';
  const { bytes, room_at: limit } = price;
  const claimed = { claim: fits ? ('fits' as const) : ('saves' as const), bytes };
  return { ...claimed, ...(limit === undefined ? {} : { room_at: limit }), basis: 'modelled' };
}

/** Below this share of the peak a measure frees nothing. */
const NOTHING = 0.005;

/** The pool of an engine fills its card, so that bytes at the peak say nothing of what it gives. */
const noGain = (limit: PricedStep['room_at'], size: number): Statement =>
  limit === undefined
    ? say(TEXTS, 'frees-nothing', { bytes: { size } })
    : say(TEXTS, 'no-room', { bytes: { size }, limit: { words: LIMIT_WORDS[limit] } });

/** A measure that the message could not rule out, and the job's own files or its model do. */
function ruledOut(
  { remedy }: Pick<Step, 'remedy'>,
  known: PricingData['in_force'][number] | PricingData['too_little'][number] | undefined,
  price: PricedStep | undefined,
  lang: Lang,
): DeadEndData {
  const isShort = known !== undefined && 'gives_bytes' in known;
  const bytes = isShort ? known.gives_bytes : Math.max(0, price?.bytes.mid ?? 0);
  const why =
    known === undefined
      ? noGain(price?.room_at, bytes)
      : isShort
        ? say(TEXTS, 'too-little', {
            bytes: { size: bytes },
            missing: { size: known.missing_bytes },
          })
        : say(TEXTS, known.why === 'set' ? 'in-force' : 'lowest', { source: known.source });
  return {
    remedy: remedy.id,
    title: render(say(remedy.texts, 'title'), lang),
    why: render(why, lang),
    at_most_bytes: known === undefined || isShort ? Math.ceil(bytes) : 0,
  };
}

function causeData({ cause, strength, because, against }: WeighedCause, lang: Lang): CauseData {
  const text = (statement: Statement): string => render(statement, lang);
  return {
    id: cause.id,
    code: cause.code,
    title: text(say(cause.texts, 'title')),
    family: cause.family,
    strength,
    because: because.map(text),
    against: against.map(text),
  };
}

function requestData({ what, command, settles }: Request, lang: Lang): RequestData {
  return { what: render(what, lang), command, settles: render(settles, lang) };
}

function stepAmount(
  { claim, bytes, basis }: Step,
  lang: Lang,
): Pick<StepData, 'at_most_bytes' | 'bytes' | 'unknown'> {
  if (isUnknown(bytes)) {
    const most = bytes.at_most === undefined ? {} : { at_most_bytes: Math.ceil(bytes.at_most) };
    return { unknown: render(bytes.unknown, lang), ...most };
  }
  return claim === 'at_most'
    ? { at_most_bytes: Math.max(0, Math.ceil(bytes.high)) }
    : { bytes: estimateData(bytes, basis) };
}

const HOST_HEADLINES = {
  proven: 'host',
  likely: 'host-probably',
  possible: 'host-perhaps',
} as const;

function headlineOf(d: Diagnosed, lang: Lang): string {
  const { failure, causes, judgement } = d;
  const { own, phase, where, reading } = failure;
  const place =
    own === undefined
      ? ''
      : say(TEXTS, 'at-place', { place: placeIn({ ...own, file: baseName(own.file) }) });
  const turn = phase.turn === undefined ? '' : say(TEXTS, phase.turn);
  // An error that has other usual causes is no shortage until something points to one.
  const isDoubtful =
    reading.clues.includes('may-be-no-memory') &&
    (causes[0]?.strength ?? 'possible') === 'possible';
  const who =
    reading.kind === 'host_oom'
      ? say(TEXTS, HOST_HEADLINES[causes[0]?.strength ?? 'possible'], { place })
      : reading.kind === 'look_alike'
        ? say(TEXTS, mayBeShort(causes) ? 'perhaps-look-alike' : 'look-alike', { place })
        : gpuHeadline(phase, where.rank, turn, place, isDoubtful);
  const parts = [who];
  const first = causes[0];
  const open = d.at === undefined ? 'open' : 'open-recorded';
  if (first !== undefined && first.strength !== 'possible') {
    parts.push(first.headline ?? say(first.cause.texts, 'headline'));
  } else if (first !== undefined) {
    const titles = vocabularyOf(lang).series(
      causes.slice(0, 3).map(({ cause }) => lowerFirst(render(say(cause.texts, 'title'), lang))),
    );
    parts.push(say(TEXTS, open, { titles }));
  } else {
    parts.push(say(TEXTS, 'nothing'));
  }
  if (judgement.dead_ends.some(({ remedy }) => remedy.id === 'smaller-micro-batch')) {
    parts.push(say(TEXTS, 'no-batch'));
  }
  return joinSentences(parts.map((part) => render(part, lang)));
}

/** Whether a look-alike can be a shortage on the device after all: nothing settles it, and one is among what is possible. */
const mayBeShort = (causes: Diagnosed['causes']): boolean =>
  causes[0]?.strength === 'possible' &&
  causes.some(({ cause }) => cause.family !== 'not-oom' && cause.family !== 'host-memory');

/** "The model …" → "the model …", "A pool" → "a pool", but "KV cache", "PyTorch", "/dev/shm" stay. */
const lowerFirst = (text: string): string =>
  /^\p{Lu}(?:\p{Ll}+(?![\p{L}\d])| \p{Ll})/u.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;

function gpuHeadline(
  phase: PhaseReading,
  rank: number | undefined,
  turn: Statement | string,
  place: Statement | string,
  isDoubtful: boolean,
): Statement {
  if (phase.value === 'unknown') {
    return rank === undefined
      ? say(TEXTS, isDoubtful ? 'perhaps-gpu-unknown' : 'gpu-unknown', { place })
      : say(TEXTS, isDoubtful ? 'perhaps-gpu-unknown-rank' : 'gpu-unknown-rank', { rank, place });
  }
  const words = PHASES[phase.value];
  return rank === undefined
    ? say(TEXTS, isDoubtful ? 'perhaps-gpu' : 'gpu', { phase: words, turn, place })
    : say(TEXTS, isDoubtful ? 'perhaps-gpu-rank' : 'gpu-rank', {
        rank,
        phase: words,
        turn,
        place,
      });
}

function phaseBecause(phase: PhaseReading): Statement {
  const { because } = phase;
  if (because.kind === 'message') return say(TEXTS, 'by-message');
  if (because.kind === 'nothing') return say(TEXTS, 'by-nothing');
  if (because.kind === 'recording') return say(TEXTS, 'by-recording');
  if (because.kind === 'line')
    return say(TEXTS, 'by-line', { line: because.at, text: because.text });
  const { frame, recomputation } = because;
  return say(TEXTS, recomputation ? 'by-frame-recompute' : 'by-frame', {
    place: placeIn(frame),
    function:
      frame.function === undefined ? '' : say(TEXTS, 'in-function', { name: frame.function }),
  });
}

function figureOf(fact: Fact, lang: Lang): Figure {
  return isUnknown(fact.value)
    ? { raw: fact.raw, why: render(fact.value.unknown, lang) }
    : Math.round(fact.value.mid);
}

function figuresOf(
  { facts, counts, tensor }: Pick<Reading, 'facts' | 'counts' | 'tensor'>,
  lang: Lang,
): Figures {
  const figures: Record<string, unknown> = { ...counts };
  const processes: { pid: number; bytes: Figure }[] = [];
  const buffers: BufferFigure[] = [];
  for (const fact of facts) {
    const { quantity, scope } = fact;
    if (quantity === 'listed_process') {
      if (scope.pid !== undefined) processes.push({ pid: scope.pid, bytes: figureOf(fact, lang) });
    } else if (quantity === 'buffer') {
      buffers.push({
        name: scope.buffer ?? '?',
        role: scope.role ?? 'other',
        bytes: figureOf(fact, lang),
      });
    } else figures[`${quantity}_bytes`] ??= figureOf(fact, lang);
  }
  if (processes.length > 0) figures['other_processes'] = processes;
  if (buffers.length > 0) figures['buffers'] = buffers;
  if (tensor !== undefined) figures['tensor'] = tensor;
  return figures as Figures;
}

function frameData(frame: Frame): FrameData {
  const { at: _, ...data } = frame;
  return data;
}

function estimateData(value: Interval, basis: Atom['basis']): Estimate {
  return {
    low: Math.floor(value.low),
    mid: Math.round(value.mid),
    high: Math.ceil(value.high),
    kind: value.kind,
    basis,
  };
}

function amountData(
  value: Interval | Unknown,
  basis: Atom['basis'],
  lang: Lang,
): Estimate | UnknownAmount {
  if (!isUnknown(value)) return estimateData(value, basis);
  return value.at_most === undefined
    ? { unknown: render(value.unknown, lang) }
    : { unknown: render(value.unknown, lang), at_most: Math.ceil(value.at_most) };
}

function ledgerData({ moment, atoms, limits, totals }: Ledger, lang: Lang): LedgerData {
  const origin = (source: Origin): string =>
    typeof source === 'string' ? source : render(source, lang);
  return {
    moment: { name: moment.name, detail: render(moment.detail, lang) },
    atoms: atoms.map(({ bytes, basis, source, ...atom }) => ({
      ...atom,
      source: origin(source),
      bytes: amountData(bytes, basis, lang),
    })),
    limits: limits.map(({ name, selector, bytes, source }) => ({
      name,
      selector,
      bytes: amountData(bytes, 'measured', lang),
      source: origin(source),
    })),
    totals: totals.map(({ name, selector, bytes, source }) => ({
      name: render(name, lang),
      selector,
      bytes: estimateData(bytes, 'measured'),
      source: origin(source),
    })),
  };
}

const withPlace = (at: Place | undefined): { at?: Place } => (at === undefined ? {} : { at });

function noteData(note: Note, lang: Lang): NoteData {
  return { code: note.code, text: render(note.text, lang), ...withPlace(note.at) };
}

function problemData(problem: Problem, lang: Lang): ProblemData {
  return {
    code: problem.code,
    what: render(problem.what, lang),
    why: render(problem.why, lang),
    do: render(problem.todo, lang),
    ...withPlace(problem.at),
  };
}

function shownData({ bytes, raw }: Shown, lang: Lang): ShownData {
  if (!isUnknown(bytes)) return bytes.mid;
  return /\d/.test(raw)
    ? { raw, why: render(bytes.unknown, lang) }
    : { unknown: render(bytes.unknown, lang) };
}

function deviceData(device: SeenDevice, ledger: Ledger | undefined, lang: Lang): DeviceData {
  const { total, used, free, reserved, processes, listed, line: _, ...rest } = device;
  return {
    ...rest,
    ...(total !== undefined && { total_bytes: shownData(total, lang) }),
    ...(used !== undefined && { used_bytes: shownData(used, lang) }),
    ...(free !== undefined && { free_bytes: shownData(free, lang) }),
    ...(reserved !== undefined && { reserved_bytes: shownData(reserved, lang) }),
    processes: processes.map(({ memory, line: __, ...process }) => ({
      ...process,
      bytes: shownData(memory, lang),
    })),
    processes_listed: listed,
    ledger: ledgerData(ledger ?? ledgerOfDevice(device), lang),
  };
}

/**
 * A moment of a recording, with what the recording shows beyond it.
 * @param counted what grows, where the case takes only some of it for growth.
 */
function recordingData(
  { recorded, moment }: AtMoment,
  lang: Lang,
  counted?: readonly Grown[],
): RecordingData {
  const { source, device, rank, events, reproduced } = recorded;
  const growth = isUnknown(recorded.growth) ? recorded.growth : (counted ?? recorded.growth);
  const text = (statement: Statement): string => render(statement, lang);
  const failed = recorded.failures.find((one) => one === moment);
  return {
    source,
    device,
    ...(rank !== undefined && { rank }),
    moment: moment.kind,
    ...(moment.event !== undefined && { event: moment.event }),
    stage: moment.stage,
    ...(failed?.line !== undefined && { asked_by: failed.line }),
    ...(failed !== undefined && { why: text(failed.why) }),
    events,
    failures: recorded.failure_count,
    written_by: recorded.written_by,
    is_synthetic: recorded.is_synthetic,
    reproduced: isUnknown(reproduced) ? { unknown: text(reproduced.unknown) } : reproduced,
    growth: isUnknown(growth)
      ? { unknown: text(growth.unknown) }
      : growth.map(({ line, category, strength, bytes, steps, because, against, ...rest }) => ({
          line,
          category,
          strength,
          bytes_per_step: rest.bytes_per_step,
          bytes,
          steps,
          because: because.map(text),
          against: against.map(text),
        })),
    replays: recorded.replays.map(
      ({ peak_reserved: peak, served, failed_at: failedAt, why, dangers, ...row }) => ({
        ...row,
        peak_reserved_bytes: peak,
        served: served ?? null,
        failed_at: failedAt ?? null,
        why: why.map(text),
        dangers: dangers.map(text),
      }),
    ),
  };
}

/** The unit that explains a format of what was seen. */
const unitOf = (format: string): Unit | undefined =>
  [...statuses, memorySnapshot].find(({ id }) => id === format);

function observationData(
  { sighted, ledgers, relation, because }: Observed,
  lang: Lang,
): Observation {
  const { format, source, line, last, rank, pid, host, time, label, versions, recorded } = sighted;
  const status = unitOf(format);
  const [ledger] = ledgers;
  return {
    format,
    title: status === undefined ? format : render(say(status.texts, 'title'), lang),
    where: {
      source,
      // A snapshot has no lines.
      ...(recorded === undefined && { line }),
      ...(last > line && { last_line: last }),
      ...(rank !== undefined && { rank }),
      ...(pid !== undefined && { pid }),
      ...(host !== undefined && { host }),
    },
    ...(time !== undefined && { time }),
    ...(label !== undefined && { label }),
    ...(versions !== undefined && { versions }),
    relation: { value: relation, because: render(because, lang) },
    devices: (sighted.devices ?? []).map((device, index) =>
      deviceData(device, ledgers[index], lang),
    ),
    figures: figuresOf(
      {
        facts: sighted.facts ?? [],
        ...(sighted.counts !== undefined && { counts: sighted.counts }),
      },
      lang,
    ),
    events: sighted.events ?? [],
    ...(recorded !== undefined &&
      ledger !== undefined && {
        ledger: ledgerData(ledger, lang),
        recording: recordingData({ recorded, moment: recorded.peak }, lang),
      }),
  };
}

function findingData(found: WeighedFinding, lang: Lang): Finding {
  const text = (statement: Statement): string => render(statement, lang);
  return {
    id: found.rule.id,
    code: found.rule.code,
    title: text(say(found.rule.texts, 'title')),
    strength: found.strength,
    headline: text(found.headline),
    because: found.because.map(text),
    do: found.todo.map(text),
    commands: found.commands,
    observation: found.observation,
    ...(found.device !== undefined && { device: found.device }),
  };
}

const GRAVEST: readonly IncidentKind[] = ['gpu_oom', 'host_oom', 'look_alike'];

export interface Assembly {
  readonly diagnosed: readonly Diagnosed[];
  readonly observed: readonly Observed[];
  readonly findings: readonly WeighedFinding[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly readable: number;
  readonly frameworks: readonly string[];
  readonly lastError?: LastError;
  /** Where nothing failed. */
  readonly suspicion?: Suspicion;
}

export function assembleDiagnosis(assembly: Assembly, lang: Lang): Diagnosis {
  const incidents = assembly.diagnosed.map((d) => assembleIncident(d, lang));
  const observations = assembly.observed.map((one) => observationData(one, lang));
  const found = assembly.findings.map((one) => findingData(one, lang));
  const verdict: Verdict = GRAVEST.find((kind) => incidents.some((i) => i.kind === kind)) ?? 'none';
  const first = incidents.find((incident) => incident.kind === verdict);
  return {
    schema: 'unoom/diagnosis/1',
    lang,
    verdict,
    headline: first?.headline ?? quietHeadline(assembly, observations, found, lang),
    incidents,
    observations,
    findings: found,
    causes: (assembly.suspicion?.causes ?? []).map((cause) => causeData(cause, lang)),
    ask_for: (assembly.suspicion?.requests ?? []).map((request) => requestData(request, lang)),
    frameworks: [
      ...new Set([
        ...incidents.flatMap(({ framework, frameworks }) => [...frameworks, framework]),
        ...assembly.frameworks,
      ]),
    ],
    sources_read: assembly.readable,
    problems: assembly.problems.map((problem) => problemData(problem, lang)),
    notes: assembly.notes.map((note) => noteData(note, lang)),
  };
}

/** Nothing failed: the gravest finding is the answer, else what was seen. */
function quietHeadline(
  assembly: Assembly,
  observations: readonly Observation[],
  found: readonly Finding[],
  lang: Lang,
): string {
  if (found[0] !== undefined) return found[0].headline;
  const none = render(noneHeadline(assembly), lang);
  const summary = summaryOf(observations, vocabularyOf(lang));
  return joinSentences([none, summary ?? '']);
}

function noneHeadline({ readable, lastError, suspicion }: Assembly): Statement {
  if (readable === 0) return say(TEXTS, 'unreadable');
  if (suspicion?.told !== undefined) return say(TEXTS, 'none-told', { line: suspicion.told });
  if (lastError === undefined) return say(TEXTS, 'none');
  const { source, line } = lastError.at;
  return say(TEXTS, 'none-last-error', {
    type: lastError.type,
    place: line === undefined ? source : `${source}:${line}`,
  });
}
