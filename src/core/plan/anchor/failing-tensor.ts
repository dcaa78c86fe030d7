/**
 * Which tensor it was that could not be had: those of the model whose size is the request's. One that the frames
 * of the traceback speak of as well is named; without them a size is consistent with a tensor, no more.
 */

import { LARGE_SEGMENT, roundSize, segmentSize } from '../../allocator/rounding.ts';
import type { Interval } from '../../base/interval.ts';
import { type Lang, type Statement, say, type Words } from '../../base/texts.ts';
import type { Case } from '../../diagnosis/case.ts';
import type { Frame } from '../../evidence/tracebacks/frame.ts';
import type { Job } from '../../footprint/job.ts';
import type { Mixer, Mlp } from '../../workload/model/model.ts';

export interface TensorMatch {
  readonly what: Statement;
  /** Its dimensions with their names: `batch 4 × sequence 2048 × vocabulary 32000`. */
  readonly dimensions: Statement;
  readonly elements: number;
  /** Bytes of an element. */
  readonly width: number;
  /** True where the frames speak of it and of no other of that size. */
  readonly isNamed: boolean;
}

/** Where a tensor can be asked for. */
type Pass = 'pass' | 'load' | 'backward' | 'optimizer';

interface Candidate {
  readonly what: keyof (typeof TEXTS)['en'];
  readonly dimensions: readonly (readonly [keyof (typeof TEXTS)['en'], number])[];
  readonly width: number;
  /** What code, functions and modules of frames look like where it is made. */
  readonly frames: RegExp;
  readonly in: readonly Pass[];
  /** The weight that it belongs to. */
  readonly weight?: string;
}

const TEXTS = {
  en: {
    logits: 'logits',
    shifted: 'logits without the last position',
    mlp: 'the inner activation of an MLP',
    'gate-up': 'gate and up projection of an MLP together',
    hidden: 'a hidden state',
    scores: 'attention scores',
    queries: 'queries of one layer',
    keys: 'keys or values of one layer',
    cache: 'keys or values of one layer’s cache',
    weight: 'the weight {name}',
    gradient: 'the gradient of {name}',
    state: 'an optimizer state of {name}',
    unpacked: 'the unpacked weight {name}',
    'all-weights': 'all weights in one piece',
    'part-of-weights': 'this rank’s part of all weights, in one piece',
    'all-states': 'an optimizer state of all weights, in one piece',
    'part-of-states': 'an optimizer state of this rank’s part of all weights, in one piece',
    batch: 'batch',
    sequence: 'sequence',
    vocabulary: 'vocabulary',
    intermediate: 'intermediate',
    width: 'hidden',
    heads: 'heads',
    'kv-heads': 'KV heads',
    'head-size': 'head size',
    elements: 'elements',
    plain: '',
    bytes: '{dimensions}, {width} bytes each',
  },
  zh: {
    logits: 'logits',
    shifted: '去掉最后一个位置的 logits',
    mlp: 'MLP 的中间激活',
    'gate-up': 'MLP 的 gate 与 up 投影合在一起',
    hidden: '一份隐藏状态',
    scores: '注意力分数',
    queries: '一层的 query',
    keys: '一层的 key 或 value',
    cache: '一层缓存的 key 或 value',
    weight: '权重 {name}',
    gradient: '{name} 的梯度',
    state: '{name} 的优化器状态',
    unpacked: '解压后的权重 {name}',
    'all-weights': '合成一整块的全部权重',
    'part-of-weights': '全部权重中本 rank 的一份，合成一整块',
    'all-states': '全部权重的一种优化器状态，合成一整块',
    'part-of-states': '全部权重中本 rank 那一份的一种优化器状态，合成一整块',
    batch: '批次',
    sequence: '序列长度',
    vocabulary: '词表',
    intermediate: '中间宽度',
    width: '隐藏宽度',
    heads: '注意力头',
    'kv-heads': 'KV 头',
    'head-size': '头宽',
    elements: '元素',
    plain: '',
    bytes: '{dimensions}，每个元素 {width} 字节',
  },
  ru: {
    logits: 'логиты',
    shifted: 'логиты без последней позиции',
    mlp: 'внутренняя активация MLP',
    'gate-up': 'проекции gate и up одного MLP вместе',
    hidden: 'скрытое состояние',
    scores: 'оценки внимания',
    queries: 'запросы (query) одного слоя',
    keys: 'ключи или значения одного слоя',
    cache: 'ключи или значения кэша одного слоя',
    weight: 'вес {name}',
    gradient: 'градиент {name}',
    state: 'состояние оптимизатора для {name}',
    unpacked: 'распакованный вес {name}',
    'all-weights': 'все веса одним куском',
    'part-of-weights': 'доля этого ранга от всех весов, одним куском',
    'all-states': 'состояние оптимизатора всех весов, одним куском',
    'part-of-states': 'состояние оптимизатора доли этого ранга от всех весов, одним куском',
    batch: 'батч',
    sequence: 'длина',
    vocabulary: 'словарь',
    intermediate: 'внутренняя ширина',
    width: 'ширина',
    heads: 'головы',
    'kv-heads': 'головы KV',
    'head-size': 'ширина головы',
    elements: 'элементы',
    plain: '',
    bytes: '{dimensions}, по {width} Б на элемент',
  },
} as const;

/** Below this every request looks the same: the allocator asks the driver for 20 MiB. */
const LEAST = 20 * 2 ** 20;
/** More tensors than this of one size say nothing. */
const MOST = 3;

const FRAMES = {
  logits:
    /lm_head|logits|cross_entropy|log_softmax|embed_out|output\.weight|\bloss\b|loss_fct|loss_function/i,
  mlp: /\bmlp\b|gate_proj|up_proj|down_proj|act_fn|\bfc[12]\b|c_fc|c_proj|feed_?forward|\bffn?\b|gelu|silu|swiglu|intermediate/i,
  hidden: /norm\b|layernorm|rms_?norm|residual|hidden_states|embed|dropout/i,
  scores:
    /attn_weights|attention_scores|\bscores?\b|softmax|baddbmm|\bbmm\b|eager_attention|_attn\(|scaled_dot_product/i,
  queries: /q_proj|query|qkv|c_attn|rotary|rotate_half|apply_rotary/i,
  keys: /[kv]_proj|\bkey|value|repeat_kv|qkv|rotary|rotate_half/i,
  cache: /cache|past_key|key_states|value_states|torch\.cat/i,
  load: /\bto\(|\.cuda\(|_apply|convert|load|from_pretrained|empty\(|materiali|set_module_tensor|shard|Linear\(|Embedding\(|Parameter\(|create_weights|__init__/i,
  optimizer: /optim|\.step\(|exp_avg|zeros_like|_multi_tensor|adam/i,
  backward: /backward|autograd/i,
  unpacked: /dequant|bitsandbytes|bnb|unpack|quant/i,
  states: /exp_avg|momentum_buffer|init_group|init_state|initialize_optimizer_states/i,
  flat: /flat|fsdp|zero|stage|flatten|all_gather|_allgather|contiguous/i,
} as const;

/**
 * @param requested what the message says that was asked for: of the driver, in segments
 * @param isExact the request is of a recording: the tensor's own bytes, rounded to 512
 */
export function failingTensor(
  c: Pick<Case, 'phase' | 'isExact'>,
  requested: Interval,
  frames: readonly Frame[],
  job: Job,
): readonly TensorMatch[] {
  if (requested.mid <= LEAST) return [];
  const pass = passOf(c.phase.value);
  const fits = ({ dimensions, width }: Candidate): boolean => {
    const bytes = dimensions.reduce((product, [, size]) => product * size, width);
    const block = roundSize(bytes, []);
    const asked = c.isExact ? block : segmentSize(block, LARGE_SEGMENT);
    return asked >= requested.low && asked <= requested.high;
  };
  const found = candidatesOf(job).filter(
    (one) => (pass === undefined || one.in.includes(pass)) && fits(one),
  );
  const spoken = found.filter((one) => isSpokenOf(one, frames));
  const likely = spoken.length > 0 ? spoken : found;
  // One position more or less is within the size of a segment.
  const hasWhole = likely.some(({ what }) => what === 'logits');
  // What makes states of flat weights speaks of both.
  const isState = spoken.some(({ what }) => what.endsWith('-states'));
  const shown = likely.filter(
    ({ what }) => (!hasWhole || what !== 'shifted') && (!isState || !what.endsWith('-weights')),
  );
  const kinds = new Set(shown.map(({ what, weight }) => `${what} ${weight}`));
  if (kinds.size > MOST) return [];
  const isNamed = spoken.length > 0 && kinds.size === 1;
  const told = new Set<string>();
  return shown.flatMap((one) => {
    const key = `${one.what} ${one.weight}`;
    if (told.has(key)) return [];
    told.add(key);
    return [matchOf(one, isNamed)];
  });
}

function passOf(phase: Case['phase']['value']): Pass | undefined {
  if (phase === 'load' || phase === 'init' || phase === 'transfer') return 'load';
  if (phase === 'optimizer' || phase === 'backward') return phase;
  return phase === 'unknown' ? undefined : 'pass';
}

/** The innermost frames: what stands further out runs everything. */
const INNERMOST = 4;

const isSpokenOf = ({ frames: pattern }: Candidate, frames: readonly Frame[]): boolean =>
  frames
    .slice(-INNERMOST)
    .some(({ code, function: name }) => pattern.test(`${name ?? ''} ${code ?? ''}`));

function matchOf({ what, dimensions, width, weight }: Candidate, isNamed: boolean): TensorMatch {
  const name = weight ?? '';
  return {
    what: say(TEXTS, what, { name }),
    dimensions: say(TEXTS, 'bytes', {
      dimensions: { words: dimensionWords(dimensions) },
      width,
    }),
    elements: dimensions.reduce((product, [, size]) => product * size, 1),
    width,
    isNamed,
  };
}

type Dimensions = Candidate['dimensions'];

const dimensionWords = (dimensions: Dimensions): Words => {
  const of = (lang: Lang): string =>
    dimensions.map(([key, size]) => `${TEXTS[lang][key]} ${size}`.trim()).join(' × ');
  return { en: of('en'), zh: of('zh'), ru: of('ru') };
};

function candidatesOf(job: Job): readonly Candidate[] {
  return [...activationsOf(job), ...weightsOf(job)];
}

/** Widths that a tensor of the pass can have: the stream's, that of autocast, fp32. */
const widthsOf = ({ width, autocast }: Job): readonly number[] => [
  ...new Set([width, autocast ?? width, 4]),
];

function activationsOf(job: Job): readonly Candidate[] {
  const { model, batch, sequence, newTokens, beams, parallel } = job;
  const stack = model.stacks.at(-1);
  if (stack === undefined) return [];
  const rows = batch * beams;
  const tokens = Math.ceil(sequence / parallel.context);
  const found: Candidate[] = [];
  const put = (
    what: Candidate['what'],
    frames: RegExp,
    dimensions: Dimensions,
    widths = widthsOf(job),
  ): void => {
    for (const width of widths) {
      found.push({ what, frames, dimensions, width, in: ['pass', 'backward'] });
    }
  };
  const stream: Dimensions = [
    ['batch', rows],
    ['sequence', tokens],
  ];
  if (model.head === 'vocab') {
    put('logits', FRAMES.logits, [...stream, ['vocabulary', model.vocab]]);
    const shorter: Dimensions = [
      ['batch', rows],
      ['sequence', tokens - 1],
      ['vocabulary', model.vocab],
    ];
    if (job.purpose === 'training' && tokens > 1) put('shifted', FRAMES.logits, shorter);
  }
  put('hidden', FRAMES.hidden, [...stream, ['width', stack.hidden]]);
  for (const { mixers, mlp } of stack.layers) {
    for (const mixer of mixers) putMixer(mixer);
    if (mlp !== undefined) putMlp(mlp);
  }
  return found;

  function putMixer(mixer: Mixer): void {
    if (mixer.kind !== 'softmax') return;
    const heads = mixer.heads / parallel.tensor;
    const keys = Math.max(1, mixer.kv_heads / parallel.tensor);
    const size = ['head-size', mixer.head_dim] as const;
    put('queries', FRAMES.queries, [...stream, ['heads', heads], size]);
    put('keys', FRAMES.keys, [...stream, ['kv-heads', keys], size]);
    if (job.attention === 'eager') {
      put('scores', FRAMES.scores, [
        ['batch', rows],
        ['heads', heads],
        ['sequence', tokens],
        ['sequence', tokens],
      ]);
    }
    if (job.purpose === 'generation') {
      const length = sequence + newTokens;
      put(
        'cache',
        FRAMES.cache,
        [['batch', rows], ['sequence', length], ['kv-heads', keys], size],
        [job.cacheWidth],
      );
    }
  }

  function putMlp(mlp: Mlp): void {
    if (mlp.kind !== 'dense') return;
    const inner = mlp.intermediate / parallel.tensor;
    put('mlp', FRAMES.mlp, [...stream, ['intermediate', inner]]);
    if (mlp.fused) put('gate-up', FRAMES.mlp, [...stream, ['intermediate', 2 * inner]]);
  }
}

function weightsOf(job: Job): readonly Candidate[] {
  const found: Candidate[] = [];
  const put = (
    what: Candidate['what'],
    widths: readonly number[],
    frames: RegExp,
    passes: readonly Pass[],
  ): void => {
    for (const { names, shape } of shapesOf(job)) {
      const dimensions: Dimensions = shape.map((size) => ['plain', size] as const);
      for (const width of new Set(widths)) {
        found.push({ what, dimensions, width, frames, in: passes, weight: names });
      }
    }
  };
  put('weight', [job.weightWidth, 4], FRAMES.load, ['load']);
  if (job.purpose === 'training' && job.trains === 'all') {
    put('gradient', [job.gradientWidth], FRAMES.backward, ['backward']);
    put('state', [4, job.weightWidth], FRAMES.optimizer, ['optimizer']);
  }
  const { packing } = job;
  if (packing?.unpacked !== undefined) {
    put('unpacked', [packing.unpacked], FRAMES.unpacked, ['pass', 'backward']);
  }
  const all = job.weights.reduce(
    (sum, { shape, count }) => sum + count * shape.reduce((product, size) => product * size, 1),
    0,
  );
  for (const width of new Set([job.weightWidth, 4])) {
    for (const parts of new Set([1, job.parallel.data])) {
      const dimensions: Dimensions = [['elements', Math.ceil(all / parts)]];
      found.push({
        what: parts === 1 ? 'all-weights' : 'part-of-weights',
        dimensions,
        width,
        frames: FRAMES.flat,
        in: ['load', 'optimizer', 'pass'],
      });
      if (job.purpose === 'training' && job.trains === 'all') {
        found.push({
          what: parts === 1 ? 'all-states' : 'part-of-states',
          dimensions,
          width,
          frames: FRAMES.states,
          in: ['load', 'optimizer'],
        });
      }
    }
  }
  return found;
}

/** Names shown of weights of one shape. */
const MOST_NAMES = 3;

/** Large weights by their shape: those of one shape cannot be told apart by a request. */
function shapesOf(
  job: Job,
): readonly { readonly names: string; readonly shape: readonly number[] }[] {
  const byShape = new Map<
    string,
    { readonly names: Set<string>; readonly shape: readonly number[] }
  >();
  for (const { name, shape } of job.weights) {
    if (shape.reduce((product, size) => product * size, 4) <= LEAST) continue;
    const key = [...shape].sort((a, b) => a - b).join(' ');
    const same = byShape.get(key) ?? { names: new Set<string>(), shape };
    byShape.set(key, same);
    same.names.add(name.replace(/\.weight$/, '').replace(/^.*\{i\}\./, ''));
  }
  return [...byShape.values()].map(({ names, shape }) => {
    const shown = [...names].slice(0, MOST_NAMES).join(' / ');
    return { names: names.size > MOST_NAMES ? `${shown} / …` : shown, shape };
  });
}
