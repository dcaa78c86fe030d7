// @ts-check
/**
 * Rows of diffusion: pipelines of diffusers that were loaded, run or trained. What each program holds was read in its
 * source: PEFT's method_comparison/image-gen, finetrainers of January 2025; README.md says what was told from rows.
 */

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Packing} Packing */
/** @typedef {NonNullable<Job['diffusion']>} Diffusion */

/** A pipeline as it is unless a row says otherwise: all of it on the card, in bf16. @type {Diffusion} */
const PLAIN = {
  height: 1024,
  width: 1024,
  frames: 1,
  guided: true,
  textTokens: 512,
  format: 'bf16',
  offload: 'none',
  tiles: false,
  slices: false,
  slicesAttention: false,
  latentsOnly: false,
  upcasts: false,
  encoderPackings: {},
  holdsEncoders: false,
  holdsAutoencoder: false,
};

/** @param {Row} row */
export const isDiffusionRow = (row) =>
  /diffusers|finetrainers|image-gen/.test(`${row.framework} ${row.source}`) || /FLUX|stable-diffusion/i.test(row.model);

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function diffusionJob(row) {
  if ((row.n_gpus ?? 1) > 1) return 'several GPUs';
  if (row.batch_per_gpu === null) return 'the batch is not told';
  const size = sizeOf(row);
  if (size === undefined) return 'the size of images is not told';
  if (/image-gen/.test(row.source)) return imageGeneration(row, size);
  if (/finetrainers/.test(row.framework ?? '')) return finetrainers(row, size);
  if (/quanto/.test(row.framework ?? '')) return quanto(row, size);
  return 'the program is not covered';
}

/** `512`, `1024x1024`, `49x512x768`. @param {Row & { image_size?: string | null }} row */
function sizeOf({ image_size: text }) {
  const edges = (text ?? '').split('x').map(Number);
  if (edges.length > 3 || !edges.every((edge) => Number.isInteger(edge) && edge > 0)) return undefined;
  const [a = 0, b = a, c] = edges;
  return c === undefined ? { height: a, width: b, frames: 1 } : { frames: a, height: b, width: c };
}

/**
 * PEFT's comparison: latents and embeddings of all prompts lie on the card, the other parts wait on the host; the
 * network that judges images (dinov2-base, fp32) lies beside. @param {Row} row @param {Partial<Diffusion>} size
 * @returns {Covered | string}
 */
function imageGeneration(row, size) {
  if (row.precision !== 'bfloat16') return `precision ${row.precision}`;
  if (row.optimizer !== 'AdamW') return `optimizer ${row.optimizer}`;
  const adapter = adapterOf(row.lora, 4);
  if (typeof adapter === 'string') return adapter;
  /** @type {Partial<Job>} */
  const job = {
    ...trained(row, adapter),
    diffusion: { ...PLAIN, ...size, guided: false },
  };
  return { job, view: 'reserved', moments: TRAINING, context: DINO + PROMPTS * 512 * 7680 * 2 };
}

/** facebook/dinov2-base has 86.6 million parameters (its model card). */
const DINO = 86.58e6 * 4;
/** Twenty prompts, six of them for validation and test (default_training_params.json). */
const PROMPTS = 14;

/** @type {readonly string[]} */
const TRAINING = ['forward', 'backward', 'optimizer'];

/**
 * @param {Row} row
 * @param {Job['adapter']} adapter
 * @returns {Partial<Job>}
 */
const trained = (row, adapter) => ({
  purpose: 'training',
  trains: adapter === undefined ? 'all' : 'adapter',
  ...(adapter === undefined ? {} : { adapter, gradientWidth: adapter.width }),
  optimizer: 'adamw',
  batch: row.batch_per_gpu ?? 1,
  checkpointing: row.grad_checkpointing === true,
});

/**
 * finetrainers prints at each stage what is allocated then, and the most that was reserved so far: that maximum still
 * holds stages before. @param {Row} row @param {Partial<Diffusion>} size
 * @returns {Covered | string}
 */
function finetrainers(row, size) {
  const flags = row.other_flags ?? '';
  const stage = /STAGE=([\w ]+)/.exec(flags)?.[1];
  if (row.metric !== 'unknown') return 'the most that any earlier stage reserved';
  if (!/^(?:before training|before validation|after epoch)$/.test(stage ?? '')) return `stage ${stage}`;
  // Where latents and embeddings were not made before, text encoder and autoencoder stay on the card.
  const holds = /precompute_conditions=False/.test(flags);
  const adapter = adapterOf(row.lora, 2);
  if (typeof adapter === 'string') return adapter;
  /** @type {Partial<Job>} */
  const job = {
    ...trained(row, adapter),
    diffusion: { ...PLAIN, ...size, holdsEncoders: holds, holdsAutoencoder: holds },
  };
  // Before the first step there are weights alone; after it states too, and gradients have been let go.
  return { job, view: 'allocated', moments: [stage === 'before training' ? 'load' : 'save'] };
}

/**
 * The post on Quanto prints what is allocated when the runs are over: all parts of the pipeline.
 * @param {Row} row
 * @param {Partial<Diffusion>} size
 * @returns {Covered | string}
 */
function quanto(row, size) {
  const precision = row.precision ?? '';
  const format = /^(fp16|bf16)/.exec(precision)?.[1];
  const of = /transformer=(\w+)/.exec(precision)?.[1] ?? '';
  const encoders = /quantized=([\w,]+)/.exec(precision)?.[1] ?? '';
  if (format === undefined) return `precision ${precision}`;
  if (/fused/i.test(row.other_flags ?? '')) return 'projections that are joined while the parts stay';
  const packing = of === 'None' ? undefined : packingOf(of);
  if (of !== 'None' && packing === undefined) return `format ${of}`;
  const all = ['text_encoder', 'text_encoder_2', 'text_encoder_3'];
  const packed = /** @type {Record<string, Packing>} */ ({});
  if (packing !== undefined) {
    for (const [i, part] of all.entries()) {
      // Told from the rows: where the second of three was to be packed, what is allocated stays as it was.
      const isPacked = encoders === 'True' || encoders.split(',').includes(String(i + 1));
      if (isPacked && part !== 'text_encoder_2') packed[part] = packing;
    }
  }
  /** @type {Partial<Job>} */
  const job = {
    purpose: 'generation',
    batch: row.batch_per_gpu ?? 1,
    ...(packing === undefined ? {} : { packing }),
    diffusion: { ...PLAIN, ...size, format: /** @type {'fp16' | 'bf16'} */ (format), encoderPackings: packed },
  };
  return { job, view: 'allocated', moments: ['load'] };
}

/**
 * 8 bits have a scale of 16 bits a row; 4 bits one and a shift for each 128 weights.
 * @param {string} format
 * @returns {Packing | undefined}
 */
function packingOf(format) {
  const bits = { fp8: 8, int8: 8, int4: 4 + 32 / 128 }[format];
  return bits === undefined ? undefined : { method: 'quanto', bits, unpacked: 2, skipped: [] };
}

/**
 * @param {string | null} text
 * @param {number} width
 * @returns {Job['adapter'] | string}
 */
function adapterOf(text, width) {
  if (text === null) return undefined;
  const method = /^(\w+)/.exec(text)?.[1] ?? '';
  if (method.toUpperCase() !== 'LORA') return `adapter ${method}`;
  const rank = /\br(?:ank)?[= ](\d+)/.exec(text);
  const listed = [...text.matchAll(/'([\w.]+)'/g)].map((match) => match[1] ?? '');
  const named = /\bon ([\w.,]+)/.exec(text)?.[1]?.split(',') ?? [];
  const targets = listed.length > 0 ? listed : named;
  if (rank === null || targets.length === 0) return 'rank or targets are not told';
  return { rank: Number(rank[1]), targets, width, dropout: false, dora: /DoRA/.test(text) };
}
