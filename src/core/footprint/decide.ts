/**
 * From a stated workload to a job: everything that memory depends on is decided, and what nobody said is
 * written down as an assumption with the option that says otherwise.
 */
import { MiB } from '../base/bytes.ts';
import { type Statement, say } from '../base/texts.ts';
import type { Assumption } from '../workload/assumption.ts';
import type { Cards } from '../workload/machine.ts';
import type { Model, Weight } from '../workload/model/model.ts';
import type { SettingName, SettingValue } from '../workload/settings.ts';
import type { Workload } from '../workload/workload.ts';
import { sglangDefaults } from './engines/sglang.ts';
import { vllmDefaults } from './engines/vllm.ts';
import {
  type Adapter,
  type Job,
  type OptimizerName,
  type Packing,
  type Parallel,
  PLAIN_JOB,
  type Serving,
} from './job.ts';
import { packingOf } from './packing.ts';

const TEXTS = {
  en: {
    usual: 'not said; a usual value',
    checkpoint: 'not said; as the checkpoint has it',
    cards: 'not said; a process for each card',
    framework: 'not said; the default of {source}',
    engine: 'not said; what the engine takes on such a card',
    longest: 'not said; the longest that the model allows',
    peft: 'not said; where PEFT puts them by default',
  },
  zh: {
    usual: '未指定，按常见取值',
    checkpoint: '未指定，按检查点的格式',
    cards: '未指定，每张卡一个进程',
    framework: '未指定，按 {source} 的默认值',
    engine: '未指定，按引擎在这种显卡上的取值',
    longest: '未指定，按模型允许的最大长度',
    peft: '未指定，按 PEFT 默认的位置',
  },
  ru: {
    usual: 'не сказано; обычное значение',
    checkpoint: 'не сказано; как в чекпойнте',
    cards: 'не сказано; по процессу на карту',
    framework: 'не сказано; по умолчанию в {source}',
    engine: 'не сказано; что движок берёт на такой карте',
    longest: 'не сказано; наибольшая длина, которую допускает модель',
    peft: 'не сказано; где их по умолчанию ставит PEFT',
  },
} as const;

/** A model with its weights. */
export interface KnownModel {
  readonly model: Model;
  readonly weights: readonly Weight[];
  /** The mix of a GGUF file: `Q4_K_M`. */
  readonly mix?: string;
}

/** Bytes of an element. */
const WIDTHS: Readonly<Record<string, number>> = { fp32: 4, fp16: 2, bf16: 2, fp8: 1 };

/** Options of `unoom plan` that say a setting. */
const FLAGS: Readonly<Partial<Record<SettingName, string>>> = {
  micro_batch: '--batch',
  sequence_length: '--seq',
  prompt_length: '--prompt',
  new_tokens: '--new-tokens',
  context_length: '--context',
  max_sequences: '--sequences',
  optimizer: '--optimizer',
  weights_dtype: '--dtype',
  adapter_rank: '--lora-rank',
  world_size: '--gpus',
};

const USUAL_SEQUENCE = 2048;

/** Reads settings, and notes what was taken for granted. */
class Reader {
  /** Settings that the job depends on. */
  readonly considered: Set<SettingName> = new Set();
  readonly #noted: Assumption[] = [];
  readonly #workload: Workload;
  constructor(workload: Workload) {
    this.#workload = workload;
    for (const [setting, { by, source, value }] of workload.settings) {
      if (by === 'default')
        this.#note(setting, value, say(TEXTS, 'framework', { source: source.replace(/:.*/s, '') }));
    }
  }

  #note(setting: SettingName, value: SettingValue, why: Statement): void {
    const flag = FLAGS[setting] ?? `--set ${setting}=`;
    this.#noted.push({ setting, value, why, flag });
  }

  /** What was taken for granted of all that the job depends on; what a framework does by default comes last. */
  get assumptions(): readonly Assumption[] {
    const isDefault = ({ setting }: Assumption): boolean =>
      this.#workload.settings.get(setting)?.by === 'default';
    const counted = this.#noted.filter(({ setting }) => this.considered.has(setting));
    return [...counted.filter((one) => !isDefault(one)), ...counted.filter(isDefault)];
  }

  given(setting: SettingName): SettingValue | undefined {
    this.considered.add(setting);
    return this.#workload.settings.get(setting)?.value;
  }

  /** Somebody said it: it is no default of a framework. */
  isStated(setting: SettingName): boolean {
    const by = this.#workload.settings.get(setting)?.by;
    return by !== undefined && by !== 'default';
  }

  number(setting: SettingName): number | undefined {
    const value = this.given(setting);
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    // Nothing is done less than once; only layers on a card are counted from -1.
    return value > 0 || setting === 'gpu_layers' ? value : undefined;
  }

  is(setting: SettingName): boolean {
    return this.given(setting) === true;
  }

  word(setting: SettingName): string | undefined {
    const value = this.given(setting);
    return typeof value === 'string' ? value : undefined;
  }

  /** The number that was given, else one that is taken for granted and noted. */
  numberOr(setting: SettingName, value: number, why: keyof typeof TEXTS.en = 'usual'): number {
    const given = this.number(setting);
    if (given !== undefined) return given;
    this.#note(setting, value, say(TEXTS, why));
    return value;
  }

  wordOr(setting: SettingName, value: string, why: keyof typeof TEXTS.en = 'usual'): string {
    const given = this.word(setting);
    if (given !== undefined) return given;
    this.#note(setting, value, say(TEXTS, why));
    return value;
  }

  /** A value that no setting can have, taken for granted and noted. */
  assumed<T extends SettingValue>(setting: SettingName, value: T): T {
    this.considered.add(setting);
    this.#note(setting, value, say(TEXTS, 'usual'));
    return value;
  }

  speaks(...dialects: readonly string[]): boolean {
    return dialects.some((one) => this.#workload.dialects.includes(one));
  }

  version(package_: string): string | undefined {
    const since = this.#workload.versions.get(package_);
    return since?.to ?? since?.from;
  }
}

export interface Decision {
  readonly job: Job;
  /** Settings that it depends on. A change of any other changes nothing that is predicted. */
  readonly considered: ReadonlySet<SettingName>;
}

/** A job of the workload on cards of a kind, with what was assumed in it. */
export function decide(workload: Workload, known: KnownModel, cards: Cards): Decision {
  const reader = new Reader(workload);
  const job =
    workload.purpose === 'serving'
      ? servingJob(reader, known, cards)
      : workload.purpose === 'generation'
        ? generationJob(reader, known, cards)
        : trainingJob(reader, known, cards, workload.purpose);
  return {
    job: { ...job, assumptions: reader.assumptions },
    considered: reader.considered,
  };
}

/** How the allocator of PyTorch is set; nothing where it is as it comes. */
function allocatorOf(r: Reader, cards: Cards): Pick<Job, 'allocator'> {
  const expandable = r.is('expandable_segments');
  const maxSplit = r.number('max_split_size');
  const divisions = r.number('roundup_divisions');
  const threshold = r.number('gc_threshold');
  const fraction = r.number('memory_fraction');
  const isPlain = [maxSplit, divisions, threshold, fraction].every((one) => one === undefined);
  if (isPlain && !expandable) return {};
  return {
    allocator: {
      expandable,
      ...(maxSplit === undefined ? {} : { maxSplit: maxSplit * MiB }),
      ...(divisions === undefined ? {} : { divisions }),
      ...(threshold === undefined ? {} : { threshold }),
      ...(fraction === undefined ? {} : { cap: fraction * cards.usable.mid }),
    },
  };
}

/** Formats of weights, packed or whole. */
function weightsOf(
  r: Reader,
  known: KnownModel,
): Pick<Job, 'weightWidth' | 'wholeWidth' | 'packing'> {
  const { dtype: saved, family } = known.model;
  // Older families were published in fp32, and their configs do not say so.
  const stored = saved === 'fp8' ? 'bf16' : (saved ?? (DROPPING.has(family) ? 'fp32' : 'bf16'));
  const dtype = r.wordOr('weights_dtype', stored, 'checkpoint');
  const weightWidth = WIDTHS[dtype] ?? 2;
  const packing = packingFor(r, known.model);
  return packing === undefined
    ? { weightWidth, wholeWidth: weightWidth }
    : { weightWidth: Math.min(2, weightWidth), wholeWidth: Math.min(2, weightWidth), packing };
}

function packingFor(r: Reader, { quantization }: Model): Packing | undefined {
  const asked = r.word('quantization');
  if (asked === '4bit' || asked === '8bit' || r.word('adapter') === 'qlora') {
    const bits = asked === '8bit' ? 8 : 4;
    // bitsandbytes leaves the head whole.
    return packingOf({ method: 'bitsandbytes', bits, skipped: ['lm_head'] });
  }
  return asked === 'none' || quantization === undefined ? undefined : packingOf(quantization);
}

const KERNELS: Readonly<Record<string, Job['attention']>> = {
  eager: 'eager',
  sdpa: 'flash',
  flash: 'flash',
};

function generationJob(r: Reader, known: KnownModel, cards: Cards): Job {
  const cache = r.word('kv_dtype') ?? 'auto';
  const weights = weightsOf(r, known);
  return {
    ...PLAIN_JOB,
    ...known,
    ...weights,
    purpose: 'generation',
    width: Math.max(2, weights.weightWidth),
    batch: r.numberOr('micro_batch', 1),
    sequence: r.numberOr('prompt_length', USUAL_SEQUENCE),
    newTokens: r.numberOr('new_tokens', 256),
    beams: r.number('beams') ?? 1,
    attention: KERNELS[r.word('attention') ?? 'sdpa'] ?? 'flash',
    cacheWidth: CACHE_WIDTHS[cache] ?? Math.max(2, weights.weightWidth),
    ...olderTransformers(r.version('transformers')),
    ...allocatorOf(r, cards),
  };
}

const CACHE_WIDTHS: Readonly<Record<string, number>> = {
  fp16: 2,
  fp8: 1,
  q8: 34 / 32,
  q4: 18 / 32,
};

/** What older versions held besides: fp32 logits of the whole prompt, caches that are joined all at once. */
function olderTransformers(version: string | undefined): Partial<Job> {
  const [, major = '9', minor = '0'] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (Number(major) > 4) return {};
  return {
    ...(Number(minor) < 45 ? { prefillLogits: 'all-fp32' as const } : {}),
    ...(Number(minor) < 42 ? { cacheGrowth: 'twice' as const } : {}),
    ...(Number(minor) < 56 ? { ignoresWindows: true } : {}),
  };
}

function servingJob(r: Reader, known: KnownModel, cards: Cards): Job {
  const weights = weightsOf(r, known);
  const serving = servingOf(r, known, cards);
  const cache = r.word('kv_dtype') ?? 'auto';
  return {
    ...PLAIN_JOB,
    ...known,
    ...weights,
    purpose: 'serving',
    serving,
    cacheWidth: CACHE_WIDTHS[cache] ?? 2,
    parallel: {
      ...PLAIN_JOB.parallel,
      tensor: r.number('tensor_parallel') ?? 1,
      pipeline: r.number('pipeline_parallel') ?? 1,
      expert: r.number('expert_parallel') ?? 1,
    },
  };
}

const USUAL_CONTEXT = 8192;

function engineOf(r: Reader): Serving['engine'] {
  if (r.speaks('sglang')) return 'sglang';
  if (r.speaks('tgi')) return 'tgi';
  if (r.speaks('ollama')) return 'ollama';
  return r.speaks('llama-cpp') ? 'llama.cpp' : 'vllm';
}

/** What the file or its name says. Models of ollama's library come in Q4_K_M unless their tag says more (recalled). */
function mixOf(
  r: Reader,
  engine: Serving['engine'],
  known: string | undefined,
): { readonly mix?: string } {
  if (known !== undefined) return { mix: known };
  return engine === 'ollama' ? { mix: r.assumed('quantization', 'Q4_K_M') } : {};
}

const GGML_TYPES: Readonly<Record<string, string>> = { q8: 'q8_0', q4: 'q4_0' };

function servingOf(r: Reader, { model, mix }: KnownModel, cards: Cards): Serving {
  const engine = engineOf(r);
  const version = r.version(engine === 'llama.cpp' ? 'llama-cpp' : engine);
  const tensor = r.number('tensor_parallel') ?? 1;
  const pipeline = r.number('pipeline_parallel') ?? 1;
  const longest = model.max_positions ?? USUAL_CONTEXT;
  const context = r.numberOr('context_length', longest, 'longest');
  const card = {
    name: cards.name,
    usable: cards.usable.mid,
    ...(cards.capability === undefined ? {} : { capability: cards.capability }),
  };
  const said = version === undefined ? {} : { version };
  if (engine === 'llama.cpp' || engine === 'ollama') {
    const layers = r.number('gpu_layers');
    const type = GGML_TYPES[r.word('kv_dtype') ?? ''] ?? 'f16';
    return {
      engine,
      ...said,
      fraction: 1,
      context,
      sequences: r.number('max_sequences') ?? 1,
      batchedTokens: r.number('physical_batch') ?? 512,
      graphs: false,
      flash: r.given('flash_attention') !== false,
      keyType: type,
      valueType: type,
      ...mixOf(r, engine, mix),
      ...(layers === undefined || layers < 0 ? {} : { gpuLayers: layers }),
    };
  }
  const usual =
    engine === 'sglang'
      ? sglangDefaults(card, { tensor, pipeline })
      : vllmDefaults(card, { ...said, usage: 'server', context });
  return {
    engine,
    ...said,
    fraction: r.numberOr('engine_fraction', usual.fraction, 'engine'),
    context,
    sequences: r.numberOr('max_sequences', usual.sequences, 'engine'),
    batchedTokens: r.numberOr('batched_tokens', usual.batchedTokens, 'engine'),
    graphs: r.given('cuda_graphs') === undefined ? usual.graphs : r.is('cuda_graphs'),
  };
}

const OPTIMIZERS: Readonly<Record<string, OptimizerName>> = {
  adamw: 'adamw',
  'adamw-fused': 'adamw-fused',
  'adamw-8bit': 'adamw-8bit',
  'adamw-paged': 'adamw-paged',
  adafactor: 'adafactor',
  lion: 'lion',
  sgd: 'sgd',
  galore: 'galore',
  muon: 'muon',
};

/** Tasks that hold a frozen copy of the model, or the base without its adapter. */
const WITH_REFERENCE = new Set(['dpo', 'kto', 'ppo', 'grpo']);

function trainingJob(
  r: Reader,
  known: KnownModel,
  cards: Cards,
  purpose: 'training' | 'evaluation',
): Job {
  const adapter = adapterOf(r);
  const precision = r.word('compute_precision');
  const isHalf = precision === 'bf16' || precision === 'fp16';
  const isDeepSpeed = r.speaks('deepspeed') && isHalf;
  const isMegatron = r.speaks('megatron');
  const loaded = weightsOf(r, known);
  const halved = isDeepSpeed || isMegatron ? { ...loaded, weightWidth: 2, wholeWidth: 2 } : loaded;
  const isQlora = halved.packing !== undefined && adapter !== undefined;
  // prepare_model_for_kbit_training casts what stays whole to fp32.
  const weights = isQlora ? { ...halved, wholeWidth: 4 } : halved;
  const { weightWidth } = weights;
  const isAutocast = isHalf && weightWidth === 4;
  const task = r.word('task') ?? 'sft';
  const isTrainer = r.speaks('transformers', 'trl', 'axolotl', 'llama-factory', 'unsloth');
  const batch = r.numberOr('micro_batch', 1);
  const attention = r.word('attention') ?? 'sdpa';
  const kernel = KERNELS[attention] ?? 'flash';
  const drops = purpose === 'training' && DROPPING.has(known.model.family);
  const masters = r.given('master_weights') === true || isDeepSpeed || isMegatron;
  return {
    ...PLAIN_JOB,
    ...known,
    ...weights,
    purpose,
    trains: purpose === 'evaluation' ? 'none' : adapter === undefined ? 'all' : 'adapter',
    ...(adapter === undefined ? {} : { adapter }),
    width: weightWidth,
    ...(isAutocast ? { autocast: 2 } : {}),
    masterWeights: masters && adapter === undefined,
    gradientWidth: gradientWidth(r, adapter, isMegatron ? 4 : weightWidth),
    // A preference has two answers, chosen and rejected, in one batch.
    batch: task === 'dpo' ? 2 * batch : batch,
    sequence: r.numberOr('sequence_length', USUAL_SEQUENCE),
    accumulation: r.number('accumulation_steps') ?? 1,
    // FlashAttention 2 takes padding out itself; packed batches have none.
    padded: attention !== 'flash' && !r.is('packing') && (r.is('padded') || batch > 1),
    // The flash kernel takes 16 bits only.
    attention: attention === 'sdpa' && weightWidth === 4 && !isAutocast ? 'efficient' : kernel,
    attentionDropout: drops,
    hiddenDropout: drops,
    checkpointing: r.is('checkpointing'),
    loss: lossOf(r, known.model),
    ...(purpose === 'evaluation' ? { prefillLogits: 'all-fp32' as const } : {}),
    keepsOutputs: !isTrainer,
    convertsOutputs: isAutocast && (isTrainer || r.speaks('accelerate')),
    fusedNorms: r.is('fused_kernels') || isMegatron,
    fusedGate: r.is('fused_kernels') || isMegatron,
    optimizer: OPTIMIZERS[r.wordOr('optimizer', 'adamw')] ?? 'adamw',
    // Gradients that are used at once cannot be added up.
    optimizerInBackward:
      r.is('optimizer_in_backward') && (r.number('accumulation_steps') ?? 1) === 1,
    ema: r.is('ema'),
    reference:
      r.given('reference_model') === undefined
        ? WITH_REFERENCE.has(task) && adapter === undefined
        : r.is('reference_model'),
    // Without a copy of its own the base is compared with, adapters off.
    compares: WITH_REFERENCE.has(task) && adapter !== undefined,
    ...evaluationOf(r, purpose),
    ...spread(r, cards, precision),
    ...allocatorOf(r, cards),
  };
}

/** Evaluation between steps, where its batch is known. How many outputs a trainer keeps depends on the data. */
function evaluationOf(r: Reader, purpose: 'training' | 'evaluation'): Pick<Job, 'evaluation'> {
  const batch = r.number('eval_batch');
  const isAsked = r.is('evaluates') || r.isStated('eval_batch');
  if (purpose === 'evaluation' || batch === undefined || !isAsked) return {};
  return { evaluation: { batch, kept: 0 } };
}

/** Families whose configs drop a tenth of states and of attention unless told otherwise. */
const DROPPING = new Set([
  'gpt2',
  'bert',
  'roberta',
  'xlm-roberta',
  'electra',
  'distilbert',
  't5',
  'opt',
  'bart',
]);

function lossOf(r: Reader, { stacks }: Model): Job['loss'] {
  if (r.is('fused_loss')) return 'fused-head';
  if (r.speaks('megatron')) return 'in-place';
  // Encoders and T5 take logits as they are.
  if (stacks.some(({ role }) => role === 'encoder')) return 'plain';
  return isBefore445(r.version('transformers')) ? 'upcast-output' : 'upcast';
}

const isBefore445 = (version: string | undefined): boolean => {
  const [, major = '9', minor = '0'] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(major) < 4 || (Number(major) === 4 && Number(minor) < 45);
};

function gradientWidth(r: Reader, adapter: Adapter | undefined, usual: number): number {
  const given = WIDTHS[r.word('gradient_dtype') ?? ''];
  return given ?? adapter?.width ?? usual;
}

function adapterOf(r: Reader): Adapter | undefined {
  const kind = r.word('adapter');
  if (kind === undefined || kind === 'none') return undefined;
  const targets = r.wordOr('adapter_targets', 'q_proj,v_proj', 'peft');
  return {
    rank: r.numberOr('adapter_rank', 8, 'peft'),
    targets:
      targets === 'all-linear' || targets === 'all'
        ? 'all-linear'
        : targets.split(/[\s,]+/).filter((name) => name !== ''),
    width: WIDTHS[r.word('adapter_dtype') ?? 'fp32'] ?? 4,
    dropout: (r.number('adapter_dropout') ?? 0) > 0,
    dora: r.is('adapter_magnitude'),
  };
}

type Shared = Pick<
  Job,
  'parallel' | 'sharding' | 'reshard' | 'bucketCopies' | 'bucket' | 'optimizerOffload'
>;

/** How the processes of the job share it. */
function spread(r: Reader, cards: Cards, precision: string | undefined): Shared {
  const isDeepSpeed = r.speaks('deepspeed');
  const system: Parallel['system'] = isDeepSpeed
    ? 'deepspeed'
    : r.speaks('megatron')
      ? 'megatron'
      : undefined;
  const world =
    cards.count === 1
      ? (r.number('world_size') ?? 1)
      : r.numberOr('world_size', cards.count, 'cards');
  const tensor = r.number('tensor_parallel') ?? 1;
  const pipeline = r.number('pipeline_parallel') ?? 1;
  const context = r.number('sequence_parallel') ?? 1;
  const data = Math.max(1, Math.floor(world / (tensor * pipeline * context)));
  const sharding = (r.word('sharding') ?? 'none') as Job['sharding'];
  const gathers =
    sharding === 'full' && !isDeepSpeed && (precision === 'bf16' || precision === 'fp16');
  return {
    parallel: {
      data,
      tensor,
      pipeline,
      context,
      expert: r.number('expert_parallel') ?? 1,
      ...(system === undefined ? {} : { system }),
      // torchtitan: ends are units of their own, reductions in fp32, the stream divided beside tensor parallelism.
      ...(r.speaks('torchtitan')
        ? { ends: 'apart' as const, reduceWidth: 4, sequence: tensor > 1 }
        : {}),
      ...(system === 'megatron' && tensor > 1 ? { sequence: true } : {}),
      ...(gathers ? { gatherWidth: 2 } : {}),
      ...(r.is('parameter_offload') && sharding === 'full' ? { parameterOffload: true } : {}),
      ...(data > 1 && sharding === 'full' && r.given('sharded_save') !== true
        ? { wholeSave: true }
        : {}),
    },
    sharding: data === 1 ? 'none' : sharding,
    reshard: r.given('reshard') !== false,
    bucketCopies: data > 1 && sharding === 'none' && !r.is('bucket_view'),
    ...(bucketOf(r, data, isDeepSpeed) ?? {}),
    optimizerOffload: r.is('optimizer_offload'),
  };
}

/** DeepSpeed's default of 5e8 elements (deepspeed@0.17:runtime/zero/config.py). */
const DEEPSPEED_BUCKET = 5e8;

function bucketOf(r: Reader, data: number, isDeepSpeed: boolean): { bucket: number } | undefined {
  const bucket = r.number('communication_bucket');
  if (bucket !== undefined) return { bucket };
  return isDeepSpeed && data > 1 ? { bucket: DEEPSPEED_BUCKET } : undefined;
}
