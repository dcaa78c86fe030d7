// @ts-check
/**
 * Rows of training: from what a row says of its inputs to the job. What a framework does unless told otherwise was read in
 * its source: litgpt 0.4 and lit-gpt of October 2023, transformers 4.15 to 5.13, PEFT 0.17, bitsandbytes 0.41.
 */

import { isQwenFinetune, qwenFinetune } from './qwen-jobs.mjs';
import { torchtuneJob } from './torchtune-jobs.mjs';

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Adapter} Adapter */

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function trainingJobOf(row) {
  const { framework, source } = row;
  if (/^torchtune/.test(framework ?? '')) return torchtuneJob(row);
  if (isQwenFinetune(row)) return qwenFinetune(row);
  // Of litgpt's recipes the file says one device, though the machine has more.
  const isOne = /devices:1/.test(row.notes ?? '');
  const units = /^litgpt/.test(framework ?? '') ? unitsOf(row) : undefined;
  if ((row.n_gpus ?? 1) > 1 && !isOne && units === undefined) return 'several GPUs';
  if (/Liger/i.test(source)) return 'a kernel by itself';
  if (row.batch_per_gpu === null || row.seq_len === null) return 'batch or sequence is not told';
  if (row.metric === 'unknown') return 'what was measured is not told';
  if (/^litgpt/.test(framework ?? '')) return litgpt(row, units);
  // What stays reserved hangs on which lengths came before which.
  if (/\d±\d/.test(row.other_flags ?? '') && row.metric !== 'max_memory_allocated') {
    return 'reserved bytes after batches of many lengths';
  }
  if (/^transformers .*Trainer/.test(framework ?? '')) return trainer(row);
  if (/transformers \d/.test(framework ?? '')) return plainLoop(row);
  return 'the framework is not covered';
}

/** @param {Row} row */
const lengthsOf = (row) => ({ batch: row.batch_per_gpu ?? 1, sequence: row.seq_len ?? 1 });

/** @type {readonly string[]} */
const TRAINING = ['forward', 'backward', 'optimizer'];

/** What all training has in common here. @type {Partial<Job>} */
const TRAINS_ALL = { purpose: 'training', trains: 'all', optimizer: 'adamw' };

/** Names of the layers that litgpt's flags stand for, in any family. */
const OF_LITGPT = new Map([
  ['query', ['q_proj', 'query_key_value', 'qkv_proj']],
  ['key', ['k_proj', 'query_key_value', 'qkv_proj']],
  ['value', ['v_proj', 'query_key_value', 'qkv_proj']],
  ['projection', ['o_proj', 'dense']],
  ['mlp', ['gate_proj', 'up_proj', 'down_proj', 'gate_up_proj', 'dense_h_to_4h', 'dense_4h_to_h']],
  ['head', ['lm_head']],
]);

/**
 * FSDP by Fabric, a block a unit that is computed again; gradients are reduced for the last of the batches that make up the
 * global one (no_backward_sync).
 * @param {Row} row
 * @returns {Partial<Job> | undefined}
 */
function unitsOf({ parallelism, other_flags: flags, batch_per_gpu: batch }) {
  const ranks = Number(/^FSDP x(\d+) \(auto_wrap Block, activation_checkpointing Block\)/.exec(parallelism ?? '')?.[1] ?? 0);
  const whole = Number(/global batch (\d+)/.exec(flags ?? '')?.[1] ?? 0);
  if (ranks === 0 || whole === 0 || batch === null) return undefined;
  return {
    sharding: 'full',
    checkpointing: true,
    accumulation: Math.max(1, Math.floor(whole / (ranks * batch))),
    parallel: { data: ranks, tensor: 1, pipeline: 1, context: 1, expert: 1, system: 'fsdp1', defersReduction: true },
  };
}

/**
 * @param {Row} row
 * @param {Partial<Job> | undefined} units of FSDP
 * @returns {Covered | string}
 */
function litgpt(row, units) {
  const [precision = '', packed] = (row.precision ?? '').split('+');
  if (precision !== 'bf16-true' && precision !== 'bf16-mixed') return `precision ${row.precision}`;
  const bits = packed === undefined ? undefined : { 'bnb.nf4': 4.5, 'bnb.nf4-dq': 4.127 }[packed];
  if (packed !== undefined && bits === undefined) return `precision ${row.precision}`;
  if (row.grad_checkpointing !== false && units === undefined) return 'recomputation is not told';
  // All versions of 2024 (0.3.1 to 0.5.3) ask for bitsandbytes 0.42.
  if (bits !== undefined && !/bitsandbytes \d|litgpt \(2024\)/.test(row.framework ?? '')) {
    return 'what a product of bitsandbytes keeps depends on its version, which is not told';
  }
  // Rows of the README carry the optimizer of a later config; an adapter's states are small.
  if (row.lora === null && /config_hub/.test(row.source)) return 'the optimizer of full fine-tuning is not told';
  const adapter = row.lora === null ? undefined : litgptAdapter(row.lora, precision === 'bf16-true' ? 2 : 4);
  if (typeof adapter === 'string') return adapter;
  const mixed = precision === 'bf16-mixed' ? { weightWidth: 4, wholeWidth: 4, gradientWidth: 4, width: 4, autocast: 2 } : {};
  /** @type {Partial<Job>} */
  const job = {
    ...TRAINS_ALL,
    ...mixed,
    ...lengthsOf(row),
    ...units,
    program: 'litgpt',
    // The list of logits is a name of the loop; each chunk goes through the loss alone.
    loss: adapter === undefined ? 'split' : 'split-head',
    keepsOutputs: true,
    // The first batch of the old script is the longest; those of the recipes are nearly equal.
    ...(/litgpt \(2024\)/.test(row.framework ?? '') ? { keepsLoss: true } : {}),
    ...(adapter === undefined ? {} : { trains: 'adapter', adapter }),
    ...(bits === undefined
      ? {}
      : {
          // Unpacked to fp16 first, then cast to bf16: both are there for a moment.
          packing: { method: 'bnb', bits, unpacked: 4, skipped: [], packsHead: true, keepsInput: true },
          optimizer: 'adamw-paged',
        }),
  };
  // The head is a matrix of its own even where the family ties it.
  return { job, view: 'allocated', moments: TRAINING, change: { tie_word_embeddings: false } };
}

/**
 * `r=32 alpha=16 dropout=0.05 targets=query+value`, or `LoRA; …; r=8 alpha=16 q,v`.
 * @param {string} text
 * @param {number} width
 * @returns {Adapter | string}
 */
function litgptAdapter(text, width) {
  const trained = Number(/trainable params ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? 0);
  if (/^Adapter/i.test(text) && trained > 0) {
    const isSecond = /^Adapter v2/i.test(text);
    // The second version scales every linear layer and trains the norms; what its prompts add is little beside that.
    const targets = isSecond ? [...OF_LITGPT.values()].flat() : (OF_LITGPT.get('projection') ?? []);
    const common = { rank: 0, width, dropout: false, dora: false, elements: trained };
    return isSecond ? { ...common, targets, method: 'scaled', norms: true } : { ...common, targets, method: 'prompted' };
  }
  const rank = /\br=(\d+)/.exec(text)?.[1];
  const flags = /targets=([\w+]+)/.exec(text)?.[1]?.split('+') ?? (/\bq,v\b/.test(text) ? ['query', 'value'] : []);
  if (rank === undefined || flags.length === 0) return 'rank or targets are not told';
  const targets = [...new Set(flags.flatMap((flag) => OF_LITGPT.get(flag) ?? []))];
  const thirds = /** @type {('q' | 'k' | 'v')[]} */ (
    ['query', 'key', 'value'].filter((flag) => flags.includes(flag)).map((flag) => flag[0])
  );
  // lora_dropout is 0.05 by default.
  return { rank: Number(rank), targets, width, dropout: true, dora: false, thirds };
}

/** Optimizers by the names that rows use. */
const OPTIMIZERS = new Map(
  /** @type {[string, Job['optimizer']][]} */ ([
    ['AdamW', 'adamw-loop'],
    ['Adafactor', 'adafactor'],
    ['bnb Adam8bit', 'adamw-8bit'],
  ]),
);

/**
 * The Trainer of transformers 4.15-4.18: its own AdamW a tensor at a time, gradients that stay, eager attention.
 * @param {Row} row
 * @returns {Covered | string}
 */
function trainer(row) {
  const optimizer = OPTIMIZERS.get(row.optimizer ?? '');
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  if (row.lora !== null) return 'an adapter';
  const isMixed = row.precision === 'fp16 AMP';
  if (!isMixed && row.precision !== 'fp32') return `precision ${row.precision}`;
  const context = /context on this machine = (\d+) MiB/.exec(row.notes ?? '')?.[1];
  if (row.metric === 'nvidia-smi' && context === undefined) return 'the context is not told';
  /** @type {Partial<Job>} */
  const job = {
    ...TRAINS_ALL,
    ...lengthsOf(row),
    weightWidth: 4,
    wholeWidth: 4,
    gradientWidth: 4,
    width: 4,
    ...(isMixed ? { autocast: 2 } : {}),
    keepsGradients: true,
    // PyTorch of early 2022: softmax keeps its input.
    keepsScores: true,
    attention: 'eager',
    attentionDropout: true,
    hiddenDropout: true,
    checkpointing: row.grad_checkpointing === true,
    loss: 'plain',
    optimizer,
  };
  const isLabels = /ForSequenceClassification/.test(row.model);
  return {
    job,
    view: 'reserved',
    moments: TRAINING,
    ...(context === undefined ? {} : { context: Number(context) * 2 ** 20 }),
    name: row.model.replace(/ \(.*/, ''),
    ...(isLabels ? { change: { architectures: ['BertForSequenceClassification'] } } : {}),
  };
}

/**
 * A loop over batches of its own with transformers and PEFT (the benchmark of PEFT).
 * @param {Row} row
 * @returns {Covered | string}
 */
function plainLoop(row) {
  const { framework, precision, metric } = row;
  if ((row.parallelism ?? 'single') !== 'single') return 'several GPUs';
  if (precision !== 'bfloat16' && precision !== 'bf16') return `precision ${precision}`;
  if (metric !== 'max_memory_allocated' && metric !== 'max_memory_reserved') return `metric ${metric}`;
  const adapter = peftAdapter(row);
  if (typeof adapter === 'string') return adapter;
  const torch = /torch (\d+)\.(\d+)/.exec(framework ?? '');
  const isFused = torch !== null && (Number(torch[1]) > 2 || Number(torch[2]) >= 8);
  const optimizer = /^(?:AdamW|lora-fa)$/.test(row.optimizer ?? '')
    ? 'adamw'
    : /fused/.test(row.optimizer ?? '')
      ? 'adamw-fused'
      : undefined;
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  const isTrainer = /Trainer/.test(framework ?? '');
  /** @type {Partial<Job>} */
  const job = {
    ...TRAINS_ALL,
    ...lengthsOf(row),
    ...(adapter === undefined ? {} : { trains: 'adapter', adapter }),
    // Batches of texts of different lengths are padded, which shuts the flash kernel out.
    padded: true,
    checkpointing: row.grad_checkpointing === true,
    optimizer: isTrainer && isFused ? 'adamw-fused' : optimizer,
    keepsOutputs: !isTrainer,
  };
  const matrices = PROMPTS.get(/^(\w+)/.exec(row.lora ?? '')?.[1] ?? '');
  // A set is filtered so that its longest text comes to the cap; a run sees a part of the set, and the longest there is shorter.
  const isCap = /seq_len is the cap/.test(row.notes ?? '');
  return {
    job,
    view: metric === 'max_memory_reserved' ? 'reserved' : 'allocated',
    moments: TRAINING,
    ...(isCap ? { lengths: [0.87, 0.94, 1] } : {}),
    ...(adapter?.prefix === undefined ? {} : { complete: (one) => [{ ...one, adapter: { ...adapter, prefix: prefixTokens(one) } }] }),
    ...(matrices === undefined
      ? {}
      : { complete: (one) => [{ ...one, sequence: one.sequence + promptTokens(one, matrices) }] }),
  };
}

/** Tokens whose keys and values are trained: elements over those of one token in all layers. @param {Job} job */
function prefixTokens({ adapter, model }) {
  let pairs = 0;
  for (const { pattern, layers } of model.stacks) {
    for (const at of pattern) {
      const mixer = layers[at]?.mixers[0];
      if (mixer?.kind === 'softmax') pairs += 2 * mixer.kv_heads * mixer.head_dim;
    }
  }
  return Math.round((adapter?.elements ?? 0) / Math.max(1, pairs));
}

/** Methods of PEFT by the names of its configs. @type {ReadonlyMap<string, NonNullable<Adapter['method']>>} */
const METHODS = new Map([
  ['ADALORA', 'adalora'],
  ['BEFT', 'beft'],
  ['BOFT', 'boft'],
  ['C3A', 'c3a'],
  ['DEFT', 'deft'],
  ['DELORA', 'delora'],
  ['FOURIERFT', 'fourierft'],
  ['GLORA', 'glora'],
  ['GRALORA', 'gralora'],
  ['HIRA', 'hira'],
  ['HRA', 'hra'],
  ['IA3', 'ia3'],
  ['LILY', 'lily'],
  ['LOHA', 'loha'],
  ['LOKR', 'lokr'],
  ['MISS', 'miss'],
  ['OFT', 'oft'],
  ['PEANUT', 'peanut'],
  ['PSOFT', 'psoft'],
  ['PVERA', 'pvera'],
  ['RANDLORA', 'randlora'],
  ['ROAD', 'road'],
  ['SHIRA', 'shira'],
  ['TINYLORA', 'tinylora'],
  ['UNILORA', 'unilora'],
  ['VBLORA', 'vblora'],
  ['VERA', 'vera'],
  ['WAVEFT', 'waveft'],
]);

/** Methods that put trained tokens before the text, and the matrices of their encoder of prompts. @type {ReadonlyMap<string, number>} */
const PROMPTS = new Map([
  ['PROMPT_TUNING', 0],
  ['P_TUNING', 3],
]);

/**
 * @param {Row} row
 * @returns {Adapter | string | undefined}
 */
function peftAdapter({ lora: text, source }) {
  if (text === null) return undefined;
  const name = /^(\w+)/.exec(text)?.[1] ?? '';
  const rank = Number(/\br=(\d+)/.exec(text)?.[1] ?? 0);
  const targets = [...text.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
  const elements = Number(/trainable=(\d+)/.exec(text)?.[1] ?? 0);
  const common = { rank, targets, width: 4, dropout: false, dora: /DoRA/.test(text) };
  if (name === 'LORA') return rank === 0 || targets.length === 0 ? 'rank or targets are not told' : common;
  if (elements === 0) return 'how many elements are trained is not told';
  if (name === 'LN_TUNING') return { ...common, elements, targets: [], norms: true };
  if (PROMPTS.has(name)) return { ...common, elements, targets: [] };
  // How many tokens: by the keys and values of the model.
  if (name === 'PREFIX_TUNING') return { ...common, elements, targets: [], prefix: 1 };
  const method = METHODS.get(name);
  if (method === undefined || targets.length === 0) return `adapter ${name}`;
  // Which variant of MiSS or DEFT a run has is in the name of its file.
  const variant = method === 'miss' && /-bat\b/.test(source) ? 'miss_bat' : method === 'deft' && /-para\b/.test(source) ? 'deft_para' : method;
  return { ...common, elements, method: variant };
}

/**
 * Tokens that are trained and stand before each text.
 * @param {Job} job
 * @param {number} matrices of the width squared, with biases
 */
function promptTokens({ adapter, model }, matrices) {
  const hidden = model.stacks.at(-1)?.hidden ?? 1;
  return Math.max(0, Math.round(((adapter?.elements ?? 0) - matrices * (hidden ** 2 + hidden)) / hidden));
}
