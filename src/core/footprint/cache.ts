/**
 * The cache that generation keeps of what it has seen: for each layer the elements a token, the window, and the
 * states that do not grow. Engines store the same elements under rules of their own (pages, padding, formats).
 *
 * Sources: transformers@4.57.1 cache_utils.py, modeling_deepseek_v3.py, modeling_mamba2.py, modeling_jamba.py,
 * modeling_qwen3_next.py, modeling_recurrent_gemma.py, modeling_lfm2.py.
 */
import type { Layer, Mixer, Model, Stack } from '../workload/model/model.ts';
import type { Job } from './job.ts';

/** What a mixer keeps of one sequence on one device. Elements. */
export interface Kept {
  /** Of each token: keys, or the latent of compressed attention with its rotary part. */
  readonly keys: number;
  readonly values: number;
  /** Of each token: queries and keys that come from the same tensor as the values. */
  readonly beside: number;
  /** Tokens that attention sees, the newest among them; absent where it sees all. */
  readonly window?: number;
  /** Tokens are those of the encoder. */
  readonly cross: boolean;
  /** Once a sequence: channels of a convolution, and how many inputs it needs, the newest among them. */
  readonly channels: number;
  readonly taps: number;
  /** Once a sequence: the state of a recurrence. */
  readonly state: number;
  /** The state is in fp32 whatever the format of the rest (gated delta rule, RG-LRU). */
  readonly wideState: boolean;
}

const NOTHING: Kept = {
  keys: 0,
  values: 0,
  beside: 0,
  cross: false,
  channels: 0,
  taps: 0,
  state: 0,
  wideState: false,
};

/** How latent attention is cached: as it comes from the model, or unpacked for each head (transformers). */
export type LatentForm = 'packed' | 'unpacked';

const share = (count: number, by: number): number => Math.max(1, Math.ceil(count / by));

/** What a mixer keeps on one of `tensor` ranks that divide its heads. */
export function keptBy(mixer: Mixer, latent: LatentForm, tensor = 1): Kept {
  switch (mixer.kind) {
    case 'softmax': {
      if (mixer.shared_kv === true) return NOTHING;
      const heads = share(mixer.kv_heads, tensor);
      return {
        ...NOTHING,
        keys: heads * mixer.head_dim,
        values: heads * (mixer.value_dim ?? mixer.head_dim),
        beside: mixer.fused_qkv
          ? share(mixer.heads, tensor) * mixer.head_dim + heads * mixer.head_dim
          : 0,
        cross: mixer.cross === true,
        ...(mixer.window === undefined ? {} : { window: mixer.window }),
      };
    }
    case 'latent': {
      // The latent is the same for all heads, so each rank has it whole.
      if (latent === 'packed') return { ...NOTHING, keys: mixer.kv_rank + mixer.rope_dim };
      const heads = share(mixer.heads, tensor);
      return {
        ...NOTHING,
        keys: heads * (mixer.nope_dim + mixer.rope_dim),
        values: heads * mixer.value_dim,
      };
    }
    case 'delta': {
      const [keys, values] = [share(mixer.key_heads, tensor), share(mixer.value_heads, tensor)];
      return {
        ...NOTHING,
        channels: 2 * keys * mixer.key_dim + values * mixer.value_dim,
        taps: mixer.conv,
        state: values * mixer.key_dim * mixer.value_dim,
        wideState: true,
      };
    }
    case 'recurrent': {
      const width = share(mixer.width, tensor);
      return { ...NOTHING, channels: width, taps: mixer.conv, state: width, wideState: true };
    }
    case 'short-conv':
      return { ...NOTHING, channels: share(mixer.width, tensor), taps: mixer.conv };
    default: {
      const inner = share(mixer.inner, tensor);
      const groups = mixer.kind === 'mamba2' ? 2 * mixer.groups * mixer.state : 0;
      return {
        ...NOTHING,
        channels: inner + groups,
        taps: mixer.conv,
        state: inner * mixer.state,
      };
    }
  }
}

/** Layers of a kind, and what each keeps. */
export interface KeptLayers {
  readonly kept: readonly Kept[];
  readonly count: number;
}

/** What the decoder's layers keep, equal layers together. */
export function keptLayers(model: Model, latent: LatentForm, tensor = 1): readonly KeptLayers[] {
  return model.stacks
    .filter(({ role }) => role === 'decoder')
    .flatMap((stack) => keptOf(stack, latent, tensor));
}

const keptOf = (stack: Stack, latent: LatentForm, tensor: number): readonly KeptLayers[] =>
  stack.layers.map((layer: Layer, kind) => ({
    kept: layer.mixers.map((mixer) => keptBy(mixer, latent, tensor)),
    count: stack.pattern.filter((at) => at === kind).length,
  }));

/** Elements of keys and values of one token in all decoder layers, windows left out of account. */
export const elementsPerToken = (model: Model, latent: LatentForm, tensor = 1): number =>
  keptLayers(model, latent, tensor).reduce(
    (sum, { kept, count }) =>
      sum + count * kept.reduce((a, { keys, values, cross }) => a + (cross ? 0 : keys + values), 0),
    0,
  );

/** Tokens that the encoder of a job gives to cross attention. */
function encoderTokens(job: Job): number {
  const encoder = job.model.stacks.find(({ role }) => role !== 'decoder');
  return encoder?.tokens_out ?? encoder?.tokens ?? job.sequence;
}

/** Models whose prompt goes through an encoder: the decoder begins with one token. */
export const hasCross = (model: Model): boolean =>
  model.stacks.some(
    ({ role, layers }) =>
      role === 'decoder' &&
      layers.every(({ mixers }) =>
        mixers.some((mixer) => mixer.kind === 'softmax' && mixer.cross === true),
      ),
  );

/** Tokens of one sequence that the decoder has seen after the prefill, or at the end. */
function tokensAt(job: Job, point: 'prefill' | 'decode'): number {
  const prompt = hasCross(job.model) ? 1 : job.sequence;
  return point === 'prefill' ? prompt : prompt + job.newTokens;
}

/** Tokens of all sequences and beams that the cache has room for. */
export function cachedTokens(job: Job, point: 'prefill' | 'decode'): number {
  const isStatic = job.cacheGrowth === 'static';
  const length = tokensAt(job, isStatic ? 'decode' : point);
  return job.batch * job.beams * (isStatic ? (job.cacheLength ?? length) : length);
}

/** Bytes of what one mixer keeps of one sequence. */
function bytesOf(job: Job, kept: Kept, point: 'prefill' | 'decode'): number {
  const isStatic = job.cacheGrowth === 'static';
  const length = tokensAt(job, isStatic ? 'decode' : point);
  const all = kept.cross ? encoderTokens(job) : isStatic ? (job.cacheLength ?? length) : length;
  // A layer with a window cuts the prompt by a view: all of it lives until the next token comes.
  const isCut = kept.window !== undefined && job.ignoresWindows !== true;
  const isWhole = point === 'prefill' && !isStatic && job.prefillChunk === undefined;
  const seen = isCut && !isWhole ? Math.min(all, kept.window ?? all) : all;
  // transformers keeps as many columns as the convolution has taps.
  const constant = kept.channels * kept.taps * job.cacheWidth;
  const state = kept.state * (kept.wideState ? 4 : job.cacheWidth);
  // Until a token is joined to them, values are a view of what one layer made: queries and keys stay with them.
  const isView = isWhole && job.holdsProjections === true;
  const elements = kept.keys + kept.values + (isView ? kept.beside : 0);
  return seen * elements * job.cacheWidth + constant + state;
}

/** The cache of all sequences and beams of a job, with what growing by a token takes on top. Bytes. */
export function cacheBytes(job: Job, point: 'prefill' | 'decode'): number {
  let bytes = 0;
  let largest = 0;
  let widest = 0;
  for (const { kept, count } of keptLayers(job.model, 'unpacked', job.parallel.tensor)) {
    for (const each of kept) {
      const one = bytesOf(job, each, point);
      bytes += one * count;
      const { keys, values, cross } = each;
      if (count > 0) widest = Math.max(widest, one);
      const isJoined = count > 0 && !cross && keys > 0;
      if (isJoined) largest = Math.max(largest, (one * Math.max(keys, values)) / (keys + values));
    }
  }
  const sequences = job.batch * job.beams;
  if (point === 'decode' && job.newTokens > 0) {
    const growth = job.cacheGrowth ?? 'joined';
    bytes += growth === 'twice' ? bytes : growth === 'joined' ? largest : 0;
  }
  // A cache in fewer bits is unpacked for one layer at a time.
  const width = job.autocast ?? job.width;
  const unpacked =
    job.cacheWidth > 0 && job.cacheWidth < width ? (widest * width) / job.cacheWidth : 0;
  return ((bytes + unpacked) * sequences) / job.parallel.pipeline;
}

/** Tables of sine and cosine that each layer with attention keeps. Bytes. */
export function rotaryBytes(job: Job): number {
  const positions = job.rotaryTables ?? 0;
  let elements = 0;
  for (const stack of job.model.stacks) {
    if (stack.role !== 'decoder') continue;
    for (const at of stack.pattern) {
      for (const mixer of stack.layers[at]?.mixers ?? []) {
        if (mixer.kind === 'softmax' && mixer.cross !== true) elements += 2 * mixer.head_dim;
        if (mixer.kind === 'latent') elements += 2 * mixer.rope_dim;
      }
    }
  }
  return (elements * positions * job.wholeWidth) / job.parallel.pipeline;
}
