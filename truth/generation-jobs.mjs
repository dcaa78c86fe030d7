// @ts-check
/**
 * Rows of generation and of models that are only loaded: which program made them, what that program decides, and what
 * it measures. README.md says what was read in source and what was told from the rows; a row is covered when its inputs name the program, the format of
 * the weights and the lengths.
 */

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Packing} Packing */
/** @typedef {{ method: string, bits: number, double_quant?: boolean, skipped: readonly string[] }} Quantization */

/**
 * What a program makes of a model, beyond settings of the job.
 * @typedef {object} Program
 * @property {Quantization} [quantization]
 * @property {Partial<Packing>} [packs] what it packs or unpacks otherwise than the format says
 * @property {readonly [number, number]} [version] of transformers, which decides how it generates
 * @property {Partial<Job>} [over] what the program decides otherwise than its library
 * @property {boolean} [storesHead] a head of its own, though the model ties it
 * @property {boolean} [joined] queries, keys and values have one matrix
 * @property {number} [devices] cards over which layers are spread
 */

/**
 * The jobs of each card.
 * @param {Program} program
 * @returns {NonNullable<Covered['complete']>}
 */
const made =
  ({ quantization, packs, version, over, storesHead, joined, devices = 1 }) =>
  (job, { libraryDecides, packingOf, placed }) => {
    const { model } = job;
    const table = job.weights.find(({ role }) => role === 'embedding');
    const head =
      storesHead && model.tied && table !== undefined
        ? [{ name: 'lm_head.weight', role: /** @type {const} */ ('head'), shape: table.shape, count: 1 }]
        : [];
    const packing = quantization && { ...packingOf(quantization), ...packs };
    const ways = { isPacked: quantization !== undefined, isMapped: true };
    const whole = {
      ...job,
      ...(version && libraryDecides(model, version, ways)),
      ...over,
      ...(packing && { packing }),
      model: head.length > 0 ? { ...model, tied: false } : model,
      weights: [...(joined ? joinedProjections(job.weights) : job.weights), ...head],
    };
    return placed(whole, devices);
  };

/**
 * One matrix for queries, keys and values, as gpt-fast has it.
 * @param {Job['weights']} weights
 * @returns {Job['weights']}
 */
function joinedProjections(weights) {
  const part = (/** @type {string} */ letter) => weights.find(({ name }) => name.endsWith(`.${letter}_proj.weight`));
  const parts = [part('q'), part('k'), part('v')];
  const [first] = parts;
  if (first === undefined || parts.includes(undefined)) return weights;
  const rows = parts.reduce((sum, one) => sum + (one?.shape[0] ?? 0), 0);
  const all = { ...first, name: first.name.replace('q_proj', 'qkv_proj'), shape: [rows, ...first.shape.slice(1)] };
  return weights.flatMap((one) => (one === first ? [all] : parts.includes(one) ? [] : [one]));
}

/**
 * The job of a row of inference, or why it is not covered.
 * @param {Row} row
 * @returns {Covered | string}
 */
export function generationJob(row) {
  const framework = row.framework ?? '';
  if (/llama\.cpp|ollama/i.test(framework)) return 'an engine of its own';
  if (/gpt-fast/.test(framework)) return gptFast(row);
  if (/AutoAWQ 0\.1/.test(framework)) return autoAwq(row);
  if (/^litgpt/.test(framework)) return litgpt(row);
  if (/^Qwen\/Qwen-\d/.test(row.model) && /torch 2\.0/.test(framework)) return remoteCode(row);
  if (/optimum-benchmark/.test(framework)) return loadedOnly(row, /^load;/);
  if (/^transformers \+ torchao/.test(framework)) return transformersWithTorchao(row);
  if (/transformers \d/.test(framework)) return transformersProgram(row);
  if (/Baichuan2/.test(row.model)) return loadedOnly(row, /online bitsandbytes quantisation/);
  return 'the program that generated is not told';
}

/**
 * Formats of weights by what a row calls the precision.
 * @param {string} precision
 * @returns {{ job?: Partial<Job>, quantization?: Quantization } | undefined}
 */
function weightsOf(precision) {
  const name = precision.toLowerCase();
  if (/^(?:bf16|bfloat16|fp16|float16)(?:-true)?$/.test(name)) return {};
  if (/^(?:fp32|float32|32-true)$/.test(name)) return { job: { weightWidth: 4, wholeWidth: 4, width: 4, cacheWidth: 4 } };
  const bits = /int8|8bit/.test(name) ? 8 : 4;
  if (/gptq/.test(name)) return packed('gptq', bits);
  if (/awq/.test(name)) return packed('awq', bits);
  if (/^fp8$/.test(name)) return packed('fp8', 8);
  if (/nf4|fp4|bnb-4bit/.test(name)) return packed('bitsandbytes', 4, /-dq/.test(name));
  if (/bnb.*(?:int8|8bit)|^int8$/.test(name)) return packed('bitsandbytes', 8);
  return undefined;
}

/**
 * @param {string} method
 * @param {number} bits
 * @param {boolean} [isDouble]
 */
const packed = (method, bits, isDouble = false) => ({
  quantization: { method, bits, ...(isDouble ? { double_quant: true } : {}), skipped: [] },
});

/**
 * A script that loads with device_map="auto" and generates once; it prints max_memory_allocated, summed over cards
 * (QwenLM/Qwen2.5 examples/speed-benchmark/speed_benchmark_transformers.py).
 * @param {Row} row
 * @returns {Covered | string}
 */
function transformersProgram(row) {
  const version = /transformers (\d+)\.(\d+)/.exec(row.framework ?? '');
  if (version === null) return octocoder(row);
  const lengths = /input_len=(\d+); gen_len=(\d+)/.exec(row.other_flags ?? '');
  if (lengths === null) return 'lengths of prompt and answer are not told';
  const weights = weightsOf(row.precision ?? '');
  if (weights === undefined) return `precision ${row.precision}`;
  const told = /** @type {const} */ ([Number(version[1]), Number(version[2])]);
  // The later benchmark prints what is allocated when generation is over: its figures grow with the prompt by the
  // cache alone. The script is not published.
  const isAtEnd = told[0] > 4 || told[1] >= 50;
  return {
    job: {
      ...weights.job,
      batch: row.batch_per_gpu ?? 1,
      sequence: Number(lengths[1]),
      newTokens: Number(lengths[2]),
      loadsHead: weights.quantization !== undefined,
    },
    complete: made({
      ...weights,
      version: told,
      ...(isAtEnd ? { over: { cacheGrowth: 'static' } } : {}),
      // A checkpoint in FP8 stores its head.
      storesHead: row.precision === 'fp8',
      devices: row.n_gpus ?? 1,
    }),
    view: 'allocated',
    moments: isAtEnd ? ['decode'] : ['load', 'prefill', 'decode'],
  };
}

/**
 * The first Qwen, whose code comes with the model: caches are tuples, so that the old one lives until the new one is
 * there. The cache in 8 bits has a scale and a zero point for each token and head.
 * @param {Row} row
 * @returns {Covered | string}
 */
function remoteCode(row) {
  const tokens = /generate (\d+) tokens/.exec(row.other_flags ?? '');
  if (tokens === null) return 'length of the answer is not told';
  const [, bits] = /^int([48]) \(GPTQ\)$/.exec(row.precision ?? '') ?? [];
  /** @type {{ job?: Partial<Job>, quantization?: Quantization } | undefined} */
  const weights = bits === undefined ? weightsOf(row.precision ?? '') : packed('gptq', Number(bits));
  if (weights === undefined) return `precision ${row.precision}`;
  const isPacked = /int8 KV cache/.test(row.other_flags ?? '');
  return {
    job: {
      ...weights.job,
      batch: row.batch_per_gpu ?? 1,
      sequence: 1,
      newTokens: Number(tokens[1]),
      cacheGrowth: 'twice',
      attention: row.attention === 'flash' ? 'flash' : 'efficient',
      ...(isPacked ? { cacheWidth: 1 + 4 / 128 } : {}),
    },
    complete: made({ ...weights, devices: row.n_gpus ?? 1 }),
    view: 'allocated',
    moments: ['load', 'prefill', 'decode'],
  };
}

/**
 * transformers docs/source/en/llm_tutorial_optimization.md: a pipeline with a short prompt, 60 new tokens.
 * @param {Row} row
 * @returns {Covered | string}
 */
function octocoder(row) {
  if (!/transformers 2023/.test(row.framework ?? '')) return 'version of transformers is not told';
  const flags = row.other_flags ?? '';
  const tokens = /short prompt.*?(\d+) (?:new )?tok|max_new_tokens=(\d+)/.exec(flags);
  if (!/^short prompt/.test(flags) || tokens === null) return 'length of the prompt is not told';
  const weights = weightsOf(row.precision ?? '');
  if (weights === undefined) return `precision ${row.precision}`;
  return {
    job: {
      ...weights.job,
      sequence: 20,
      newTokens: 60,
      attention: 'eager',
      prefillLogits: 'all',
      cacheGrowth: 'twice',
    },
    complete: made({
      ...weights,
      // load_in_4bit computes in fp32 unless told otherwise: unpacked in 16 bits, then cast.
      ...(row.precision === 'bnb-4bit' ? { packs: { unpacked: 6 } } : {}),
    }),
    view: 'allocated',
    moments: ['load', 'prefill', 'decode'],
  };
}

/**
 * docs of torchao: a model of transformers, 128 new tokens after a short chat prompt, max_memory_reserved.
 * @param {Row} row
 * @returns {Covered | string}
 */
function transformersWithTorchao(row) {
  const tokens = /max_new_tokens=(\d+), short/.exec(row.other_flags ?? '');
  if (tokens === null) return 'lengths of prompt and answer are not told';
  const name = row.precision ?? '';
  /** @type {{ job?: Partial<Job>, quantization?: Quantization } | undefined} */
  const weights = /float8/.test(name)
    ? packed('torchao', 8)
    : /int8/.test(name)
      ? packed('torchao', 8)
      : /int4/.test(name)
        ? packed('torchao', 4)
        : weightsOf(name);
  if (weights === undefined) return `precision ${name}`;
  return {
    job: { ...weights.job, sequence: 32, newTokens: Number(tokens[1]), loadsHead: true },
    complete: made({ ...weights, version: [4, 57] }),
    view: 'reserved',
    moments: ['load', 'prefill', 'decode'],
  };
}

/**
 * litgpt generate: the cache is made for prompt and answer, every linear layer is packed, max_memory_allocated.
 * @param {Row} row
 * @returns {Covered | string}
 */
function litgpt(row) {
  const flags = row.other_flags ?? '';
  const tokens = /max_new_tokens=(\d+)/.exec(flags);
  if (tokens === null || /finetune/.test(flags)) return 'length of the answer is not told';
  const [whole = '', quantized] = (row.precision ?? '').replace(/^16-true/, 'fp16').split('+');
  const base = weightsOf(whole);
  const weights = quantized === undefined ? base : weightsOf(quantized);
  if (base === undefined || weights === undefined) return `precision ${row.precision}`;
  return {
    job: {
      ...base.job,
      sequence: 6,
      newTokens: Number(tokens[1]),
      cacheGrowth: 'static',
      prefillLogits: 'all',
    },
    // Told from the rows, not read: a layer is there in fp32 before it is packed.
    complete: made({ ...weights, packs: { packsHead: true, loadWidth: 4 }, storesHead: true }),
    view: 'allocated',
    moments: ['load', 'prefill', 'decode'],
  };
}

/**
 * AutoAWQ 0.1 (modules/fused, models/llama.py): fused modules, eager attention. That the cache has the answer's length is
 * told from the rows; the script is not in the package.
 * @param {Row} row
 * @returns {Covered | string}
 */
function autoAwq(row) {
  const lengths = /prefill=(\d+); decode=(\d+)/.exec(row.other_flags ?? '');
  if (lengths === null) return 'lengths of prompt and answer are not told';
  return {
    job: {
      batch: row.batch_per_gpu ?? 1,
      sequence: Number(lengths[1]),
      newTokens: Number(lengths[2]),
      attention: 'eager',
      prefillLogits: 'all-fp32',
      cacheGrowth: 'static',
      cacheLength: Number(lengths[2]),
      fusesProjections: true,
    },
    // Its kernels of that version never unpack.
    complete: made({
      ...packed('awq', 4),
      packs: { unpackedFrom: Number.MAX_SAFE_INTEGER },
      devices: row.n_gpus ?? 1,
    }),
    view: 'allocated',
    moments: ['load', 'prefill', 'decode'],
  };
}

/**
 * torchao's generate.py: static cache, a table of the mask for all its positions, max_memory_reserved. The math kernel of
 * attention is told from how rows grow with the cache.
 * @param {Row} row
 * @returns {Covered | string}
 */
function gptFast(row) {
  const flags = row.other_flags ?? '';
  const tokens = /max_new_tokens=(\d+)/.exec(flags);
  if (tokens === null) return 'length of the answer is not told';
  const [whole = '', quantized] = (row.precision ?? '').split('+');
  const base = weightsOf(whole);
  const bits = quantized === undefined ? undefined : torchaoBits(quantized, whole);
  if (base === undefined || (quantized !== undefined && bits === undefined)) return `precision ${row.precision}`;
  const isLong = row.seq_len !== null && /cache_size=\d/.test(flags);
  const isPacked = /kv_cache_quant\(int8\)=True/.test(flags);
  const isLinear = /linear_causal_mask=True/.test(flags);
  const length = isLong ? (row.seq_len ?? 0) : Number(tokens[1]) + 8;
  return {
    job: {
      ...base.job,
      sequence: 8,
      newTokens: Number(tokens[1]),
      attention: 'math',
      compiled: /compile=True/.test(flags),
      prefillLogits: 'all',
      cacheGrowth: 'static',
      cacheLength: length,
      // A scale in 16 bits for each token and head.
      ...(isPacked ? { cacheWidth: 1 + 2 / 128 } : {}),
      ...(isLinear ? {} : { maskTables: { positions: length, perLayer: false } }),
    },
    complete: made(
      bits === undefined
        ? base
        : { ...packed('torchao', bits), packs: { bits, packsHead: true, inPlace: true }, joined: true },
    ),
    view: 'reserved',
    // Peaks are counted anew after packing.
    moments: bits === undefined ? ['load', 'prefill', 'decode'] : ['prefill', 'decode'],
  };
}

/**
 * Bits of a weight with its scales by torchao's names: int8 and float8 have a scale a row, int4 scale and zero point in
 * 16 bits for each group, fp6 (in fp16 only) a scale a row, 2:4 sparse Marlin half of the weights and where they stand.
 * What autoquant picks is a matter of timing; uintx unpacks in kernels of its own.
 * @param {string} name
 * @param {string} whole
 */
function torchaoBits(name, whole) {
  const [format = '', group] = name.split('-');
  if (/^(?:int8|float8)(?:dq|wo)$/.test(format)) return 8;
  if (format === 'int4wo') return 4 + 32 / Number(group ?? 128);
  if (format === 'fp6' && whole === 'float16') return 6;
  if (name === 'sparse-marlin') return 3 + 16 / 128;
  return undefined;
}

/**
 * A model that is loaded and nothing more.
 * @param {Row} row
 * @param {RegExp} sign
 * @returns {Covered | string}
 */
function loadedOnly(row, sign) {
  if (!sign.test(row.other_flags ?? '')) return 'batch and sequence are not told';
  const weights = weightsOf(row.precision === 'nf4' ? 'nf4-dq' : (row.precision ?? ''));
  if (weights === undefined) return `precision ${row.precision}`;
  const view = { 'nvidia-smi': 'device', max_memory_reserved: 'reserved' }[row.metric] ?? 'allocated';
  return {
    job: { ...weights.job, loadsHead: true },
    // What is left when the model is there.
    complete: made({ ...weights, packs: { loadWidth: 0 } }),
    view: /** @type {Covered['view']} */ (view),
    moments: ['load'],
  };
}
