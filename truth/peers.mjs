// @ts-check
/**
 * What other estimators say of the rows that are covered here. Each formula was read in the source that its entry cites and is
 * written down in our own words; a peer that has no input for something that a row has says why it gives no figure, instead of being
 * asked a question that it was not made for. What a peer counts for the CUDA context or the allocator is left out where a row
 * measures tensors alone.
 */

/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Model} Model */
/** @typedef {'allocated' | 'reserved' | 'device'} View */
/**
 * What a peer is asked.
 * @typedef {object} Question
 * @property {string} id
 * @property {Job} job
 * @property {View} view
 * @property {Readonly<Record<string, any>>} config as a config.json has it
 * @property {string | null} gpu
 */
/**
 * Dimensions of a decoder as these tools take them.
 * @typedef {object} Dimensions
 * @property {number} layers
 * @property {number} hidden
 * @property {number} heads
 * @property {number} kvHeads
 * @property {number} headDim
 * @property {number} intermediate
 * @property {boolean} gated
 * @property {number} vocab
 */
/**
 * @typedef {object} Peer
 * @property {string} id
 * @property {string} source
 * @property {(asked: Question, dims: Dimensions) => number | string} estimate bytes, or why there are none
 */

/** Elements of all weights. @param {Job} job */
export const parametersOf = (job) =>
  job.weights.reduce((sum, { shape, count }) => sum + count * shape.reduce((a, b) => a * b, 1), 0);

/** Elements of linear layers, which is what packed formats pack. @param {Job} job */
const packedElements = (job) =>
  job.weights
    .filter(({ role, layer }) => layer !== undefined && (role === 'linear' || role === 'expert'))
    .reduce((sum, { shape, count }) => sum + count * shape.reduce((a, b) => a * b, 1), 0);

/** Bytes of the weights on one device. @param {Job} job */
function weightBytes(job) {
  const all = parametersOf(job);
  const packed = job.packing === undefined ? 0 : packedElements(job);
  const width = job.packing === undefined ? job.weightWidth : job.wholeWidth;
  const bytes = (all - packed) * width + (packed * (job.packing?.bits ?? 0)) / 8;
  const { tensor, pipeline, data } = job.parallel;
  return bytes / tensor / pipeline / (job.sharding === 'full' ? data : 1);
}

/**
 * @param {Model} model
 * @returns {Dimensions | undefined} nothing for what is no decoder with softmax attention throughout
 */
export function dimensionsOf(model) {
  const [stack, ...more] = model.stacks;
  if (stack === undefined || more.length > 0 || stack.role !== 'decoder') return undefined;
  const [layer] = stack.layers;
  const [mixer] = layer?.mixers ?? [];
  const mlp = layer?.mlp;
  if (layer === undefined || mixer?.kind !== 'softmax' || mlp?.kind !== 'dense') return undefined;
  return {
    layers: stack.pattern.length,
    hidden: stack.hidden,
    heads: mixer.heads,
    kvHeads: mixer.kv_heads,
    headDim: mixer.head_dim,
    intermediate: mlp.intermediate,
    gated: mlp.gated,
    vocab: model.vocab,
  };
}

/** @param {Job} job */
const isTraining = (job) => job.purpose === 'training';
/** @param {Job} job */
const devices = ({ parallel: { data, tensor, pipeline, context } }) => data * tensor * pipeline * context;
/** Keys and values of all tokens in 16 bits. @param {Job} job @param {Dimensions} dims */
const cacheOf = (job, { layers, kvHeads, headDim }) =>
  2 * layers * kvHeads * headDim * (job.sequence + job.newTokens) * job.batch * 2;

const NO_TRAINING = 'is a rule for inference';
const NO_ADAPTERS = 'knows no adapters';
const NO_PACKING = 'does not know this format of weights';
const NO_BATCH = 'takes one sequence only';

/** @type {Dimensions} */
const NONE = { layers: 0, hidden: 0, heads: 0, kvHeads: 0, headDim: 0, intermediate: 0, gated: false, vocab: 0 };

/** @type {readonly Peer[]} */
export const PEERS = [
  {
    id: 'weights only',
    source: 'the usual first look: bytes of the weights',
    estimate: ({ job }) => weightBytes(job),
  },
  {
    id: '1.2 x weights',
    source: 'EleutherAI, Transformer Math 101 (2023): inference takes about 1.2 times the weights; documentation of accelerate: up to 20 % more',
    estimate: ({ job }) => (isTraining(job) ? NO_TRAINING : 1.2 * weightBytes(job)),
  },
  {
    id: 'weights + KV',
    source: 'weights, and keys and values of all tokens in 16 bits',
    estimate: ({ job }, dims) => (isTraining(job) ? NO_TRAINING : weightBytes(job) + cacheOf(job, dims)),
  },
  {
    id: 'accelerate estimate-memory',
    source: 'accelerate@1.15.0:accelerate/commands/estimate.py gather_data, estimate_training_usage',
    estimate: ({ job }) => {
      const whole = 4 * parametersOf(job);
      if (!isTraining(job)) {
        if (job.packing === undefined) return job.weightWidth === 4 ? whole : whole / 2;
        // Its int8 and int4 divide every parameter.
        return whole / (job.packing.bits > 6 ? 4 : 8);
      }
      if (job.trains === 'adapter') return NO_ADAPTERS;
      // The highest of its stages: 4 × the fp32 size, or 2 × with 16 bits.
      return job.weightWidth === 4 && job.autocast === undefined ? 4 * whole : 2 * whole;
    },
  },
  {
    id: 'DeepSpeed estimator',
    source: 'deepspeed@0.19.8:deepspeed/runtime/zero/stage_1_and_2.py and stage3.py, estimate_zero{2,3}_model_states_mem_needs, no offload',
    estimate: ({ job }) => {
      if (!isTraining(job)) return 'is for training';
      if (job.trains === 'adapter') return NO_ADAPTERS;
      const parameters = parametersOf(job);
      const shards = job.parallel.data;
      if (job.sharding !== 'full') return 2 * parameters + (18 * parameters) / shards;
      const largest = Math.max(...job.weights.map(({ shape }) => shape.reduce((a, b) => a * b, 1)));
      return 4 * largest + (18 * parameters) / shards;
    },
  },
  {
    id: 'EleutherAI cookbook',
    source: 'EleutherAI/cookbook@069ae2e:calc/calc_transformer_mem.py, with the number of MLP matrices and the KV ratio given',
    estimate: eleuther,
  },
  {
    id: 'gpu_poor',
    source: 'RahulSChand/gpu_poor@0c49be4:src/App.js getAllComputedData; its 650 MB for CUDA left out of rows of tensors',
    estimate: gpuPoor,
  },
  {
    id: 'llm-analysis',
    source: 'llm-analysis@0.2.2:llm_analysis/analysis.py training(), inference(); config.py, by which every MLP is four times as wide as the model',
    estimate: llmAnalysis,
  },
];

/**
 * @param {Question} asked
 * @param {Dimensions} dims
 */
function eleuther({ job }, { layers, hidden, heads, kvHeads, intermediate, gated, vocab }) {
  if (job.trains === 'adapter') return NO_ADAPTERS;
  if (job.packing !== undefined) return NO_PACKING;
  const { batch, sequence } = job;
  const { tensor, pipeline, data } = job.parallel;
  const expansion = intermediate / hidden;
  const parameters =
    2 * vocab * hidden +
    hidden * sequence +
    8 * hidden * layers +
    2 * hidden +
    2 * (1 + kvHeads / heads) * layers * hidden * hidden +
    (gated ? 3 : 2) * layers * hidden * expansion * hidden;
  const low = 2;
  const stage = { none: 0, optimizer: 1, gradients: 2, full: 3 }[job.sharding];
  const model = (parameters * low) / tensor / pipeline / (stage === 3 ? data : 1);
  const tokens = sequence * batch * hidden;
  if (!isTraining(job)) {
    const cache = low * hidden * layers * (sequence + Math.max(1, job.newTokens)) * batch;
    return model + tokens * (16 * low + 2) + cache;
  }
  const gradients = (4 * parameters) / (stage >= 2 ? data : 1);
  const states = (12 * parameters) / (stage >= 1 ? data : 1);
  const buffers = data > 1 ? (stage >= 1 ? 5e8 * low : 0) + (stage === 3 ? 1e9 * low : 0) : 0;
  const scores = ((2 * low + 1) * heads * sequence) / hidden;
  const activations = tokens * layers * (16 * low + 2 + (job.checkpointing ? 0 : scores));
  return model + gradients + states + buffers + activations;
}

/**
 * @param {Question} asked
 * @param {Dimensions} dims
 */
function gpuPoor({ job, view }, { layers, hidden, heads, intermediate, vocab }) {
  if (devices(job) > 1) return 'takes one device only';
  const parameters = 2 * vocab * hidden + layers * (4 * hidden * hidden + 3 * intermediate * hidden);
  const overhead = view === 'device' ? 650 * 2 ** 20 : 0;
  const isNf4 = /nf4|bitsandbytes|bnb/.test(job.packing?.method ?? '');
  if (job.packing !== undefined && !isNf4) return NO_PACKING;
  const length = job.sequence;
  if (!isTraining(job)) {
    if (job.batch > 1) return NO_BATCH;
    const size = isNf4 ? 2 * parameters * (0.25 + 0.06) : 2 * parameters;
    const context = length + job.newTokens;
    const cache = 2 * context * 2 * 2 * hidden * layers;
    return size + cache + 10 * context * hidden + 2 * context * context * heads + overhead;
  }
  if (job.checkpointing) return 'knows no checkpointing';
  const optimizer = { sgd: 1, adamw: 3, 'adamw-fused': 3, 'adamw-loop': 3 }[/** @type {string} */ (job.optimizer)];
  if (optimizer === undefined) return `does not know the optimizer ${job.optimizer}`;
  const attention = 8 * length * hidden * 2 + length * length * heads * (2 + 4 + 2);
  const mlp = 2 * hidden * length * 2 + 6 * length * intermediate * 2;
  const norms = 8 * length + length * hidden * 2 * 6;
  const activations = (attention + mlp + norms) * layers * job.batch;
  if (job.trains === 'all') return 2 * parameters * (1 + optimizer) + activations + overhead;
  const adapters = layers * 8 * hidden * 4 * optimizer * (isNf4 ? 0.5 : 4);
  const extra = 0.75 * (15 * hidden + 6 * intermediate) * layers * length * job.batch;
  const size = isNf4 ? 2 * parameters * (0.25 + 0.06) - (2 * parameters) / 64 : 2 * parameters;
  return size + adapters + (isNf4 ? extra : 0) + activations + overhead;
}

/**
 * @param {Question} asked
 * @param {Dimensions} dims
 */
function llmAnalysis({ job }, { layers, hidden, heads, kvHeads, vocab }) {
  if (job.trains === 'adapter') return NO_ADAPTERS;
  if (devices(job) > 1) return 'asked for one device only';
  const { batch, sequence } = job;
  // What it takes from a config does not hold the width of the MLP.
  const expansion = 4;
  const bits = job.packing === undefined ? 8 * job.weightWidth : job.packing.bits > 6 ? 8 : 4;
  const ofLayer = 2 * hidden ** 2 + (2 * hidden ** 2 * kvHeads) / heads + 2 * expansion * hidden ** 2 + 2 * hidden;
  // It takes the table of embeddings as shared with the head, and an MLP as two matrices.
  const inside = layers * ofLayer + hidden;
  const weights = (inside * bits) / 8 + vocab * hidden * 2;
  const tokens = sequence * batch;
  const flash = (2 * tokens * hidden + 4 * heads * tokens) * 2;
  if (!isTraining(job)) {
    const layerOf = (/** @type {number} */ length) =>
      Math.max(
        3 * 2 * length * batch * hidden,
        (2 * length * batch * hidden + 4 * heads * length * batch) * 2,
        expansion * 2 * length * batch * hidden,
        2 * length * batch * hidden,
      );
    const logits = (/** @type {number} */ length) => vocab * batch * length * 2;
    const cache = 2 * batch * (sequence + job.newTokens) * (hidden / heads) * kvHeads * 2 * layers;
    const prefill = Math.max(layerOf(sequence), logits(sequence));
    const decode = Math.max(layerOf(1), logits(1)) + cache;
    return weights + Math.max(prefill, decode);
  }
  const parameters = inside + vocab * hidden;
  const states = 12 * parameters + 4 * parameters;
  const layer = job.checkpointing
    ? tokens * hidden * 2
    : 5 * tokens * hidden * 2 + flash + tokens * hidden + tokens * hidden * 2 * (1 + 2 * expansion) + 2 * 4 * tokens * hidden;
  const norm = job.checkpointing ? 0 : 4 * tokens * hidden;
  return weights + states + layers * layer + vocab * tokens * 2 + norm;
}

/**
 * The answers of all peers.
 * @param {readonly Question[]} questions
 */
export function askPeers(questions) {
  return PEERS.map(({ id, source, estimate }) => ({
    peer: id,
    source,
    rows: questions.map((asked) => {
      const dims = dimensionsOf(asked.job.model);
      // A formula with one parameter asks for no dimensions.
      const answer = estimate.length > 1 && dims === undefined ? 'no plain decoder' : estimate(asked, dims ?? NONE);
      return typeof answer === 'string' ? { id: asked.id, reason: answer } : { id: asked.id, estimate_bytes: answer };
    }),
  }));
}
