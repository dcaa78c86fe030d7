/** The one path through a plan: sources and options become a workload, which is priced, planned and told. */
import { add, bound } from './base/interval.ts';
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
import { PURPOSE_WORDS } from './report/plans/text.ts';
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
    'uneven-heads':
      '{model} has {heads} attention heads, which {tensor} cards cannot share evenly, so the engine refuses it. Take a number that divides them.',
    'assumed-purpose': 'What it is for is not said; {purpose} is taken (--for).',
    'more-ranks':
      'The job has {ranks} processes and {machine} only {cards} cards: so many machines of the kind are taken as it needs. Where there is one, say so (--gpus {cards}).',
    beside:
      '{name} is held too ({source}): its weights, {bytes}, are counted as taken on each card, what its passes need is not.',
    'beside-unknown':
      '{name} is loaded too ({source}) and is not counted: how much of it lies on a card, and how long, is not known here.',
    'beyond-positions':
      '{model} is made for {longest} tokens, and {asked} are asked for: engines refuse that unless its positions are scaled (rope_scaling), which changes what it answers.',
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
    'uneven-heads':
      '{model} 有 {heads} 个注意力头，{tensor} 张卡无法平分，引擎会拒绝。选一个能整除的数。',
    'assumed-purpose': '没有说明用途，按{purpose}计算（--for）。',
    'more-ranks':
      '任务有 {ranks} 个进程，而 {machine} 只有 {cards} 张卡：按所需台数的同类机器计算。如果只有一台，用 --gpus {cards} 说明。',
    beside:
      '还加载了 {name}（{source}）：其权重 {bytes} 按每张卡已占用计入，其前向计算所需的显存未计入。',
    'beside-unknown':
      '还加载了 {name}（{source}），未计入：它有多少在显卡上、停留多久，这里无法得知。',
    'beyond-positions':
      '{model} 支持 {longest} 个 token，而要求的是 {asked}：除非缩放位置编码（rope_scaling，会改变回答），引擎会拒绝。',
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
    'uneven-heads':
      'У {model} {heads} голов внимания, и {tensor} карт не поделят их поровну: движок откажет. Взять число, на которое они делятся.',
    'assumed-purpose': 'Для чего она, не сказано; взято: {purpose} (--for).',
    'more-ranks':
      'У задачи процессов {ranks}, а у {machine} карт только {cards}: взято столько таких машин, сколько нужно. Если машина одна, сказать об этом (--gpus {cards}).',
    beside:
      'Загружена и {name} ({source}): её веса, {bytes}, считаются занятыми на каждой карте, а что нужно её проходам — не считается.',
    'beside-unknown':
      'Загружена и {name} ({source}); она не считается: сколько её лежит на карте и как долго, здесь неизвестно.',
    'beyond-positions':
      '{model} рассчитана на {longest} токенов, а нужно {asked}: движки отказывают, если не масштабировать позиции (rope_scaling), а это меняет ответы.',
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
  const tensor = Number(settings.get('tensor_parallel')?.value ?? 1);
  const uneven = headsOf(known).find((heads) => heads % tensor !== 0);
  if (purpose === 'serving' && uneven !== undefined)
    return say(TEXTS, 'uneven-heads', { model, heads: uneven, tensor });
  const stated = settings.get('quantization')?.value;
  const adapter = settings.get('adapter')?.value ?? 'none';
  const isPacked = stated === undefined ? quantization !== undefined : stated !== 'none';
  if (purpose !== 'training' || !isPacked || adapter !== 'none') return undefined;
  return say(TEXTS, 'packed', { model, method: quantization?.method ?? String(stated) });
}

const headsOf = ({ model }: KnownModel): readonly number[] =>
  model.stacks.flatMap(({ layers }) =>
    layers.flatMap(({ mixers }) =>
      mixers.flatMap((mixer) => (mixer.kind === 'softmax' ? [mixer.heads] : [])),
    ),
  );

/** What is odd about a job on a machine though it can be priced. */
function oddities(workload: Workload, known: KnownModel, machine: Machine): readonly Statement[] {
  const found: Statement[] = [];
  const [ranks, cards] = [processesOf(workload), cardsOf(machine).count];
  if (ranks > cards) found.push(say(TEXTS, 'more-ranks', { ranks, cards, machine: machine.name }));
  const longest = known.model.max_positions;
  const asked = workload.settings.get('context_length');
  const isAsked = asked !== undefined && asked.by !== 'default' && typeof asked.value === 'number';
  if (
    workload.purpose === 'serving' &&
    isAsked &&
    longest !== undefined &&
    Number(asked.value) > longest
  )
    found.push(
      say(TEXTS, 'beyond-positions', {
        model: known.model.name,
        longest,
        asked: Number(asked.value),
      }),
    );
  return found;
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
  /** Models that the job holds on each card beside its own, with the bytes of their weights where they are known. */
  readonly beside?: readonly Beside[];
  /** Bytes of each card to keep free. */
  readonly margin: number;
  readonly constraints: Constraints;
  readonly prefer: Prefer;
  readonly asks: Asks;
  readonly lang: Lang;
}

export interface Beside {
  readonly name: string;
  readonly source: string;
  readonly bytes?: number;
}

/** The machine with what other models of the job take of each card. Of their passes nothing is counted, and a note says so. */
function withBeside(machine: Machine, beside: readonly Beside[]): Machine {
  const taken = bound(beside.reduce((sum, { bytes = 0 }) => sum + bytes, 0));
  const notes = beside.map(({ name, source, bytes }) =>
    bytes === undefined
      ? say(TEXTS, 'beside-unknown', { name, source })
      : say(TEXTS, 'beside', { name, source, bytes: { size: bytes } }),
  );
  return {
    ...machine,
    cards: machine.cards.map((cards) => ({ ...cards, taken: add(cards.taken, taken) })),
    notes: [...(machine.notes ?? []), ...notes],
  };
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
  const { reading, known, margin, constraints, asks, lang, beside = [] } = request;
  const machine = beside.length === 0 ? request.machine : withBeside(request.machine, beside);
  const workload = withDefaults(reading.workload);
  const purpose = { words: PURPOSE_WORDS[workload.purpose] };
  const notes = [
    ...(machine.notes ?? []),
    ...(reading.isPurposeTold ? [] : [say(TEXTS, 'assumed-purpose', { purpose })]),
    ...oddities(workload, known, machine),
  ];
  const question: Question = { workload, known, machine: { ...machine, notes }, margin };
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
      max_context: largestOf(question, lengthOf(purpose), mostTokens(question)) ?? null,
    }),
    ...(models !== undefined && { max_models: modelsThatFit(question, models, MOST_NAMES) }),
    ...(whichGpu === true && {
      which_gpus: gpusThatFit(question),
    }),
  };
}

/** No engine serves more than a model is made for. */
const mostTokens = ({ workload, known: { model } }: Question): number =>
  workload.purpose === 'serving' ? (model.max_positions ?? MOST_TOKENS) : MOST_TOKENS;

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
