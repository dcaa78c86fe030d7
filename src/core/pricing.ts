/**
 * The one path from a failure to its price: what the evidence says of the job becomes a workload, the card that
 * failed a machine; the prediction is anchored to the figures of the failure, and then planned with.
 */
import { formatBytes } from './base/bytes.ts';
import { minus, spread } from './base/factor.ts';
import { type Interval, subtract, ZERO } from './base/interval.ts';
import type { Phase } from './base/phase.ts';
import type { Note } from './base/problem.ts';
import { type Lang, type Statement, say } from './base/texts.ts';
import { isUnknown, unknown } from './base/unknown.ts';
import { gpuNamed } from './catalog/gpus.ts';
import { type Case, printedValue } from './diagnosis/case.ts';
import type { Observed } from './diagnosis/observed.ts';
import { placeText } from './diagnosis/place.ts';
import type { WeighedCause } from './diagnosis/weigh.ts';
import type { Failure } from './evidence/failure.ts';
import type { SignPlace } from './evidence/signs.ts';
import type { KnownModel } from './footprint/decide.ts';
import { anchorOf } from './plan/anchor/anchor.ts';
import { cacheNotes, measuredCache, weightsNotes } from './plan/anchor/engine.ts';
import { explanations } from './plan/anchor/explain.ts';
import { failingTensor } from './plan/anchor/failing-tensor.ts';
import { measuredOf } from './plan/anchor/measured.ts';
import type { Constraints } from './plan/options.ts';
import { answer, type Prefer, pricedAlone } from './plan/plan.ts';
import { cardsOf, price, type Question, type Room } from './plan/price.ts';
import { OF_ALLOCATOR } from './plan/search.ts';
import { contradiction } from './planning.ts';
import type { Judgement } from './remedies/judge.ts';
import { remedies } from './remedies/measures.gen.ts';
import { changesIn, writtenChanges } from './remedies/remedy.ts';
import type { PricingData } from './report/diagnosis.ts';
import { planData } from './report/plans/data.ts';
import {
  type InForce,
  pricingData,
  type TooLittle,
  type WrittenStep,
} from './report/plans/pricing.ts';
import { isOfTrainer, writeChange } from './workload/dialect.ts';
import type { Cards, Machine } from './workload/machine.ts';
import { cardsOf as cardsOfGpu } from './workload/machine-reading.ts';
import type { WorkloadReading } from './workload/reading/read-workload.ts';
import { withDefaults } from './workload/reading/with-defaults.ts';
import { spokenIn } from './workload/reading/words.ts';
import { SETTING_NAMES, type SettingName } from './workload/settings.ts';
import { changed, type Purpose, type Stated, type Workload } from './workload/workload.ts';

/** A failure as a diagnosis has it. */
export interface FailedCase {
  readonly case: Case;
  readonly failure: Failure;
  readonly causes: readonly WeighedCause[];
  readonly judgement: Judgement;
  readonly observed: readonly Observed[];
}

export interface PricingRequest {
  readonly reading: WorkloadReading;
  readonly known: KnownModel;
  /** The machine as it was named; without it the card that failed is taken. */
  readonly machine?: Machine;
  readonly constraints: Constraints;
  readonly prefer: Prefer;
  readonly lang: Lang;
}

/** A failure's price, or a note that says why there is none. */
export interface PricedFailure {
  readonly pricing?: PricingData;
  readonly notes: readonly Note[];
}

/** Why a failure has no price, as a note of its diagnosis. */
export function unpriced(why: Statement | string): PricedFailure {
  return { notes: [{ code: 'not-priced', text: say(TEXTS, 'not-priced', { why }) }] };
}

const TEXTS = {
  en: {
    'no-host': 'the evidence does not show it',
    'not-priced': 'Not priced with a model: {why}',
    overruled:
      'A fused loss is set ({source}), and yet the logits were made whole ({place}): it was not in force, and is priced as a measure. Whether its library is installed and knows this class of model is worth a look.',
    companion:
      '{name} is loaded too ({source}): what it takes is not in the figures of {model}, and may be what does not agree.',
    'no-machine': 'the message does not print the card’s memory; name the machine with --on.',
  },
  zh: {
    'no-host': '证据中没有',
    'not-priced': '未结合模型计算：{why}',
    overruled:
      '设置了融合损失（{source}），但 logits 仍被完整生成（{place}）：它并未生效，因此按一项措施计算。应查看对应的库是否已安装、是否支持这类模型。',
    companion:
      '还加载了 {name}（{source}）：它占用的显存不在 {model} 的数字里，不吻合之处可能就是它。',
    'no-machine': '消息没有给出显卡的显存；用 --on 指定机器。',
  },
  ru: {
    'no-host': 'в данных этого нет',
    'not-priced': 'С моделью не посчитано: {why}',
    overruled:
      'Слитная функция потерь задана ({source}), и всё же логиты созданы целиком ({place}): она не действовала и считается как мера. Стоит проверить, установлена ли её библиотека и знает ли она этот класс модели.',
    companion:
      'Загружена и {name} ({source}): её памяти нет в цифрах {model}, и расхождение может быть ею.',
    'no-machine': 'в сообщении нет памяти карты; назвать машину: --on.',
  },
} as const;

export function priceFailure(request: PricingRequest, failed: FailedCase): PricedFailure {
  const { known, prefer, lang, reading } = request;
  const constraints = { ...request.constraints, told: toldIn(failed) };
  const workload = withDefaults(workloadOf(request, failed));
  const senseless = contradiction(workload, known);
  if (senseless !== undefined) return unpriced(senseless);
  const machine = machineOf(request, failed, workload);
  if (machine === undefined) return unpriced(say(TEXTS, 'no-machine'));
  const described: Question = { workload, known, machine, margin: 0 };
  const priced = price(described);
  const measured = measuredOf(failed.case, failed.causes);
  const anchor = anchorOf(priced, measured);
  const explained = anchor === undefined ? [] : explanations(described, priced, anchor, measured);
  const failedAt = failedLimit(failed.case);
  const told = measuredCache(failed, priced, machine);
  const cache = told?.isApart === true ? undefined : told;
  const correction = {
    residual: 0,
    ...anchor?.correction,
    factors: new Map([...(cache?.factors ?? []), ...(anchor?.correction.factors ?? [])]),
    ...(cache === undefined ? {} : { beyond: cache.modelled - cache.seen.high }),
  };
  const question: Question = {
    ...described,
    ...(anchor === undefined && cache === undefined ? {} : { correction }),
    ...(failedAt === undefined ? {} : { failedAt }),
  };
  const found = answer(question, remedies, constraints, prefer);
  const plan = planData(question, found, {
    lang,
    problems: reading.problems,
    overridden: reading.overridden,
  });
  const { requested } = failed.case.amounts;
  const pricing = pricingData(
    {
      plan,
      ...(anchor === undefined ? {} : { anchor }),
      explained,
      tensors:
        requested === undefined
          ? []
          : failingTensor(failed.case, requested, failed.failure.frames, priced.job),
      steps: pricedAlone(question, isIdleTold(failed.case) ? unidle : remedies, constraints),
      inForce: inForce(workload),
      tooLittle: tooLittle(failed, question),
      written: writtenFor(failed, workload),
    },
    lang,
  );
  return {
    pricing,
    notes: [
      ...overruledIn(request, failed),
      ...weightsNotes(failed, priced, known),
      ...cacheNotes(told),
      ...companionNotes(request),
    ],
  };
}

/** What is idle is measured: the allocator's settings free no more than that, whatever a model says. */
const isIdleTold = ({ amounts }: Case): boolean => amounts.idle !== undefined;

const unidle = remedies.filter(
  ({ changes }) =>
    changes.length === 0 || !changes.every(({ setting }) => OF_ALLOCATOR.includes(setting)),
);

/** Kernels that compute a loss without whole logits. */
const FUSED = /liger|cut_cross_entropy|fused_linear|unsloth/i;

/** Frames at work on whole logits, where a loss that makes none is said to be in force. */
function wholeLogits({ reading }: PricingRequest, { case: c }: FailedCase): SignPlace | undefined {
  // In evaluation, and where log-probabilities are wanted, such a kernel makes whole logits too.
  if (c.phase.value !== 'forward' && c.phase.value !== 'backward') return undefined;
  const task = reading.workload.settings.get('task')?.value ?? 'sft';
  const place = task === 'sft' ? c.shows('logits') : undefined;
  return place === undefined || !('frame' in place) || FUSED.test(place.frame.file)
    ? undefined
    : place;
}

function overruledIn(request: PricingRequest, failed: FailedCase): readonly Note[] {
  const stated = request.reading.workload.settings.get('fused_loss');
  const place = wholeLogits(request, failed);
  if (stated?.value !== true || place === undefined) return [];
  const text = say(TEXTS, 'overruled', { source: stated.source, place: placeText(place) });
  return [{ code: 'overruled', text }];
}

const companionNotes = ({ reading, known }: PricingRequest): readonly Note[] =>
  reading.companions.map(({ name, source }) => ({
    code: 'companion',
    text: say(TEXTS, 'companion', { name, source, model: known.model.name }),
  }));

/**
 * The limit at which an engine failed: while it plans, its budget or the cache of a whole sequence; in its work the card,
 * where the pool has taken its part.
 */
function failedLimit(c: Case): Room['limit'] | undefined {
  if (!c.isEngine || c.has('taken-at-start')) return undefined;
  if (c.has('sequence-exceeds-kv')) return 'longest-sequence';
  const isPlanning = c.has('engine-budget-too-small') || PLANNING.includes(c.phase.value);
  if (isPlanning) return 'budget';
  return c.kind === 'gpu_oom' && c.phase.value !== 'unknown' ? 'card' : undefined;
}

const PLANNING: readonly Phase[] = ['load', 'init', 'kv_alloc'];

/** Measures whose settings somebody set so already, or that go no further, each with the place. */
function inForce({ settings }: Workload): readonly InForce[] {
  return remedies.flatMap(({ id, changes, is_graded: isGraded }): InForce[] => {
    const lowest = changes.map(({ setting, to }) => {
      const stated = to === 'half' ? settings.get(setting) : undefined;
      return stated?.value === 1 && stated.by !== 'default' ? stated : undefined;
    });
    const least = lowest.find((stated) => stated !== undefined);
    if (least !== undefined) return [{ remedy: id, source: least.source, why: 'lowest' }];
    if (isGraded === true) return [];
    const set = changes.map(({ setting, to }) => {
      const stated = settings.get(setting);
      return stated?.value === to && stated.by !== 'default' ? stated : undefined;
    });
    const [first] = set;
    if (first === undefined || set.includes(undefined)) return [];
    return [{ remedy: id, source: first.source, why: 'set' }];
  });
}

/**
 * Raising an engine's share where even the whole card is too little. What is missing is the message's own figures where
 * it prints them, and else the model's.
 */
function tooLittle(failed: FailedCase, question: Question): readonly TooLittle[] {
  const { failedAt, workload } = question;
  if (failedAt !== 'longest-sequence' && failedAt !== 'budget') return [];
  const raising = failed.judgement.steps.filter(({ remedy: { changes } }) =>
    changes.some(({ setting, to }) => setting === 'engine_fraction' && to === 'higher'),
  );
  if (raising.length === 0) return [];
  const raised = changed(workload, [{ setting: 'engine_fraction', to: 1 }], 'raise');
  const before = roomsAt(price(question), failedAt);
  const after = roomsAt(price({ ...question, workload: raised }), failedAt);
  if (before === undefined || after === undefined) return [];
  const needed = failed.case.facts.find(({ quantity }) => quantity === 'kv_needed')?.value;
  const there = failed.case.facts.find(({ quantity }) => quantity === 'kv_available')?.value;
  const isTold = needed !== undefined && there !== undefined;
  const missing =
    isTold && !isUnknown(needed) && !isUnknown(there) ? subtract(needed, there) : negated(before);
  const gives = spread(minus(leftAt(after), leftAt(before)));
  if (gives.high >= missing.low) return [];
  return raising.map(({ remedy }) => ({
    remedy: remedy.id,
    gives: gives.mid,
    missing: missing.mid,
  }));
}

const roomsAt = ({ rooms }: ReturnType<typeof price>, at: Room['limit']): Room | undefined =>
  rooms.find(({ limit }) => limit === at);

const leftAt = ({ have, need }: Room) => minus(have, need);

const negated = ({ have, need }: Room): Interval => spread(minus(need, have));

/** What the message of the failure says would do, by measure. */
const toldIn = ({ case: c, judgement }: FailedCase): NonNullable<Constraints['told']> =>
  new Map(
    judgement.steps.flatMap(({ remedy }) => {
      const changes = remedy.told?.(c);
      return changes === undefined ? [] : [[remedy.id, changes] as const];
    }),
  );

/** The changes of the diagnosis's steps, in the words of the frameworks that the files of the job show. */
function writtenFor(
  { case: c, judgement }: FailedCase,
  workload: Workload,
): readonly WrittenStep[] {
  const spoken = spokenIn(workload);
  const task = workload.settings.get('task')?.value;
  return judgement.steps.flatMap(({ remedy }): WrittenStep[] => {
    const change = writtenChanges(remedy, changesIn(remedy, c)).flatMap((one) => {
      const old = workload.settings.get(one.setting)?.value;
      const written = writeChange(one, spoken, workload.versions, old, task);
      const isVoid = workload.purpose !== 'training' && isOfTrainer(written?.code ?? '');
      return written === undefined || isVoid ? [] : [written.code];
    });
    return change.length === 0
      ? []
      : [{ remedy: remedy.id, change: [...change, ...remedy.commands] }];
  });
}

/** What files say stands; what the log of the failure prints adds to it. */
function workloadOf(request: PricingRequest, failed: FailedCase): Workload {
  const { reading } = request;
  const { case: c, failure } = failed;
  const settings = new Map<SettingName, Stated>(reading.workload.settings);
  for (const name of SETTING_NAMES) {
    const value = printedValue(c, name);
    if (value === undefined || settings.has(name)) continue;
    const by = c.setting(name)?.by;
    const line = by?.kind === 'printed' ? `:${by.assignment.line}` : '';
    settings.set(name, { value, by: 'file', source: `${failure.where.source}${line}` });
  }
  if (settings.get('fused_loss')?.value === true && wholeLogits(request, failed) !== undefined)
    settings.set('fused_loss', { value: false, by: 'file', source: placeOf(failure) });
  // A loop of one's own is all that its script speaks of; the failure shows libraries whole, trainers too.
  const isOwn = settings.get('own_loop')?.value === true;
  const seen = isOwn ? [] : c.dialects.map(({ id }) => id);
  const dialects = [...new Set([...reading.workload.dialects, ...seen])];
  const purpose = reading.isPurposeTold ? reading.workload.purpose : purposeOf(c);
  // Whoever trains and fails in an evaluation evaluates.
  if (purpose === 'training' && c.phase.value === 'eval' && !settings.has('evaluates')) {
    settings.set('evaluates', { value: true, by: 'file', source: placeOf(failure) });
  }
  // An engine says for how many tokens it was started; whether somebody asked for so many it does not.
  const length = purpose === 'serving' ? c.counts.max_seq_len : undefined;
  if (length !== undefined && !settings.has('context_length'))
    settings.set('context_length', { value: length, by: 'default', source: placeOf(failure) });
  const versions = new Map([...c.versions, ...reading.workload.versions]);
  return { ...reading.workload, settings, dialects, versions, purpose };
}

const placeOf = ({ where: { source, line } }: Failure): string =>
  line === undefined ? source : `${source}:${line}`;

const MAKING: readonly Phase[] = ['load', 'init', 'transfer'];

function purposeOf({ situation, isEngine, phase }: Case): Purpose {
  const seen = situation.workload?.purpose;
  if (seen === 'training' || seen === 'evaluation') return seen;
  if (isEngine) return 'serving';
  if (seen === 'inference' || phase.value === 'generate') return 'generation';
  // Whoever loads a model may do anything with it: what needs least is taken.
  return MAKING.includes(phase.value) ? 'generation' : 'training';
}

/** A named machine is another one where its cards differ from the one that failed by more than this. */
const SAME_CARD = 0.15;

function machineOf(
  { machine, reading }: PricingRequest,
  { case: c, failure, observed }: FailedCase,
  workload: Workload,
): Machine | undefined {
  const { total, others, untold_others: untold, allowed } = c.amounts;
  if (total === undefined) return machine;
  const room = allowed !== undefined && allowed.mid < total.mid ? allowed : total;
  const taken = others ?? (untold !== undefined && untold.low > 0 ? untold : ZERO);
  const measured = { usable: room, taken };
  if (machine !== undefined) {
    const cards = cardsOf(machine);
    const isSame = Math.abs(cards.usable.mid - total.mid) <= SAME_CARD * total.mid;
    return isSame ? { ...machine, cards: [{ ...cards, ...measured }] } : machine;
  }
  const seen = observed
    .flatMap(({ sighted }) => sighted.devices ?? [])
    .find(
      ({ index, name }) => name !== undefined && (c.device === undefined || index === c.device),
    );
  const stated = workload.settings.get('world_size')?.value;
  const { gpus = 1, nodes = 1 } = reading.machine;
  const count = typeof stated === 'number' ? stated : Math.max(gpus * nodes, (c.rank ?? 0) + 1);
  const known = seen?.name === undefined ? undefined : gpuNamed(seen.name)?.gpu;
  const name = known?.name ?? seen?.name ?? `GPU ${formatBytes(total.mid)}`;
  const cards: Cards = {
    ...(known === undefined ? { name, count } : cardsOfGpu(known, count)),
    ...measured,
    source: failure.where.source,
  };
  return {
    name,
    cards: [cards],
    host: unknown(say(TEXTS, 'no-host')),
    notes: [],
  };
}
