/**
 * The answer to "does it fit" as data that others build on: what `unoom plan --format json` prints and the
 * library returns. snake_case; bytes are integers; a modelled figure is `{ low, mid, high, kind, basis }`.
 */

import { MiB } from '../../base/bytes.ts';
import type { FactorValues, Modelled } from '../../base/factor.ts';
import { spread } from '../../base/factor.ts';
import type { Interval } from '../../base/interval.ts';
import type { Problem } from '../../base/problem.ts';
import { render } from '../../base/render.ts';
import { type Lang, phrase } from '../../base/texts.ts';
import { isUnknown } from '../../base/unknown.ts';
import type { KnownModel } from '../../footprint/decide.ts';
import { type PredictedAtom, type PredictedMoment, peakOf } from '../../footprint/footprint.ts';
import { piecesOf, workedOf } from '../../footprint/inputs.ts';
import { pagesOf } from '../../footprint/paged.ts';
import { hostBytes } from '../../footprint/ranks.ts';
import type { Scene } from '../../footprint/term.ts';
import { hostPages } from '../../footprint/terms/host-pages.ts';
import type { Basis, Category, Pool } from '../../ledger/ledger.ts';
import type { Answer, Plan, PlanName, PlannedStep } from '../../plan/plan.ts';
import {
  cardsOf,
  needOf,
  type Priced,
  type Question,
  type Room,
  roomAt,
  verdictOf,
  verdictOfRoom,
} from '../../plan/price.ts';
import type { CostClass, Verdict } from '../../plan/words.ts';
import { type Alteration, writtenChanges } from '../../remedies/remedy.ts';
import { type Dialect, isOfTrainer, writeChange } from '../../workload/dialect.ts';
import type { Machine } from '../../workload/machine.ts';
import { elementsOf, parameterCount } from '../../workload/model/weights.ts';
import type { Overridden } from '../../workload/reading/settle.ts';
import { spokenIn } from '../../workload/reading/words.ts';
import type { Unread, Workload } from '../../workload/workload.ts';
import type { Estimate } from '../diagnosis.ts';
import { renderProblem } from '../problem-text.ts';
import { workedText } from './worked.ts';

export interface PlanAtom {
  readonly term: string;
  readonly title: string;
  readonly category: Category;
  readonly pool: Pool | 'host';
  readonly bytes: Estimate;
  readonly formula: string;
  /** The formula with this workload's numbers in it, uncertain ones at their middle. */
  readonly worked: string;
  /** What its symbols are. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface PhaseData {
  readonly phase: PredictedMoment['moment']['point'];
  readonly turn: PredictedMoment['moment']['turn'];
  readonly ledger: { readonly atoms: readonly PlanAtom[] };
  readonly allocated_bytes: Estimate;
  readonly reserved_bytes: Estimate;
  readonly device_bytes: Estimate;
  readonly host_bytes: Estimate;
}

export interface RankData {
  readonly role: string;
  readonly count: number;
  readonly timeline: readonly PhaseData[];
  readonly peak: Pick<
    PhaseData,
    'phase' | 'turn' | 'allocated_bytes' | 'reserved_bytes' | 'device_bytes'
  >;
}

export interface RoomData {
  readonly limit: Room['limit'];
  readonly role?: string;
  readonly need_bytes: Estimate;
  readonly have_bytes: Estimate;
  /** Below 0 where it does not fit. */
  readonly left_bytes: number;
  readonly fits: Verdict;
}

export interface PlanStepData {
  readonly remedy: string;
  readonly code: string;
  readonly title: string;
  readonly category: CostClass;
  readonly claim: 'saves';
  readonly bytes: Estimate;
  /** Of an engine, whose cache takes what the card has: the limit at which there is so much more room. */
  readonly room_at?: Room['limit'];
  readonly basis: Basis;
  readonly peak_after: Estimate;
  readonly slowdown: number;
  readonly because: string;
  readonly how: string;
  readonly cost: string;
  readonly alters: Alteration;
  /** Settings, from what to what; null where nothing was said before. */
  readonly settings: readonly {
    readonly name: string;
    readonly from: string | number | boolean | null;
    readonly to: string | number | boolean;
  }[];
  /** The change as the frameworks that are there write it. */
  readonly change: readonly string[];
}

export interface OnePlan {
  readonly names: readonly PlanName[];
  readonly fits: Verdict;
  readonly steps: readonly PlanStepData[];
  readonly peak_after: Estimate;
  readonly slowdown: number;
  /** What all processes of a host hold in its memory together. */
  readonly host_bytes: number;
  /** No cheaper combination of these measures fits. */
  readonly is_cheapest: boolean;
  readonly given_back_bytes?: number;
}

export interface GpuData {
  readonly name: string;
  readonly count: number;
  readonly fits: Verdict;
}

/** Another experiment: a smaller model of the same kind, with the job as it is. */
export interface SmallerModelData {
  readonly name: string;
  readonly parameters: number;
  readonly is_distilled: boolean;
  readonly need_bytes: Estimate;
  readonly fits: Verdict;
}

export interface PlanData {
  readonly schema: 'unoom.plan/1';
  readonly lang: Lang;
  readonly fits: Verdict;
  readonly model: {
    readonly name: string;
    readonly family: string;
    readonly parameters: number;
    readonly source: string;
  };
  readonly machine: {
    readonly name: string;
    readonly cards: readonly {
      readonly name: string;
      readonly count: number;
      readonly usable_bytes: Estimate;
      readonly taken_bytes: Estimate;
      readonly source: string;
    }[];
    readonly host_bytes?: Estimate;
    readonly notes: readonly string[];
  };
  readonly workload: {
    readonly purpose: Workload['purpose'];
    readonly dialects: readonly string[];
    readonly settings: readonly {
      readonly name: string;
      readonly value: string | number | boolean;
      readonly by: string;
      readonly source: string;
    }[];
    readonly unread: readonly Unread[];
    /** Statements that others stand before. */
    readonly overridden: readonly Overridden[];
  };
  readonly ranks: readonly RankData[];
  readonly limits: readonly RoomData[];
  readonly plans: readonly OnePlan[];
  readonly dead_ends: readonly {
    readonly remedy: string;
    readonly title: string;
    /** Below 0 where the peak is higher with it. */
    readonly frees_bytes: number;
    readonly why: string;
  }[];
  /** Where no plan fits: what is missing when every measure that may be used is in force. */
  readonly missing_bytes?: number;
  /** What the allocator would hold beyond this on a larger card: here it gives it back under way, which costs time. */
  readonly given_back_bytes?: number;
  /** Optimizer states in unified memory, and how many of them the card has no room for at its fullest. */
  readonly paged?: { readonly state_bytes: number; readonly moved_bytes: number };
  readonly assumptions: readonly {
    readonly setting: string;
    readonly value: string | number | boolean;
    readonly why: string;
    readonly flag?: string;
  }[];
  readonly capacity?: {
    readonly kv_bytes: Estimate;
    readonly kv_tokens: number;
    readonly sequences_of_full_length: number;
    /** Where the engine cuts requests to its cache: tokens of the longest. */
    readonly longest_request?: number;
    /** Where the engine divides layers between the card and the host; the head counts as one. */
    readonly layers?: {
      readonly on_card: number;
      readonly of: number;
      readonly host_bytes: Estimate;
    };
  };
  /** Settings that were stated and that the prediction does not look at. */
  readonly not_counted: readonly string[];
  readonly smoke_test: string;
  readonly max_batch?: number | null;
  readonly max_context?: number | null;
  readonly max_models?: readonly string[];
  readonly smaller_models?: readonly SmallerModelData[];
  readonly which_gpus?: readonly GpuData[];
  readonly problems: readonly { readonly code: string; readonly text: string }[];
}

export interface PlanExtras {
  readonly lang: Lang;
  readonly problems: readonly Problem[];
  readonly overridden: readonly Overridden[];
  readonly max_batch?: number | null;
  readonly max_context?: number | null;
  readonly max_models?: readonly string[];
  readonly smaller_models?: readonly SmallerModelData[];
  readonly which_gpus?: readonly GpuData[];
}

const TEXTS = {
  train: {
    en: 'Before the long run: a few steps with the longest batch, two optimizer steps at least, one evaluation and one save; read torch.cuda.max_memory_reserved() and nvidia-smi then.',
    zh: '正式运行之前：用最长的批次跑几步，至少两次优化器步骤，再做一次评估和一次保存；然后查看 torch.cuda.max_memory_reserved() 和 nvidia-smi。',
    ru: 'Перед долгим запуском: несколько шагов с самым длинным батчем, не меньше двух шагов оптимизатора, одна оценка и одно сохранение; затем посмотреть torch.cuda.max_memory_reserved() и nvidia-smi.',
  },
  render: {
    en: 'Before the long run: one picture at the largest size and full batch, decoded to the end; read torch.cuda.max_memory_reserved() and nvidia-smi then.',
    zh: '正式运行之前：按最大尺寸和完整批次生成一次，直到解码完成；然后查看 torch.cuda.max_memory_reserved() 和 nvidia-smi。',
    ru: 'Перед долгим запуском: одна генерация в наибольшем размере и с полным батчем, до конца декодирования; затем посмотреть torch.cuda.max_memory_reserved() и nvidia-smi.',
  },
  generate: {
    en: 'Before the long run: the longest prompt with the most new tokens, at the full batch; read torch.cuda.max_memory_reserved() and nvidia-smi then.',
    zh: '正式运行之前：用最长的提示词、最多的新 token 和完整批次跑一次；然后查看 torch.cuda.max_memory_reserved() 和 nvidia-smi。',
    ru: 'Перед долгим запуском: самый длинный промпт с наибольшим числом новых токенов и полным батчем; затем посмотреть torch.cuda.max_memory_reserved() и nvidia-smi.',
  },
  serve: {
    en: 'Before users come: start the engine, read how many tokens its cache holds, then send the longest request and as many at once as it may serve.',
    zh: '上线之前：启动引擎，查看其缓存可容纳的 token 数，再发送最长的请求，并按允许的并发数同时发送。',
    ru: 'Прежде чем пускать пользователей: запустить движок, посмотреть, сколько токенов вмещает кэш, затем отправить самый длинный запрос и столько запросов сразу, сколько разрешено.',
  },
  'idle-only': {
    en: 'it frees at most {bytes}, what lies idle; without that {missing} is missing all the same',
    zh: '最多释放 {bytes}（即闲置的部分）；即使没有闲置，仍缺 {missing}',
    ru: 'освобождает не больше {bytes}, то есть простаивающее; и без него не хватает {missing}',
  },
  'no-lower': {
    en: 'it frees {bytes} at the peak',
    zh: '在峰值处只释放 {bytes}',
    ru: 'на пике освобождает {bytes}',
  },
  raises: {
    en: 'with it more is reserved, not less',
    zh: '使用后保留的显存反而更多',
    ru: 'с этим зарезервировано больше, а не меньше',
  },
  'same-peak': {
    en: 'the peak stays as it is: nothing of it depends on this',
    zh: '峰值不变：峰值中没有与它相关的部分',
    ru: 'пик не меняется: в нём ничто от этого не зависит',
  },
} as const;

/** An amount as data, in whole bytes. */
export const estimate = ({ low, mid, high, kind }: Interval, basis: Basis): Estimate => ({
  low: Math.round(low),
  mid: Math.round(mid),
  high: Math.round(high),
  kind,
  basis,
});

export const modelled = (value: Modelled): Estimate => estimate(spread(value), 'modelled');

/** Of a pipeline all parts together. */
function parametersOf({ model, pipeline }: KnownModel): number {
  if (pipeline === undefined) return parameterCount(model);
  const { denoiser, autoencoder, encoders } = pipeline;
  return [denoiser, ...(autoencoder === undefined ? [] : [autoencoder]), ...encoders]
    .flatMap(({ weights }) => weights)
    .reduce((sum, weight) => sum + elementsOf(weight) * weight.count, 0);
}

export function planData(question: Question, answer: Answer, extras: PlanExtras): PlanData {
  const { lang, problems, overridden, ...asked } = extras;
  const { workload, known, machine } = question;
  const { priced } = answer;
  const spoken = spokenIn(workload);
  return {
    schema: 'unoom.plan/1',
    lang,
    fits: answer.verdict,
    model: {
      name: known.model.name,
      family: known.model.family,
      parameters: parametersOf(known),
      source: known.model.source,
    },
    machine: machineData(machine, lang),
    workload: {
      purpose: workload.purpose,
      dialects: workload.dialects,
      settings: [...workload.settings]
        .filter(([, { by }]) => by !== 'default')
        .map(([name, { value, by, source }]) => ({ name, value, by, source })),
      unread: workload.unread,
      overridden,
    },
    ranks: priced.prediction.roles.map(({ name, count, footprint }, at) => {
      const { moments } = priced.shown.roles[at]?.footprint ?? footprint;
      const timeline = moments.map((moment) => phaseData(moment, lang));
      // Where the most is that cannot be elsewhere.
      const peakMoment = peakOf(footprint, 'device');
      const { phase, turn, allocated_bytes, reserved_bytes } = timeline[
        footprint.moments.indexOf(peakMoment)
      ] as PhaseData;
      const peak = {
        phase,
        turn,
        allocated_bytes,
        reserved_bytes,
        device_bytes: modelled(needOf(footprint)),
      };
      return { role: name, count, timeline, peak };
    }),
    limits: priced.rooms.map(roomData),
    plans: answer.plans.map((plan) => planOf(plan, question, spoken, lang)),
    dead_ends: answer.dead_ends.map(({ remedy, frees, missing }) => ({
      remedy: remedy.id,
      title: titleOf(remedy, lang),
      frees_bytes: Math.round(frees),
      why: whyDead(frees, missing, lang),
    })),
    ...(answer.best === undefined ? {} : { missing_bytes: Math.round(answer.best.missing) }),
    ...givenBack(priced),
    ...pagedData(priced),
    assumptions: priced.job.assumptions.map(({ setting, value, why, flag }) => ({
      setting,
      value,
      why: render(why, lang),
      ...(flag === undefined ? {} : { flag }),
    })),
    not_counted: [...workload.settings]
      // Whose loop it is decides in which words changes are written.
      .filter(
        ([name, { by }]) => by !== 'default' && name !== 'own_loop' && !priced.considered.has(name),
      )
      .map(([name]) => name),
    ...capacityData(priced),
    smoke_test:
      TEXTS[
        workload.purpose === 'serving'
          ? 'serve'
          : workload.purpose === 'generation'
            ? known.pipeline === undefined
              ? 'generate'
              : 'render'
            : 'train'
      ][lang],
    ...asked,
    problems: problems.map((problem) => ({
      code: problem.code,
      text: renderProblem(problem, lang),
    })),
  };
}

/** Of a job that is replayed. */
function givenBack({ prediction }: Priced): { readonly given_back_bytes?: number } {
  const [pool] = prediction.roles.flatMap(({ footprint }) =>
    footprint.moments.flatMap(({ scene }) => scene.pool ?? []),
  );
  const bytes = pool === undefined ? 0 : Math.round(pool.wanted - pool.reserved);
  return bytes > 0 ? { given_back_bytes: bytes } : {};
}

/** States that the driver moves between card and host as there is room. */
function pagedData({ job, prediction, shown }: Priced): Pick<PlanData, 'paged'> {
  const pages = pagesOf(job);
  if (pages === undefined || shown === prediction) return {};
  const away = shown.roles.map(({ footprint }) =>
    footprint.moments.flatMap(({ atoms }) =>
      atoms.filter(({ term }) => term === hostPages).map(({ bytes }) => bytes.at(NONE)),
    ),
  );
  const moved = Math.max(0, ...away.flat());
  return { paged: { state_bytes: Math.round(pages.all), moved_bytes: Math.round(moved) } };
}

const NONE: FactorValues = new Map();

function whyDead(frees: number, missing: number | undefined, lang: Lang): string {
  if (missing !== undefined) {
    const sizes = { bytes: { size: Math.max(0, frees) }, missing: { size: missing } };
    return render(phrase(TEXTS['idle-only'], sizes), lang);
  }
  if (Math.abs(frees) < MiB) return TEXTS['same-peak'][lang];
  if (frees < 0) return TEXTS.raises[lang];
  return render(phrase(TEXTS['no-lower'], { bytes: { size: frees } }), lang);
}

function titleOf(unit: { readonly texts: PlannedStep['remedy']['texts'] }, lang: Lang): string {
  return render({ texts: unit.texts, key: 'title', params: {} }, lang);
}

function machineData({ name, cards, host, notes }: Machine, lang: Lang): PlanData['machine'] {
  return {
    name,
    cards: cards.map(({ name: card, count, usable, taken, source }) => ({
      name: card,
      count,
      usable_bytes: estimate(usable, source === 'assumed' ? 'assumed' : 'exact'),
      taken_bytes: estimate(taken, 'measured'),
      source,
    })),
    ...(isUnknown(host) ? {} : { host_bytes: estimate(host, 'measured') }),
    notes: notes.map((note) => render(note, lang)),
  };
}

function phaseData(predicted: PredictedMoment, lang: Lang): PhaseData {
  const { moment, scene, atoms, allocated, reserved, device, host } = predicted;
  return {
    phase: moment.point,
    turn: moment.turn,
    ledger: {
      atoms: atoms.map((atom) => atomData(atom, scene, lang)),
    },
    allocated_bytes: modelled(allocated),
    reserved_bytes: modelled(reserved),
    device_bytes: modelled(device),
    host_bytes: modelled(host),
  };
}

function atomData(atom: PredictedAtom, scene: Scene, lang: Lang): PlanAtom {
  const { term, bytes } = atom;
  const worked = workedOf(atom, scene);
  const named = piecesOf(worked).flatMap(({ text, input }) =>
    input === undefined ? [] : [[text, input.value] as const],
  );
  return {
    term: term.id,
    title: render({ texts: term.texts, key: 'title', params: {} }, lang),
    category: term.category,
    pool: term.pool,
    bytes: estimate(spread(bytes), term.basis),
    formula: worked.formula,
    worked: workedText(worked),
    numbers: Object.fromEntries(named),
  };
}

function roomData(room: Room): RoomData {
  return {
    limit: room.limit,
    ...(room.role === undefined ? {} : { role: room.role }),
    need_bytes: modelled(room.need),
    have_bytes: modelled(room.have),
    left_bytes: Math.round(roomAt(room)),
    fits: verdictOfRoom(room),
  };
}

function planOf(
  plan: Plan,
  { workload, machine }: Question,
  spoken: readonly Dialect[],
  lang: Lang,
): OnePlan {
  const { count: cards } = cardsOf(machine);
  const steps = plan.steps.map((step) => stepData(step, workload, spoken, lang));
  return {
    names: plan.names,
    fits: verdictOf(plan.priced),
    steps,
    peak_after: steps.at(-1)?.peak_after ?? modelled(plan.priced.rooms[0]?.need ?? nothing),
    slowdown: Math.round(plan.slowdown * 1000) / 1000,
    host_bytes: Math.round(hostBytes(plan.priced.shown, cards)),
    is_cheapest: plan.isProven,
    ...givenBack(plan.priced),
  };
}

const nothing: Modelled = { factors: [], at: () => 0 };

function stepData(
  step: PlannedStep,
  workload: Workload,
  spoken: readonly Dialect[],
  lang: Lang,
): PlanStepData {
  const { remedy } = step;
  const text = (key: string): string => render({ texts: remedy.texts, key, params: {} }, lang);
  const task = workload.settings.get('task')?.value;
  const change = writtenChanges(remedy, step.changes).flatMap((one) => {
    const old = step.before.get(one.setting)?.value;
    const written = writeChange(one, spoken, workload.versions, old, task);
    if (workload.purpose !== 'training' && isOfTrainer(written?.code ?? '')) return [];
    return written === undefined ? [] : [written.code];
  });
  return {
    remedy: remedy.id,
    code: remedy.code,
    title: text('title'),
    category: step.class,
    claim: 'saves',
    bytes: estimate(step.saves, 'modelled'),
    ...(step.limit === undefined ? {} : { room_at: step.limit }),
    basis: 'modelled',
    peak_after: estimate(step.after, 'modelled'),
    slowdown: Math.round(step.slowdown * 1000) / 1000,
    because: text('summary'),
    how: text('how'),
    cost: text('cost'),
    alters: remedy.alters,
    settings: step.changes.map(({ setting, to }) => ({
      name: setting,
      from: step.before.get(setting)?.value ?? null,
      to,
    })),
    change,
  };
}

function capacityData(priced: Priced): Pick<PlanData, 'capacity'> {
  const capacity = priced.prediction.roles[0]?.footprint.capacity;
  if (capacity === undefined) return {};
  const mids = new Map<string, number>();
  return {
    capacity: {
      kv_bytes: modelled(capacity.kvBytes),
      kv_tokens: Math.max(0, Math.floor(capacity.kvTokens.at(mids))),
      sequences_of_full_length: Math.round(Math.max(0, capacity.sequences.at(mids)) * 100) / 100,
      ...(capacity.longestRequest !== undefined && {
        longest_request: Math.floor(capacity.longestRequest.at(mids)),
      }),
      ...(capacity.layers !== undefined && {
        layers: {
          on_card: capacity.layers.onCard,
          of: capacity.layers.of,
          host_bytes: modelled(capacity.layers.host),
        },
      }),
    },
  };
}
