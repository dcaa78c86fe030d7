// @ts-check
/**
 * Rows of torchtune on one card: weights, adapters and states in bf16, keys and values copied for every head, RMSNorm
 * written out, fp32 logits unless the loss is chunked (torchtune@0.2.1 and 0.4.0: modules/transformer.py, attention.py,
 * rms_norm.py, loss/; recipes). Its log prints peaks of active, allocated and reserved bytes; active is read as allocated.
 */

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */

/** Layers that words of a config stand for. @type {readonly (readonly [RegExp, readonly string[]])[]} */
const TARGETS = [
  [/\bq\b|q_proj/, ['q_proj']],
  [/\bk\b|k_proj/, ['k_proj']],
  [/\bv\b|v_proj/, ['v_proj']],
  [/output_proj|,output\b|\+output\b/, ['o_proj']],
  [/mlp/, ['gate_proj', 'up_proj', 'down_proj']],
];

/** @param {string} text @returns {Job['optimizer'] | undefined} */
function optimizerOf(text) {
  if (/paged/i.test(text)) return 'adamw-paged';
  if (/8.?bit/i.test(text)) return 'adamw-8bit';
  if (/fused/i.test(text)) return 'adamw-fused';
  if (/adamw/i.test(text)) return 'adamw';
  return /sgd/i.test(text) ? 'sgd' : undefined;
}

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function torchtuneJob(row) {
  const flags = `${row.other_flags ?? ''} ${row.notes ?? ''}`;
  const { precision, batch_per_gpu: batch, seq_len: sequence, grad_checkpointing: kept } = row;
  if ((row.n_gpus ?? 1) > 1) return 'several GPUs';
  if (row.metric === 'unknown' && !/\bactive\b/i.test(flags)) return 'what was measured is not told';
  if (batch === null || sequence === null) return 'batch or sequence is not told';
  if (precision === null || !/^bf16/.test(precision)) return `precision ${precision}`;
  if (kept === null) return 'recomputation is not told';
  if (/activation.?offload/i.test(flags)) return 'activations wait in host memory';
  const optimizer = optimizerOf(`${row.optimizer ?? ''} ${row.other_flags ?? ''}`);
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  const isCompiled = /compile/i.test(flags) && !/no compile|compile ?(?:=|off|false)/i.test(flags);
  const adapter = row.lora === null ? undefined : adapterOf(row.lora);
  if (typeof adapter === 'string') return adapter;
  const isPacked = /nf4|qlora/i.test(`${precision} ${row.lora ?? ''}`);
  const isChunked = /chunk/i.test(flags);
  return {
    job: {
      purpose: 'training',
      trains: adapter === undefined ? 'all' : 'adapter',
      ...(adapter === undefined ? {} : { adapter }),
      batch,
      sequence,
      checkpointing: kept !== false,
      optimizer,
      optimizerInBackward: /in.?(?:bwd|backward)|into backward/i.test(`${row.optimizer ?? ''} ${flags}`),
      attention: 'efficient',
      fusedNorms: isCompiled,
      fusedGate: isCompiled,
      // A compiled chunk keeps its logits alone.
      loss: isChunked ? (isCompiled ? 'compiled' : 'chunked') : 'upcast-model',
      // Recipes let logits go before the backward pass.
      keepsOutputs: false,
    },
    view: row.metric === 'max_memory_reserved' ? 'reserved' : 'allocated',
    moments: ['load', 'forward', 'backward', 'optimizer'],
    ...(isPacked
      ? {
          complete: (/** @type {Job} */ job, /** @type {Pick<typeof import('../dist/types/core/footprints.d.ts'), 'packingOf'>} */ { packingOf }) => [
            { ...job, packing: { ...packingOf({ method: 'bitsandbytes', bits: 4, double_quant: true, skipped: [] }), unpackedFrom: 0 } },
          ],
        }
      : {}),
  };
}

/**
 * @param {string} text
 * @returns {import('../dist/types/core/footprints.d.ts').Adapter | string}
 */
function adapterOf(text) {
  const rank = /\br(?:ank)?=(\d+)/.exec(text)?.[1];
  const targets = TARGETS.flatMap(([word, names]) => (word.test(text) ? names : []));
  if (rank === undefined || targets.length === 0) return 'rank or targets are not told';
  return { rank: Number(rank), targets, width: 2, dropout: false, dora: false };
}
