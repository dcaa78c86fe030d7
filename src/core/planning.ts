/** The one path through a plan: sources and options become a workload, which is priced, planned and told. */
import { type Lang, type Statement, say } from './base/texts.ts';
import { gpus } from './catalog/gpus.ts';
import type { KnownModel } from './footprint/decide.ts';
import { uncountedOf } from './footprint/diffusion/pipeline.ts';
import type { Constraints } from './plan/options.ts';
import {
  answer,
  batchOf,
  cardNeed,
  largestOf,
  lengthOf,
  machinesThatFit,
  modelsThatFit,
  type Prefer,
} from './plan/plan.ts';
import { cardsOf, isAtLeast, price, type Question, verdictOf } from './plan/price.ts';
import { remedies } from './remedies/measures.gen.ts';
import {
  type GpuData,
  modelled,
  type PlanData,
  type PlanExtras,
  planData,
  type SmallerModelData,
} from './report/plans/data.ts';
import type { Machine } from './workload/machine.ts';
import { machineOfCards } from './workload/machine-reading.ts';
import { parameterCount } from './workload/model/weights.ts';
import type { WorkloadReading } from './workload/reading/read-workload.ts';
import { withDefaults } from './workload/reading/with-defaults.ts';
import type { SettingName } from './workload/settings.ts';
import type { Workload } from './workload/workload.ts';

const TEXTS = {
  en: {
    packed:
      '{model} is stored in {method}, and packed weights take no gradients. Train adapters beside them (--lora-rank 16), or say that the weights are whole (--set quantization=none).',
    least:
      'No machine is named, and none is seen here: {card} is the smallest card of the catalog on which it fits. --on names yours.',
    largest:
      'No machine is named, and none is seen here: it fits on no card of the catalog, of which {card} is the largest. --on names yours.',
    'trains-only':
      'Of {model} only training can be predicted, its inference not yet. Ask --for training.',
    wordless:
      '{model} has no head over a vocabulary, so no engine generates with it. Ask --for evaluation or training.',
  },
  zh: {
    packed:
      '{model} 以 {method} 存储，压缩的权重没有梯度。可以在其旁训练适配器（--lora-rank 16），或说明权重未压缩（--set quantization=none）。',
    least: '没有指定机器，本机也没有可见的显卡：{card} 是目录中放得下的最小的卡。用 --on 指定。',
    largest:
      '没有指定机器，本机也没有可见的显卡：目录中没有一张卡放得下，其中 {card} 最大。用 --on 指定。',
    'trains-only': '{model} 只有训练过程可以预测，推理过程尚不支持。改用 --for training。',
    wordless: '{model} 没有词表输出头，引擎无法用它生成文本。改用 --for evaluation 或 training。',
  },
  ru: {
    packed:
      '{model} хранится в {method}, а у упакованных весов нет градиентов. Обучать рядом адаптеры (--lora-rank 16) или сказать, что веса целые (--set quantization=none).',
    least:
      'Машина не названа, и здесь её не видно: {card} — самая малая карта каталога, на которой задача помещается. --on задаёт свою.',
    largest:
      'Машина не названа, и здесь её не видно: ни на одну карту каталога задача не помещается, из них {card} — самая большая. --on задаёт свою.',
    'trains-only':
      'У {model} предсказывается только обучение, инференс — ещё нет. Спросить --for training.',
    wordless:
      'У {model} нет выхода на словарь, поэтому движок ничего ею не сгенерирует. Спросить --for evaluation или training.',
  },
} as const;

/** Why a workload makes no sense with a model; nothing where it does. */
export function contradiction(
  { settings, purpose }: Workload,
  known: KnownModel,
): Statement | undefined {
  const { name: model, head, network, quantization } = known.model;
  if (network?.hasLoss === true && purpose !== 'training')
    return say(TEXTS, 'trains-only', { model });
  if (
    known.pipeline === undefined &&
    head !== 'vocab' &&
    // One pass of an encoder is a call like any other.
    (purpose === 'serving' || (purpose === 'generation' && settings.get('new_tokens')?.value !== 0))
  ) {
    return say(TEXTS, 'wordless', { model });
  }
  const stated = settings.get('quantization')?.value;
  const adapter = settings.get('adapter')?.value ?? 'none';
  const isPacked = stated === undefined ? quantization !== undefined : stated !== 'none';
  if (purpose !== 'training' || !isPacked || adapter !== 'none') return undefined;
  return say(TEXTS, 'packed', { model, method: quantization?.method ?? String(stated) });
}

/** A pipeline of diffusion makes images unless it is trained: nothing serves or evaluates it as a language model. */
export const purposed = (workload: Workload, known: KnownModel): Workload =>
  known.pipeline === undefined || workload.purpose === 'training'
    ? workload
    : { ...workload, purpose: 'generation' };

/** What is asked besides whether it fits. */
export interface Asks {
  readonly maxBatch?: boolean;
  readonly maxContext?: boolean;
  /** Models to try, the largest first. */
  readonly models?: Iterable<{ readonly name: string; readonly known: KnownModel }>;
  /** Smaller models of the same kind, the largest first, where the job fits with no measure that keeps its model. */
  readonly relatives?: Iterable<{
    readonly name: string;
    readonly known: KnownModel;
    readonly isDistilled: boolean;
  }>;
  /** The smallest cards on which it fits, in the number that the machine has. */
  readonly whichGpu?: boolean;
}

export interface PlanRequest {
  readonly reading: WorkloadReading;
  readonly known: KnownModel;
  readonly machine: Machine;
  /** Bytes of each card to keep free. */
  readonly margin: number;
  readonly constraints: Constraints;
  readonly prefer: Prefer;
  readonly asks: Asks;
  readonly lang: Lang;
}

/** Ids of all measures that plans are made of. */
export const MEASURES: readonly string[] = remedies.map(({ id }) => id);

const MOST_BATCH = 2 ** 16;
const MOST_TOKENS = 2 ** 24;
/** Names in an answer to "which". */
const MOST_NAMES = 8;

/**
 * Where no machine is named: the smallest card of the catalog on which the job probably fits, one for each of its
 * processes; the largest where it fits on none.
 */
export function leastMachine(reading: WorkloadReading, known: KnownModel): Machine {
  const workload = withDefaults(reading.workload);
  const count = processesOf(workload);
  const machines = cardsBySize(count);
  const [first] = machinesThatFit({ workload, known, margin: 0 }, machines, 1);
  const machine = first?.machine ?? machines.at(-1);
  if (machine === undefined) throw new Error('the catalog has cards');
  const card = cardsOf(machine).name;
  const note = say(TEXTS, first === undefined ? 'largest' : 'least', { card });
  return { ...machine, notes: [note] };
}

/** Processes that the job says it has, one a card. */
function processesOf({ settings }: Workload): number {
  const of = (name: SettingName): number => Number(settings.get(name)?.value ?? 1);
  return Math.max(of('world_size'), of('tensor_parallel') * of('pipeline_parallel'), 1);
}

export function plan(request: PlanRequest): PlanData {
  const { reading, known, machine, margin, constraints, asks, lang } = request;
  const workload = withDefaults(reading.workload);
  const question: Question = { workload, known, machine, margin };
  const found = answer(question, remedies, constraints, request.prefer);
  return planData(question, found, {
    lang,
    problems: [
      ...reading.problems,
      ...(known.pipeline === undefined ? [] : uncountedOf(known.pipeline)),
    ],
    overridden: reading.overridden,
    ...asked(question, asks),
    ...(asks.relatives !== undefined &&
      !isAtLeast(found.verdict, 'probably') && {
        smaller_models: smallerThatFit(question, asks.relatives),
      }),
  });
}

function asked(
  question: Question,
  { maxBatch, maxContext, models, whichGpu }: Asks,
): Omit<PlanExtras, 'lang' | 'problems' | 'overridden'> {
  const { purpose } = question.workload;
  return {
    ...(maxBatch === true && {
      max_batch: largestOf(question, batchOf(purpose), MOST_BATCH) ?? null,
    }),
    ...(maxContext === true && {
      max_context: largestOf(question, lengthOf(purpose), MOST_TOKENS) ?? null,
    }),
    ...(models !== undefined && { max_models: modelsThatFit(question, models, MOST_NAMES) }),
    ...(whichGpu === true && {
      which_gpus: gpusThatFit(question),
    }),
  };
}

/** Names in an answer to "which smaller model": those with the most parameters that fit. */
const MOST_SMALLER = 4;

/** Where none fits as the job is, what the smallest needs. */
function smallerThatFit(
  question: Question,
  relatives: NonNullable<Asks['relatives']>,
): readonly SmallerModelData[] {
  const found: SmallerModelData[] = [];
  let smallest: SmallerModelData | undefined;
  for (const { name, known, isDistilled } of relatives) {
    const priced = price({ ...question, known });
    smallest = {
      name,
      parameters: parameterCount(known.model),
      is_distilled: isDistilled,
      need_bytes: modelled(cardNeed(priced)),
      fits: verdictOf(priced),
    };
    if (isAtLeast(smallest.fits, 'probably')) found.push(smallest);
    if (found.length >= MOST_SMALLER) break;
  }
  return found.length > 0 || smallest === undefined ? found : [smallest];
}

/** The host stays that of the machine. */
function gpusThatFit(question: Question): readonly GpuData[] {
  const { host, cards } = question.machine;
  const machines = cardsBySize(cards[0]?.count ?? 1).map((one) => ({ ...one, host }));
  return machinesThatFit(question, machines, MOST_NAMES).map(({ machine, verdict }) => {
    const { name, count } = cardsOf(machine);
    return { name, count, fits: verdict };
  });
}

/** So many of each card of the catalog, the smallest first. Boards that share the host's memory have one each. */
function cardsBySize(count: number): readonly Machine[] {
  return gpus()
    .filter(({ unified }) => !unified || count === 1)
    .map((gpu) => machineOfCards(gpu, count))
    .sort((a, b) => cardsOf(a).usable.mid - cardsOf(b).usable.mid);
}
