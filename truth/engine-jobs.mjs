// @ts-check
/**
 * Rows of engines that serve: vLLM and SGLang by component, llama.cpp by buffer. What is covered follows from what a row says
 * of its run (model, card, flags, which component it is of), never from what was measured.
 */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Card} Card */
/** @typedef {import('../dist/types/core/footprints.d.ts').Footprint} Footprint */
/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {Pick<typeof import('../dist/types/core/footprints.d.ts'), 'mixOf' | 'sglangDefaults' | 'vllmDefaults'>} Tools */
/** @typedef {{ factors: readonly any[], at(values: ReadonlyMap<string, number>): number }} Modelled */
/**
 * @typedef {object} EngineCovered
 * @property {string} model its name, without what a row says beside it
 * @property {(model: Job['model']) => Partial<Job> | string} jobFor or why it is not covered after all
 * @property {Card} card
 * @property {(footprint: Footprint) => Modelled} read
 */

const GiB = 2 ** 30;

/** What CUDA has of a card, where a row names it and no total. GiB. */
const CARDS = /** @type {const} */ ([
  [/H100|H800/, 79.18, 9],
  [/H200/, 139.8, 9],
  [/A100.*80|A800/, 79.25, 8],
  [/A100/, 39.49, 8],
  [/L40S|A40\b|L40\b/, 44.4, 8.9],
  [/RTX A6000|6000 Ada/, 47.5, 8.6],
  [/4090/, 23.6, 8.9],
  [/3090/, 23.6, 8.6],
  [/5090/, 31.37, 12],
  [/A10\b|A10G|L4\b/, 22.05, 8.6],
  [/V100.*32/, 31.74, 7],
  [/V100/, 15.88, 7],
  [/T4\b/, 14.75, 7.5],
  [/2060|2080|TITAN RTX/, 12, 7.5],
]);

/** Bits of packed weights by what rows call the precision. */
const PACKINGS = /** @type {const} */ ([
  [/^fp8/, 'fp8', 8],
  [/^mxfp4/, 'mxfp4', 4.25],
  [/^(?:awq|gptq)-int4$/, 'awq', 4 + 20 / 128],
  [/^gptq-int8$/, 'gptq', 8 + 24 / 128],
  [/^int8|w8a8/i, 'compressed-tensors', 8],
  [/w4a16-g256/i, 'compressed-tensors', 4 + 16 / 256],
  [/w4a16|int4/i, 'compressed-tensors', 4 + 16 / 128],
  [/^bnb-4bit/, 'bitsandbytes', 4.5],
]);

/** @param {Row} row */
const isLlamaCpp = (row) => /llama\.cpp/i.test(row.framework ?? '');

/** @param {Row} row */
export const isEngineRow = (row) => row.kind === 'serve' || (row.kind === 'infer' && isLlamaCpp(row));

/**
 * @param {Row} row
 * @param {Tools} tools of the memory model: the engines' defaults and buffers
 * @returns {EngineCovered | string}
 */
export function engineJobOf(row, tools) {
  if (isLlamaCpp(row)) return llamaCpp(row, tools);
  if (/omni|fork/i.test(row.framework ?? '')) return 'a fork of the engine';
  if (/unsloth/i.test(`${row.framework} ${row.source}`)) return 'Unsloth chooses settings of its own';
  if (/vllm/i.test(row.framework ?? '')) return vllm(row, tools);
  if (/sglang/i.test(row.framework ?? '')) return sglang(row, tools);
  return `engine ${row.framework}`;
}

/** The name before what a row adds in words. @param {string} model */
const nameOf = (model) => {
  const name = model.split(/[\s(]/)[0] ?? '';
  // Both have one config.
  return /^DeepSeek-R1\/V3$/.test(name) ? 'deepseek-ai/DeepSeek-R1' : name;
};

/** @param {string} text @param {RegExp} pattern */
function numberIn(text, pattern) {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found.replaceAll(',', ''));
}

/**
 * @param {Row} row
 * @returns {Card | undefined}
 */
function cardOf(row) {
  const name = row.gpu ?? '';
  const total = numberIn(row.other_flags ?? '', /total_gpu_memory=([\d.]+)GiB/) ?? numberIn(name, /\(([\d.]+) ?GiB\)/);
  const known = CARDS.find(([pattern]) => pattern.test(name));
  const usable = total ?? known?.[1];
  if (usable === undefined) return undefined;
  return { name, usable: usable * GiB, ...(known === undefined ? {} : { capability: known[2] }) };
}

/**
 * @param {Row} row
 * @returns {Partial<Job> | string}
 */
function weightsOf(row) {
  const { precision } = row;
  if (precision === null || /^(?:bf16|fp16|bf16\/fp16)$/.test(precision)) return {};
  const found = PACKINGS.find(([pattern]) => pattern.test(precision));
  if (found === undefined) return `precision ${precision}`;
  const [, method, bits] = found;
  return { packing: { method, bits, skipped: [] } };
}

/**
 * Ranks that divide the model, as the row says it.
 * @param {Row} row
 */
function ranksOf(row) {
  const tensor = numberIn(row.parallelism ?? '', /TP(\d+)/) ?? row.n_gpus ?? 1;
  const isWhole = (row.n_gpus ?? tensor) === tensor;
  return isWhole ? { data: 1, tensor, pipeline: 1, context: 1, expert: 1 } : undefined;
}

/** @typedef {'weights' | 'outside' | 'profile' | 'cache'} Component */

/**
 * @param {string} flags
 * @returns {Component | string}
 */
function componentOf(flags) {
  const named = /COMPONENT=(.*)$/.exec(flags)?.[1] ?? '';
  if (named === 'model weights' || /^weights\b/.test(flags) || /; weights;/.test(flags)) return 'weights';
  if (named === 'non_torch_memory') return 'outside';
  if (named === 'PyTorch activation peak') return 'profile';
  if (named === 'KV cache reserved' || /^Available KV cache memory/.test(flags)) return 'cache';
  if (named === 'CUDA graph capture') return 'free memory before and after a capture changes for other reasons too';
  return `component ${named || 'not told'}`;
}

const COMPONENTS = ['weights', 'outside', 'profile', 'cache'];

/**
 * @param {Row} row
 * @param {Tools} tools
 * @returns {EngineCovered | string}
 */
function vllm(row, { vllmDefaults }) {
  const { framework, other_flags } = row;
  const flags = other_flags ?? '';
  const component = componentOf(flags);
  if (!COMPONENTS.includes(component)) return component;
  const card = cardOf(row) ?? (component === 'weights' ? { name: '', usable: 24 * GiB } : undefined);
  if (card === undefined) return 'the card is not told';
  const packing = weightsOf(row);
  if (typeof packing === 'string') return packing;
  const parallel = ranksOf(row);
  if (parallel === undefined) return 'how the GPUs divide the model is not told';
  if ((component === 'outside' || component === 'cache') && /\d-dev/.test(framework ?? '') && !/\bV1\b/.test(framework ?? '')) return 'a development version, which measured otherwise';
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec(framework ?? '')?.[1];
  // These words are those of V0's log; a row of V1 says so.
  const isNew = /\bV1\b/.test(framework ?? '');
  const isOld = !isNew && /COMPONENT=/.test(flags) && version !== undefined && !/^0\.(?:1[1-9]|[2-9]\d)/.test(version);
  const generation = isNew ? /** @type {const} */ ('v1') : isOld ? /** @type {const} */ ('v0') : undefined;
  return {
    model: nameOf(row.model),
    card,
    read: readerOf(/** @type {Component} */ (component)),
    jobFor: ({ max_positions, stacks }) => {
      if (component !== 'weights' && stacks.some(({ role }) => role === 'vision' || role === 'audio'))
        return 'towers for images or sound are profiled too';
      const context = row.seq_len ?? numberIn(flags, /max_model_len=(\d+)/) ?? max_positions ?? 4096;
      const about = { ...(version === undefined ? {} : { version }), ...(generation === undefined ? {} : { generation }) };
      const usual = vllmDefaults(card, { ...about, usage: 'server', context });
      const batched = numberIn(flags, /max[-_]num[-_]batched[-_]tokens[= ](\d+)/) ?? usual.batchedTokens;
      const page = numberIn(flags, /block-size=(\d+)/);
      return {
        purpose: /** @type {const} */ ('serving'),
        parallel,
        ...packing,
        serving: {
          engine: /** @type {const} */ ('vllm'),
          ...about,
          ...usual,
          context,
          fraction: numberIn(flags, /gpu_memory_utilization=([\d.]+)/) ?? usual.fraction,
          batchedTokens: batched,
          sequences: Math.min(batched, numberIn(flags, /max[-_]num[-_]seqs[= ](\d+)/) ?? usual.sequences),
          ...(page === undefined ? {} : { page }),
        },
      };
    },
  };
}

/**
 * @param {Row} row
 * @param {Tools} tools
 * @returns {EngineCovered | string}
 */
function sglang(row, { sglangDefaults }) {
  const flags = row.other_flags ?? '';
  const card = cardOf(row);
  if (card === undefined) return 'the card is not told';
  if (!/KV Cache allocated/i.test(flags)) return 'component not told';
  const packing = weightsOf(row);
  if (typeof packing === 'string') return packing;
  const parallel = ranksOf(row);
  if (parallel === undefined) return 'how the GPUs divide the model is not told';
  const fraction = numberIn(`${row.framework} ${flags}`, /mem-fraction-static[ =]([\d.]+)/);
  return {
    model: nameOf(row.model),
    card,
    read: readerOf('cache'),
    jobFor: ({ max_positions }) => {
      const usual = sglangDefaults(card, { tensor: parallel.tensor, pipeline: 1 });
      return {
        purpose: /** @type {const} */ ('serving'),
        parallel,
        ...packing,
        serving: {
          engine: /** @type {const} */ ('sglang'),
          ...usual,
          ...(fraction === undefined ? {} : { fraction }),
          context: row.seq_len ?? max_positions ?? 4096,
        },
      };
    },
  };
}

/**
 * @param {Component} component
 * @returns {EngineCovered['read']}
 */
function readerOf(component) {
  const ids = { weights: ['weights', 'adapter-slots'], outside: ['engine-outside'], cache: ['kv-pool'], profile: ['profile-run', 'matmul-workspace'] }[component];
  const point = component === 'profile' ? 'profile' : 'serve';
  return (footprint) => {
    // What a log calls available for the cache, before it is cut into pages; it can be below nothing.
    const room = footprint.capacity?.conditions.find(({ name }) => name === 'longest-sequence')?.have;
    if (component === 'cache' && room !== undefined) return room;
    const atoms = footprint.moments.find(({ moment }) => moment.point === point)?.atoms ?? [];
    return sum(atoms.filter(({ term }) => ids.includes(term.id)).map(({ bytes }) => bytes));
  };
}

/** @param {readonly Modelled[]} values @returns {Modelled} */
const sum = (values) => ({
  factors: [...new Map(values.flatMap(({ factors }) => factors).map((factor) => [factor.name, factor])).values()],
  at: (at) => values.reduce((total, value) => total + value.at(at), 0),
});

/**
 * @param {Row} row
 * @param {Tools} tools
 * @returns {EngineCovered | string}
 */
function llamaCpp(row, { mixOf }) {
  const flags = row.other_flags ?? '';
  if (/ik_llama|fork/.test(`${row.framework} ${row.source} ${flags}`)) return 'a fork of llama.cpp';
  const named = /COMPONENT=(.*)$/.exec(flags)?.[1] ?? (/^GGUF model size/.test(flags) ? 'file' : '');
  const mix = mixOf((row.precision ?? '').split(' ')[0] ?? '');
  const context = numberIn(flags, /n_ctx=(\d+)/) ?? row.seq_len ?? undefined;
  const isSplit = /CUDA1|n_copies/.test(flags) || /\+/.test(row.gpu ?? '');
  const flash = /flash_attn=True/.test(flags) ? true : /flash_attn=False/.test(flags) ? false : undefined;
  const version = /build (\d+)/.exec(`${row.framework} ${row.source}`)?.[1];
  const gpuLayers = numberIn(flags, /ngl=(\d+)/);
  const type = /cache_type=(\w+)/.exec(flags)?.[1] ?? 'f16';
  const isModel = named === 'CUDA model buffer' || named === 'CPU/host model buffer' || named === 'file';
  if (isModel && mix === undefined) return `the mix of the file is not told (${row.precision})`;
  if (!isModel && named !== 'CUDA KV buffer' && named !== 'CUDA compute buffer') return `component ${named || 'not told'}`;
  if (!isModel && context === undefined) return 'the context is not told';
  if (isSplit && named.startsWith('CUDA')) return 'several GPUs share the layers';
  if (named === 'CUDA compute buffer' && flash === undefined) return 'whether flash attention was on is not told';
  return {
    model: nameOf(row.model),
    card: { name: row.gpu ?? '', usable: 24 * GiB },
    read: (footprint) => {
      const at = (/** @type {string} */ point, /** @type {readonly string[]} */ ids) =>
        sum(
          (footprint.moments.find(({ moment }) => moment.point === point)?.atoms ?? [])
            .filter(({ term }) => ids.includes(term.id))
            .map(({ bytes }) => bytes),
        );
      switch (named) {
        case 'file':
          return at('load', ['ggml-model', 'ggml-host']);
        case 'CUDA model buffer':
          return at('load', ['ggml-model']);
        case 'CPU/host model buffer':
          return at('load', ['ggml-host']);
        case 'CUDA KV buffer':
          return at('serve', ['ggml-kv']);
        default:
          return at('serve', ['ggml-compute']);
      }
    },
    jobFor: () => ({
      purpose: /** @type {const} */ ('serving'),
      serving: {
        engine: /** @type {const} */ ('llama.cpp'),
        ...(version === undefined ? {} : { version }),
        fraction: 1,
        context: context ?? 4096,
        sequences: 1,
        batchedTokens: numberIn(flags, /n_ubatch=(\d+)/) ?? 512,
        graphs: false,
        ...(flash === undefined ? {} : { flash }),
        ...(gpuLayers === undefined ? {} : { gpuLayers }),
        mix: mix ?? 'F16',
        keyType: type,
        valueType: type,
      },
    }),
  };
}
