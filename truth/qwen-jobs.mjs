// @ts-check
/**
 * Fine-tuning of the first Qwen with its finetune.py (README of QwenLM/Qwen): the Trainer of transformers under autocast in
 * bf16 over a model in bf16, layers computed again, LoRA of PEFT in fp32 with dropout, the code of the model as it comes with
 * it. The README does not say what it measured: it is read as what nvidia-smi shows, in GB. Such rows are not usable (usable.mjs).
 */

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */

/** @param {Row} row */
export const isQwenFinetune = (row) => /finetune\.py/.test(row.framework ?? '') && /^Qwen\/Qwen-\d/.test(row.model);

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function qwenFinetune(row) {
  if ((row.n_gpus ?? 1) > 1 || (row.parallelism ?? 'single') !== 'single') return 'several GPUs';
  if (row.precision !== 'bf16') return 'the base is packed, under DeepSpeed';
  const rank = /\br=(\d+)/.exec(row.lora ?? '')?.[1];
  const targets = /targets=([\w,]+)/.exec(row.lora ?? '')?.[1]?.split(',').filter((name) => name !== '');
  if (rank === undefined || targets === undefined) return 'rank or targets are not told';
  return {
    job: {
      purpose: 'training',
      trains: 'adapter',
      batch: row.batch_per_gpu ?? 1,
      sequence: row.seq_len ?? 1,
      autocast: 2,
      optimizer: 'adamw',
      gradientWidth: 4,
      checkpointing: row.grad_checkpointing === true,
      accumulation: Number(/grad accumulation (\d+)/.exec(row.other_flags ?? '')?.[1] ?? 1),
      loss: 'plain',
      convertsOutputs: true,
      adapter: {
        rank: Number(rank),
        targets,
        width: 4,
        dropout: true,
        dora: false,
        ...(/wte and lm_head trainable/.test(row.lora ?? '') ? { ends: true } : {}),
      },
    },
    view: 'device',
    moments: ['forward', 'backward', 'optimizer'],
  };
}
