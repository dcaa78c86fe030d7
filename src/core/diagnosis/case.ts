/**
 * A case: one failure with its ledger and situation, as causes and remedies see it. They never read
 * text; what a message says beyond figures reaches them as clues.
 */

import { MiB } from '../base/bytes.ts';
import { spread } from '../base/factor.ts';
import { add, bound, type Interval, known, subtract, sum } from '../base/interval.ts';
import { type Content, contentsAt, PHASES, type Phase } from '../base/phase.ts';
import { phrase } from '../base/texts.ts';
import { isBefore } from '../base/unit.ts';
import { isUnknown, type Unknown, unknown } from '../base/unknown.ts';
import type { ToldTopic } from '../evidence/account.ts';
import type { Failure } from '../evidence/failure.ts';
import type { ModelSize } from '../evidence/model-size.ts';
import type { PhaseReading } from '../evidence/phase-of.ts';
import type { Backend, Clue, Counts, IncidentKind, Tensor } from '../evidence/reader.ts';
import type { Sign, SignPlace } from '../evidence/signs.ts';
import { contextBytes } from '../footprint/context.ts';
import type { Fact } from '../ledger/fact.ts';
import {
  type Atom,
  bytesOf,
  type Category,
  isLive,
  type Ledger,
  select,
  upperBound,
} from '../ledger/ledger.ts';
import { observe, reservedOf, valueIn } from '../ledger/observe.ts';
import type { Grown, Recorded, RecordedStage, Replayed } from '../ledger/recorded.ts';
import {
  type Dialect,
  defaultOf,
  dialectsOf,
  type Known,
  printedSettings,
  type Since,
  type Versions,
} from '../workload/dialect.ts';
import type { SettingName, SettingValue } from '../workload/settings.ts';
import type { SeenRun, Situation } from '../workload/situation.ts';
import { type AtMoment, exactFacts, exactLedger } from './exact-ledger.ts';
import type { Observed } from './observed.ts';

/** The amounts that most rules ask for. Absent means that the evidence does not tell. */
export interface Amounts {
  readonly requested?: Interval;
  readonly total?: Interval;
  /** What this process could have had at most: the device, else what it had and what was free. */
  readonly room?: Interval;
  readonly free?: Interval;
  readonly live?: Interval;
  readonly idle?: Interval;
  readonly reserved?: Interval;
  readonly allowed?: Interval;
  /** This process outside the framework's allocator. */
  readonly outside?: Interval;
  /** Listed processes other than this one. */
  readonly others?: Interval;
  /** What others can hold at most: the listed ones, and what no listed process accounts for. */
  readonly others_at_most?: Interval | Unknown;
  /** What others hold at least, whichever of the listed processes is the failing one. */
  readonly others_at_least?: Interval;
  /**
   * In use, but of no process that the text tells: own context and other processes together where
   * none is listed, what no listed process accounts for where they are.
   */
  readonly untold?: Interval;
  /** `untold` less the own context: what others hold if nobody else of the own process does. */
  readonly untold_others?: Interval;
}

export interface Case {
  readonly kind: IncidentKind;
  readonly backend: Backend;
  readonly format: string;
  /** False for frameworks that compute without PyTorch. */
  readonly mayBeTorch: boolean;
  /** True for engines and applications that serve a model: scripts of one's own are not at hand. */
  readonly isEngine: boolean;
  readonly phase: PhaseReading;
  readonly facts: readonly Fact[];
  readonly ledger: Ledger;
  readonly situation: Situation;
  readonly amounts: Amounts;
  /** Whether the process's own clause marks it among the listed ones. */
  readonly selfIsMarked: boolean;
  /** What live tensors can hold at this point. */
  readonly contents: readonly Content[];
  /** Frameworks that message, frames and lines show, the nearest to the user first. */
  readonly frameworks: readonly string[];
  /** How the settings of these frameworks are called, nearest first. */
  readonly dialects: readonly Dialect[];
  readonly versions: Versions;
  /** What the report speaks of in words, where the message itself tells little. */
  readonly topics: readonly ToldTopic[];
  /** Which wording of its format the message has. */
  readonly wording?: string;
  readonly counts: Counts;
  /** The tensor that was asked for. */
  readonly tensor?: Tensor;
  /** How large the model is, where the text tells. */
  readonly modelSize?: ModelSize;
  /** Steps of the loop that were done. */
  readonly step?: number;
  readonly rank?: number;
  readonly device?: number;
  /** What was seen beside the failure, each with how its moment stands to it. */
  readonly observed: readonly Observed[];
  /** The ledger holds every block of the allocator by what it is for: it comes from a recording. */
  readonly isExact: boolean;
  /** What recordings show to grow with the steps, most bytes per step first. */
  readonly growth: readonly Growing[];
  /** The recording of the failure shows steps, and nothing that grows with them. */
  readonly isSteady: boolean;
  /** The requests that led to this failure, run again under other settings. */
  readonly replays: readonly Replayed[];
  has(clue: Clue): boolean;
  /** Where frames and lines show a sign. */
  shows(sign: Sign): SignPlace | undefined;
  /** A setting as the text prints it, else its default where the version leaves no doubt. */
  setting(name: SettingName): Known | undefined;
  /** Its default, also where the version is not known. */
  usual(name: SettingName): Known | undefined;
}

/** Something that grows, and whether that is the failing run. */
export interface Growing extends Grown {
  readonly source: string;
  /** The recording is provably of this failure. */
  readonly isOfFailure: boolean;
}

/** What a case is made of. */
export interface Findings {
  readonly failure: Failure;
  /** Facts of the same moment from elsewhere, such as a tool's list of processes. */
  readonly more: readonly Fact[];
  readonly observed: readonly Observed[];
  /** All dialects there are. */
  readonly dialects: readonly Dialect[];
  /** The moment of a recording that is provably that of the failure. */
  readonly at?: AtMoment;
}

/** Backends whose caching allocator hands its cache back before it fails. */
const RELEASING: readonly Backend[] = ['cuda', 'hip', 'xpu', 'npu'];

export function caseOf({ failure, more, observed, dialects: all, at }: Findings): Case {
  const { reading, phase } = failure;
  const ofTorch = isOfTorch(failure);
  const frameworks = [...new Set([...failure.frameworks, reading.framework])].filter(
    (name) => ofTorch || name !== 'pytorch',
  );
  const spoken = dialectsOf(ofTorch ? [...frameworks, 'pytorch'] : frameworks, all);
  const printed = printedSettings(failure.assignments, spoken);
  const versions = versionsOf(failure);
  const printedFacts = [...reading.facts, ...more];
  const facts = at === undefined ? printedFacts : exactFacts(at.moment.facts, printedFacts);
  const clues = new Set(reading.clues);
  const contents = contentsOf(failure);
  const device = reading.device ?? at?.recorded.device;
  const sums = observe({
    // What lies idle in private pools the recording has apart already.
    facts: at === undefined ? facts : facts.filter(({ quantity }) => quantity !== 'private_pool'),
    contents,
    manners: {
      // Inside a graph capture nothing may be released, so what is idle stays.
      releases_before_failing:
        clues.has('released-cache') &&
        RELEASING.includes(reading.backend) &&
        phase.value !== 'capture',
      unified: reading.backend === 'mps',
      pool: at !== undefined || ofTorch ? 'torch' : 'arena',
    },
    ...(device !== undefined && { device }),
  });
  const ledger = at === undefined ? sums : exactLedger(sums, at.moment.ledger);
  const amounts = amountsOf(facts, ledger, reading.tensor);
  const space = ledger.atoms[0]?.space ?? `device:${device ?? '?'}`;
  return {
    kind: reading.kind,
    backend: reading.backend,
    format: failure.format,
    mayBeTorch: ofTorch,
    isEngine: [reading.framework, ...failure.frameworks].some((name) => ENGINES.test(name)),
    phase,
    facts,
    ledger,
    situation: {
      machine: {
        devices: [
          {
            space,
            backend: reading.backend,
            total:
              amounts.total ??
              unknown(
                phrase({
                  en: 'the text does not print it',
                  zh: '文本没有给出',
                  ru: 'в тексте этого нет',
                }),
              ),
          },
        ],
      },
      environment: {
        distributed: failure.distributed,
        neighbours:
          amounts.others ??
          unknown(
            phrase({
              en: 'the text lists no processes',
              zh: '文本没有列出进程',
              ru: 'в тексте нет списка процессов',
            }),
          ),
        ...(reading.versions !== undefined && { versions: reading.versions }),
      },
      workload: {
        purpose: purposeOf(failure),
        settings: new Map([...printed].map(([name, { value }]) => [name, value])),
      },
      observed: ledger,
    },
    amounts,
    selfIsMarked: facts.some((fact) => fact.quantity === 'process'),
    contents,
    frameworks,
    dialects: spoken,
    versions,
    observed,
    isExact: at !== undefined,
    growth: growthIn(at, observed, phase.value),
    isSteady: isSteady(at),
    replays: at?.recorded.replays ?? [],
    ...(failure.modelSize !== undefined && { modelSize: failure.modelSize }),
    ...(failure.step !== undefined && { step: failure.step }),
    ...(failure.where.rank !== undefined && { rank: failure.where.rank }),
    ...(device !== undefined && { device }),
    ...(reading.wording !== undefined && { wording: reading.wording }),
    topics: failure.topics,
    counts: reading.counts ?? {},
    ...(reading.tensor !== undefined && { tensor: reading.tensor }),
    has: (clue) => clues.has(clue),
    shows: (sign) => failure.signs.get(sign),
    setting: (name) => {
      const set = printed.get(name);
      if (set !== undefined) return set;
      const usual = defaultOf(name, spoken, versions);
      return usual?.by.kind === 'default' && usual.by.certain ? usual : undefined;
    },
    usual: (name) => defaultOf(name, spoken, versions),
  };
}

function versionsOf({ printedVersions, reading }: Failure): Versions {
  const found = new Map<string, Since>();
  // The message's own wording is the surest sign of the version that printed it.
  if (reading.versions !== undefined) found.set(reading.versions.package, reading.versions);
  for (const { package: name, version } of printedVersions) {
    found.set(name, { from: version, to: version });
  }
  return found;
}

/** True when weights, gradients or states are divided over several devices. */
export function isSharded(c: Case): boolean {
  if (['zero', 'zero-3', 'fsdp'].some((sign) => c.shows(sign as Sign) !== undefined)) return true;
  const [sharding, parts] = [printedValue(c, 'sharding'), printedValue(c, 'tensor_parallel')];
  return (
    (sharding !== undefined && sharding !== 'none') || (typeof parts === 'number' && parts > 1)
  );
}

/** A share far below what the framework takes by itself: 75 % in JAX, nearly all in TensorFlow. */
const SMALL_SHARE = 0.6;

/** The share of the card that the text sets for JAX or TensorFlow, when it is a small one. */
export function smallShare(c: Case): number | undefined {
  if (c.format !== 'xla' && c.format !== 'tensorflow') return undefined;
  const fraction = printedValue(c, 'memory_fraction');
  const isSmall = typeof fraction === 'number' && fraction > 0 && fraction < SMALL_SHARE;
  return isSmall ? fraction : undefined;
}

/** The printed value of a setting, whatever it is. */
export function printedValue(c: Case, name: SettingName): SettingValue | undefined {
  const known = c.setting(name);
  return known?.by.kind === 'printed' ? known.value : undefined;
}

const TRAINING = /^(?:\w+\.)*(?:train\w*|_?inner_training_loop|training_step|fit|train_one_epoch)$/;
const INFERENCE_FILES =
  /[\\/](?:diffusers[\\/]pipelines|comfy|vllm|sglang|text_generation_server)[\\/]|[\\/]generation[\\/]utils\.py$/;

/** Engines try out their largest batch while they start, so all that serving needs can be there. */
const STARTING: readonly Phase[] = ['init', 'kv_alloc', 'capture', 'compile'];

function contentsOf(failure: Failure): readonly Content[] {
  const { phase, reading } = failure;
  if (STARTING.includes(phase.value) && ENGINES.test(reading.framework)) {
    return [...PHASES.generate.holds.filter((content) => content !== 'optimizer'), 'copies'];
  }
  return contentsAt(phase.value, phase.turn, {
    statesFromStart: failure.signs.has('zero'),
    movesModel: phase.moves_model,
  });
}

/** Runtimes and engines that compute without PyTorch. */
const TORCH_FREE =
  /^(?:tensorflow|keras|jax|flax|paddle|mxnet|oneflow|mindspore|theano|chainer|caffe|cntk|julia|flux|xgboost|catboost|lightgbm|cupy|rmm|cudf|cuml|faiss|dali|numba|pycuda|jcuda|llama\.cpp|ollama|lmstudio|llamafile|koboldcpp|whisper\.cpp|onnxruntime|onnxruntime-web|openvino|tensorrt|tensorrt-llm|triton|ctranslate2|mlc|web-llm|webgpu|candle|mistral\.rs|wgpu|mlx|coreml|blender|nvenc|opencv|system|neuron)/;
/** Programs that only ever serve a model that is there. */
const ENGINES =
  /^(?:vllm|sglang|text-generation-inference|tgi|lmdeploy|mlc|web-llm|exllama|tensorrt|triton|torchserve|ctranslate2|llama\.cpp|ollama|lmstudio|llamafile|koboldcpp|whisper\.cpp|onnxruntime|openvino|candle|mistral\.rs|comfyui|stable-diffusion-webui|fooocus|invokeai|sdnext|aphrodite|lightllm)/;

/** Formats of programs that compute by themselves: renderers, solvers, miners. */
const PROGRAMS: readonly string[] = ['compute-program', 'renderer', 'status-number'];
/** Programs without Python that fail in the words of CUDA's own error. */
const NATIVE: readonly string[] = ['deepstream', 'basecaller', 'photogrammetry', 'transcoder'];
/** What fails in the same words inside a job of PyTorch. */
const EXTENSIONS: readonly string[] = ['deepspeed', 'spconv', 'tiny-cuda-nn', 'warp'];

/** True when the figures can be of PyTorch's allocator. */
function isOfTorch({ format, reading, frameworks, frames }: Failure): boolean {
  // Torch for Lua speaks in the same words and has none of what came later.
  if (format === 'torch-thc' && frameworks.includes('torch7')) return false;
  if (format.startsWith('torch-') || frameworks.includes('pytorch')) return true;
  const isPython =
    frames.length > 0 || reading.exception !== undefined || reading.clues.includes('asynchronous');
  if (!isPython && NATIVE.some((name) => frameworks.includes(name))) return false;
  if (reading.framework === 'pytorch') return true;
  if (PROGRAMS.includes(format)) return EXTENSIONS.includes(reading.framework);
  return !TORCH_FREE.test(reading.framework);
}

/** Frameworks beside PyTorch that keep a graph of whatever runs, unless they are told not to. */
const RECORDING = /^(?:paddle|oneflow|chainer)/;

/** False where gradients are kept only inside a tape or a transformation that somebody wrote. */
export const keepsGraphUnasked = ({ mayBeTorch, format, frameworks }: Case): boolean =>
  mayBeTorch || RECORDING.test(format) || frameworks.some((name) => RECORDING.test(name));

/** What the job is for, as far as phase and frames show it. */
function purposeOf({ phase, frames, reading, frameworks }: Failure): SeenRun['purpose'] {
  const { value } = phase;
  if (
    value === 'backward' ||
    value === 'optimizer' ||
    frames.some((f) => TRAINING.test(f.function ?? ''))
  ) {
    return 'training';
  }
  if (value === 'eval') return 'evaluation';
  const serves =
    value === 'generate' ||
    value === 'prefill' ||
    value === 'kv_alloc' ||
    [reading.framework, ...frameworks].some((name) => ENGINES.test(name));
  return serves || frames.some((f) => INFERENCE_FILES.test(f.file)) ? 'inference' : 'unknown';
}

/** Bytes of a tensor whose extents and type the text tells: what was asked for. */
function sizeOf({ shape, dtype = '' }: Tensor): Interval | undefined {
  const bits = dtype === 'bool' ? 8 : Number(/^[a-z]+(\d{1,3})$/.exec(dtype)?.[1] ?? 0);
  const bytes = shape.reduce((product, extent) => product * extent, bits / 8);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bound(bytes) : undefined;
}

function amountsOf(facts: readonly Fact[], ledger: Ledger, tensor?: Tensor): Amounts {
  const listed = select(ledger, { category: 'process' });
  const values = listed.flatMap((atom) => known(atom.bytes) ?? []);
  // One listed process without a figure makes their sum unknown.
  const others = values.length < listed.length ? [] : values;
  const mixed = known(bytesOf(ledger, { category: 'outside', process: 'unknown' }));
  const hidden = hiddenIn(ledger) ?? restOf(facts);
  const untold = mixed ?? hidden;
  const all: { [Key in keyof Amounts]: Amounts[Key] | undefined } = {
    requested: valueIn(facts, 'requested') ?? (tensor && sizeOf(tensor)),
    total: valueIn(facts, 'total'),
    free: valueIn(facts, 'free') ?? leftUnderMark(facts),
    room: roomIn(facts, ledger),
    live: liveIn(ledger),
    // Blocks of private pools serve their graphs only.
    idle: known(
      bytesOf(ledger, {
        category: 'idle',
        pool: ledger.atoms.some(({ pool }) => pool === 'arena') ? 'arena' : 'torch',
      }),
    ),
    reserved: reservedOf(facts),
    allowed: valueIn(facts, 'allowed'),
    outside: known(bytesOf(ledger, { category: 'outside', process: 'this' })),
    others: others.length === 0 ? undefined : sum(others),
    others_at_most: othersAtMost(listed, hidden),
    others_at_least: othersAtLeast(facts),
    untold,
    // The own context is in `mixed`; what is hidden is beyond the own process already.
    untold_others: mixed === undefined ? hidden : subtract(mixed, spread(contextBytes())),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A message that was cut behind the own process: the rest of the card is somebody's, if nobody is listed. */
function restOf(facts: readonly Fact[]): Interval | undefined {
  if (facts.some(({ quantity }) => quantity === 'allocated' || quantity === 'listed_process'))
    return undefined;
  const [total, free, own] = (['total', 'free', 'process'] as const).map((one) =>
    valueIn(facts, one),
  );
  return total === undefined || free === undefined || own === undefined
    ? undefined
    : subtract(total, add(free, own));
}

/** MPS refuses above its watermark only; what is left under it is free, as far as the allocator knows. */
function leftUnderMark(facts: readonly Fact[]): Interval | undefined {
  const [allowed, own, other] = (['allowed', 'allocated', 'other_allocations'] as const).map(
    (quantity) => valueIn(facts, quantity),
  );
  if (allowed === undefined || own === undefined || other === undefined) return undefined;
  const left = subtract(allowed, add(own, other));
  return left.low > 0 ? left : undefined;
}

function roomIn(facts: readonly Fact[], ledger: Ledger): Interval | undefined {
  const reach = ledger.limits.find(({ name }) => name === 'reserved-and-free');
  // Unified memory has no total of its own: its limit is what a process can have.
  return valueIn(facts, 'total') ?? known(reach?.bytes) ?? valueIn(facts, 'allowed');
}

/** What the live tensors hold, whether or not they are told apart. */
function liveIn(ledger: Ledger): Interval | undefined {
  const live = ledger.atoms.filter(({ category }) => isLive(category));
  const values = live.flatMap(({ bytes }) => known(bytes) ?? []);
  return live.length === 0 || values.length < live.length ? undefined : sum(values);
}

/** What live tensors of these kinds hold, where the ledger tells them apart; else undefined. */
export function heldBy(c: Case, ...categories: readonly Category[]): Interval | undefined {
  if (!c.isExact) return undefined;
  const atoms = c.ledger.atoms.filter(({ category }) => categories.includes(category));
  return sum(atoms.flatMap(({ bytes }) => known(bytes) ?? []));
}

/** Phases in which a model comes to be, or data comes to the card. */
const MAKING: readonly Phase[] = ['load', 'init', 'transfer'];
const STEPPING: readonly RecordedStage[] = ['forward', 'backward', 'optimizer', 'eval', 'generate'];

/** A program that has made no step yet grows as it loads: nothing of that is left behind. */
const isStillLoading = ({ stages }: Recorded, phase: Phase): boolean =>
  MAKING.includes(phase) && !stages.some((stage) => STEPPING.includes(stage));

/** The recording of the failure itself comes first; others only show what runs of the kind do. */
function growthIn(
  at: AtMoment | undefined,
  observed: readonly Observed[],
  phase: Phase,
): Growing[] {
  const others = observed.flatMap(({ sighted }) => sighted.recorded ?? []);
  const recordings = at === undefined ? others : [at.recorded];
  return recordings.flatMap((recorded) => {
    const { growth, source } = recorded;
    if (isUnknown(growth) || (at !== undefined && isStillLoading(recorded, phase))) return [];
    return growth.map((one) => ({ ...one, source, isOfFailure: at !== undefined }));
  });
}

/** What surely grows in the failing run itself. */
export const growthOfRun = ({ growth }: Case): readonly Growing[] =>
  growth.filter(({ strength, isOfFailure }) => isOfFailure && strength === 'likely');

function isSteady(at: AtMoment | undefined): boolean {
  const growth = at?.recorded.growth;
  return growth !== undefined && !isUnknown(growth) && growth.length === 0;
}

/** Weights, gradients and optimizer states: what every step finds there. */
export const STATES: readonly Category[] = ['weights', 'gradients', 'optimizer'];
/** What a step makes and lets go. */
export const WORK: readonly Category[] = ['activations', 'logits', 'temporaries', 'inputs'];

/** The share of the live tensors and of the request that failed which these kinds have, or could have. */
export function shareOfLive(c: Case, ...categories: readonly Category[]): number {
  return share(heldBy(c, ...categories), c.amounts.live);
}

/** Below this, what no process accounts for is the driver's own share. */
const HIDDEN_AT_LEAST = 512 * MiB;

/** What is in use on the device beyond all listed processes, when it is more than the driver's. */
function hiddenIn(ledger: Ledger): Interval | undefined {
  // Without a figure of the own process nothing tells that the rest is not its own.
  if (!ledger.atoms.some(({ process }) => process === 'this')) return undefined;
  const rest = known(bytesOf(ledger, { category: 'unattributed', process: 'unknown' }));
  return rest === undefined || rest.low < HIDDEN_AT_LEAST ? undefined : rest;
}

function othersAtMost(
  listed: readonly Atom[],
  hidden: Interval | undefined,
): Interval | Unknown | undefined {
  if (listed.length === 0) return undefined;
  const most = upperBound(listed);
  return isUnknown(most) || hidden === undefined ? most : add(most, hidden);
}

function othersAtLeast(facts: readonly Fact[]): Interval | undefined {
  const listed = facts.filter((fact) => fact.quantity === 'listed_process');
  const values = listed.flatMap((fact) => known(fact.value) ?? []).sort((a, b) => a.mid - b.mid);
  const isMarked = facts.some((fact) => fact.quantity === 'process');
  const others = isMarked ? values : values.slice(0, -1);
  return others.length === 0 ? undefined : sum(others);
}

/** Ranks of one job are of one size to within this share of it. */
const ALIKE = 0.15;

/** From so many on it is no accident. */
export const MANY_ALIKE = 2;

/** How many of the listed processes are of about the size of the failing one, as ranks of one job are. */
export function likeItself({ facts }: Case): number {
  const own = known(facts.find(({ quantity }) => quantity === 'process')?.value);
  if (own === undefined) return 0;
  return facts.filter(({ quantity, value }) => {
    const bytes = quantity === 'listed_process' ? known(value) : undefined;
    return bytes !== undefined && Math.abs(bytes.mid - own.mid) <= ALIKE * own.mid;
  }).length;
}

/** A loop of one's own that generates with a model of one's own: no library for language models is in sight. */
export const isOwnLoop = ({ frameworks, isEngine, phase }: Case): boolean =>
  !isEngine &&
  phase.because.kind === 'frame' &&
  !/transformers|site-packages|dist-packages/.test(phase.because.frame.file) &&
  frameworks.every((name) => OF_TENSORS.includes(name));

const OF_TENSORS: readonly string[] = ['pytorch', 'torch', 'cuda', 'python'];

/** Below this share of the card a request is one that fails only where all is taken. */
const CRUMB = 0.005;

export const isCrumb = ({ requested, total }: Amounts): boolean =>
  requested !== undefined && total !== undefined && share(requested, total) < CRUMB;

/** `part` as a share of `whole`, by their printed values; 0 when either is missing. */
export function share(part: Interval | undefined, whole: Interval | undefined): number {
  return part === undefined || whole === undefined || whole.mid <= 0 ? 0 : part.mid / whole.mid;
}

/** True when the request would have been served with `extra` more bytes, whatever the rounding. */
export function servedWith(amounts: Amounts, extra: Interval): boolean {
  const { requested, free } = amounts;
  return requested !== undefined && free !== undefined && requested.high <= free.low + extra.low;
}

/** What a driver reports as free and cannot give: its granules, and tables for so large a piece. */
const SLACK = 48 * MiB;
const SLACK_SHARE = 0.01;

/** True when the driver had room for the request, whatever the rounding. */
export function hadRoom(amounts: Amounts): boolean {
  const { requested, free } = amounts;
  return (
    requested !== undefined &&
    free !== undefined &&
    requested.high + Math.max(SLACK, SLACK_SHARE * requested.high) <= free.low
  );
}

/** No card that is sold has more. */
const LARGEST_CARD = 400 * 2 ** 30;

/** True when the request is larger than the card, or than any where the text tells of none. */
export const exceedsAnyCard = ({ requested, total }: Amounts): boolean =>
  requested !== undefined && requested.low > (total?.high ?? LARGEST_CARD);

/** True when the one request is larger than the whole card. */
export function exceedsCard(amounts: Amounts): boolean {
  const { requested, total } = amounts;
  return requested !== undefined && total !== undefined && requested.low > total.high;
}

/** How a limit below the device's own stands to the request; "surely" holds whatever the rounding. */
export function capRefusal(c: Case): 'surely' | 'possibly' | 'no' {
  const { allowed, reserved, live, requested, total } = c.amounts;
  const held = reserved ?? live;
  if (c.has('arena-limit')) return 'surely';
  if (allowed === undefined || held === undefined || requested === undefined) return 'no';
  // The pool that these take at start is their share of the card, no cap that somebody set.
  if (c.format === 'tensorflow' || c.format === 'xla') return 'no';
  const isBelowCard = total === undefined || allowed.high < total.low;
  // On unified memory the limit takes the place of the card.
  if (!isBelowCard || c.backend === 'mps') return 'no';
  if (held.low + requested.low > allowed.high) return 'surely';
  return held.high + requested.high > allowed.low ? 'possibly' : 'no';
}

/** True when that limit is all that refuses it: the device itself had room. */
export function isCapped(c: Case): boolean {
  return capRefusal(c) !== 'no' && (c.amounts.free === undefined || hadRoom(c.amounts));
}

/**
 * True for a real shortage on the device: a sane request, no room for it, and no cap that explains it.
 * Measures that free or shrink something make sense only then.
 */
export function isShortage(c: Case): boolean {
  return c.kind === 'gpu_oom' && !isAbsurd(c) && !hadRoom(c.amounts) && !isCapped(c);
}

/** What a process can address on x86-64 and most of Arm: no request beyond it is meant. */
const ADDRESS_SPACE = 2 ** 47;

/** Attention over all pixels of a photograph comes to so much. */
const MEANT_AT_MOST = 2 ** 42;

/** Nobody has so much; below it a matrix over all pairs of something can be meant. */
export const BEYOND_ALL: number = 2 ** 45;

/** True for a request that no program means: many times the card, or beyond any machine. */
export function isAbsurd(c: Case): boolean {
  const { requested } = c.amounts;
  if (c.has('absurd-request') || isBeyondCounting(c.facts)) return true;
  if (requested === undefined || (isOfAllPairs(c) && requested.low < BEYOND_ALL)) return false;
  return isBeyondUse(c);
}

/** True where a matrix over all pairs was being made: its size is the square of a count. */
export const isOfAllPairs = (c: Case): boolean =>
  c.shows('dense-matrix') !== undefined || c.shows('pairwise') !== undefined;

/** More than the memory of machines that one meets. */
const VAST_ON_HOST = 2 ** 41;

/** True for a piece of the machine's memory that hardly any machine has; a matrix over all pairs can be meant. */
export const isVastOnHost = (c: Case): boolean =>
  c.kind === 'host_oom' && (c.amounts.requested?.low ?? 0) >= VAST_ON_HOST && !isOfAllPairs(c);

/**
 * True where a good part of the card is in use as a vast request comes: within a step, quadratic in the size of its
 * input, a program can mean it.
 */
export function isWorkUnderWay(c: Case): boolean {
  const { requested, live, total } = c.amounts;
  if (requested === undefined || requested.low >= MEANT_AT_MOST || c.has('absurd-request'))
    return false;
  return c.kind === 'gpu_oom' && share(live, total) >= 0.2 && !isBeyondCounting(c.facts);
}

/** Less is a part of a card that others have the rest of; chosen, no source. */
const LEAST_CARD = 8 * 2 ** 30;

/** True for a request beyond any card or host, or many times the card at hand. */
export function isBeyondUse(c: Case): boolean {
  const { requested, live, free } = c.amounts;
  // Where the card's total is not told, what this process has and what is free come to no less than a card.
  const known = live && free && add(live, free);
  const total = c.amounts.total ?? (known && known.low >= LEAST_CARD ? known : undefined);
  if (requested === undefined) return false;
  // Host memory of a machine can be tens of terabytes; that of a card is far below.
  if (c.kind === 'gpu_oom' && requested.low >= 16 * 2 ** 40) return true;
  return requested.low >= ADDRESS_SPACE || (total !== undefined && requested.low > 16 * total.high);
}

/**
 * True when others hold a good part of the card. What belongs to nobody has to be more: contexts,
 * libraries and the driver are in it too.
 */
export function hasNeighbours(c: Case): boolean {
  const { others, untold_others: hidden, total } = c.amounts;
  return share(others, total) >= 0.1 || share(hidden, total) >= 0.3;
}

/**
 * True when the pieces are what is wrong: much of what the allocator reserves is idle, more than any
 * program leaves, and with what is free it would serve the request.
 */
export function isInPieces({ amounts }: Case): boolean {
  const { idle, reserved } = amounts;
  return idle !== undefined && share(idle, reserved) >= 0.1 && servedWith(amounts, idle);
}

/** True when PyTorch's tensors are what failed, whatever the device. */
export function isTorch(c: Case): boolean {
  return c.isExact || c.format.startsWith('torch-') || c.format === 'nvml-assert';
}

/** True when the text shows a PyTorch from before `version`. */
export function isTorchBefore(c: Case, version: string): boolean {
  const to = c.versions.get('torch')?.to;
  return to !== undefined && isBefore(to, version);
}

/** True when the text shows a PyTorch of `version` or later. */
export function isTorchFrom(c: Case, version: string): boolean {
  const from = c.versions.get('torch')?.from;
  return from !== undefined && !isBefore(from, version);
}

/**
 * True where segments cannot grow page by page: PyTorch before 2.1, Windows, WSL, or a text that
 * shows that they do so already.
 */
export const lacksExpandable = (c: Case): boolean =>
  isTorchBefore(c, '2.1') ||
  c.shows('windows') !== undefined ||
  c.shows('wsl') !== undefined ||
  printedValue(c, 'expandable_segments') === true;

/** A printed request that no machine can count: it is unknown, with its digits. */
function isBeyondCounting(facts: readonly Fact[]): boolean {
  const request = facts.find((fact) => fact.quantity === 'requested');
  return request !== undefined && isUnknown(request.value);
}

/** True when the job may be training: the measures of training mean nothing to inference. */
/** Steps passed before it: what a step needs anyway fits. */
export const hasStepped = ({ phase, step }: Case): boolean =>
  phase.turn === 'later' || (['unknown', 'eval'].includes(phase.value) && (step ?? 0) >= 2);

export function mayTrain(c: Case): boolean {
  return c.situation.workload?.purpose !== 'inference';
}

/** Frameworks that take a pool of nearly the whole card when they start. */
const POOLED: readonly string[] = ['tensorflow', 'jax'];

export const isPooled = ({ frameworks }: Case): boolean =>
  POOLED.some((name) => frameworks.includes(name));

/** Engines that take most of the card for weights and cache at start. */
const RESERVING: readonly string[] = ['vllm', 'sglang', 'lmdeploy', 'aphrodite'];

/** PyTorch's allocator failed in an engine's process, and nothing shows at what; no trainer is beside it. */
export const isInsideEngine = (c: Case): boolean =>
  isShortage(c) &&
  isTorch(c) &&
  c.phase.value === 'unknown' &&
  !mayTrain(c) &&
  c.shows('rollout') === undefined &&
  c.frameworks.some((name) => RESERVING.includes(name));

/** An engine that took its pool at start ran short while it computed for requests. */
export const isServingStep = (c: Case): boolean =>
  isShortage(c) &&
  isTorch(c) &&
  ['forward', 'prefill', 'generate'].includes(c.phase.value) &&
  !mayTrain(c) &&
  c.shows('rollout') === undefined &&
  c.frameworks.some((name) => RESERVING.includes(name) || name === 'tgi');

const PICTURES_AND_SOUND: readonly string[] = ['stable-diffusion.cpp', 'whisper.cpp'];

/** Programs around ggml that have no conversation: what they compute grows with a picture or a recording. */
export const isOfPicturesOrSound = ({ frameworks }: Case): boolean =>
  frameworks.some((name) => PICTURES_AND_SOUND.includes(name));

/** A database that counts its own memory against a limit that somebody set. */
export const isDatabaseLimit = ({ format, wording }: Case): boolean =>
  format === 'another-system' && wording === 'database-limit';

/** The heap of a virtual machine (Java, Node.js, PHP), which ends at a limit of its own. */
export const isManagedHeap = ({ format, wording }: Case): boolean =>
  format === 'another-system' && wording === 'managed-heap';
