// @ts-check
/**
 * Training of language models on several GPUs: from a row to its job. It looks at the row's inputs only. What a
 * source does and how it measures was read in its code: torchtitan prints peaks of the allocator, Megatron-LM's
 * report_memory one line for each data-parallel rank 0, per stage of the pipeline.
 */

import { configFrom } from './described-jobs.mjs';

/** @typedef {import('./jobs.mjs').Row} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Parallel} Parallel */

/** What each program does whatever its row says. @type {readonly [RegExp, (row: Row) => Covered | string][]} */
const PROGRAMS = [
  [/^torchtitan/, torchtitan],
  [/^Megatron/, megatron],
];

/** True for rows that this file reads. @param {Row} row */
export function isParallelRow(row) {
  const several = (row.n_gpus ?? 1) > 1 || (row.parallelism ?? 'single') !== 'single';
  return (several || /^Megatron/.test(row.framework ?? '')) && PROGRAMS.some(([name]) => name.test(row.framework ?? ''));
}

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function parallelJob(row) {
  const program = PROGRAMS.find(([name]) => name.test(row.framework ?? ''));
  return program === undefined ? 'several GPUs' : program[1](row);
}

/** `Llama3 8B (torchtitan PR 778)`, `Llama-2-7B (…)` as hubs call them. @param {string} name */
function named(name) {
  const plain = name.replace(/\s*\(.*\)$/, '');
  const llama = /^Llama[ -]?3(\.\d)?[ -](\d+B)$/i.exec(plain);
  if (llama === null) return plain;
  return llama[1] === undefined ? `meta-llama/Meta-Llama-3-${llama[2]}` : `meta-llama/Llama-3${llama[1]}-${llama[2]}`;
}

/** The number after a word of what a row says of its ranks: `FSDP 32, TP 8`, `FSDP2 x8`. @param {string} text @param {RegExp} word */
const ranks = (text, word) => Number(new RegExp(`(?:${word.source})\\s*x?\\s*(\\d+)`).exec(text)?.[1] ?? 1);

const VIEWS = new Map([
  ['max_memory_allocated', /** @type {const} */ ('allocated')],
  ['max_memory_reserved', /** @type {const} */ ('reserved')],
]);

/**
 * torchtitan: fp32 shards and states, bf16 computation, reductions in fp32 (train configs of its models).
 * @param {Row} row
 * @returns {Covered | string}
 */
function torchtitan(row) {
  const { batch_per_gpu: batch, seq_len: sequence, grad_checkpointing: kept, metric } = row;
  const flags = row.other_flags ?? '';
  const text = row.parallelism ?? '';
  const view = VIEWS.get(metric);
  if (view === undefined) return `metric ${metric}`;
  if (batch === null || sequence === null) return 'batch or sequence is not told';
  if (!/^(?:bf16 (?:mixed|eager)|float8)/.test(row.precision ?? '')) return `precision ${row.precision}`;
  const isCompiled = /compile/.test(`${flags} ${row.precision}`) && !/no ?compile/.test(`${flags} ${row.precision}`);
  if (/\b(?:PP|EP|CP)\b/.test(text) && !/\bCP\b/.test(text)) return 'pipeline or experts without their layout';
  // In float8 products are computed from copies that live for a moment; what is kept is in bf16.
  const selective = kept === 'selective' || kept === 'op' ? 'operations' : /every 2nd/.test(`${kept}`) ? 'second' : undefined;
  if (kept !== 'full' && kept !== false && selective === undefined) return `recomputation ${kept}`;
  const year = Number(/(\d{4})-\d\d/.exec(row.framework ?? '')?.[1] ?? 0);
  const month = Number(/\d{4}-(\d\d)/.exec(row.framework ?? '')?.[1] ?? 0);
  // The table and the head are units of their own since April 2025; before they were the root's.
  const apart = year * 12 + month >= 2025 * 12 + 4;
  // The model made its logits fp32 until October 2024; one kernel computes RMSNorm since PyTorch 2.8.
  const early = year < 2024 || (year === 2024 && month < 10);
  const fusedNorms = year * 12 + month >= 2025 * 12 + 7;
  if (/TP/.test(text) && year * 12 + month < 2024 * 12 + 5) return 'tensor parallelism before loss_parallel';
  const tensor = ranks(text, /TP(?:\/SP)?/);
  const data = ranks(text, /FSDP[12]?/);
  const context = ranks(text, /CP/);
  /** @type {Parallel} */
  const parallel = {
    data,
    tensor,
    pipeline: 1,
    context,
    expert: 1,
    system: /FSDP1/.test(text) ? 'fsdp1' : 'fsdp2',
    ends: apart ? 'apart' : 'root',
    sequence: tensor > 1,
    ...(/AsyncTP/.test(flags) ? { asyncTensor: true } : {}),
    reduceWidth: 4,
    gatherWidth: 2,
  };
  return {
    // torchtitan's own names: `Llama-2-7B (torchtitan llama 7B; minipile)`.
    name: named(row.model),
    job: {
      purpose: 'training',
      trains: 'all',
      weightWidth: 4,
      wholeWidth: 4,
      gradientWidth: 4,
      batch,
      sequence,
      checkpointing: kept !== false,
      ...(selective === undefined ? {} : { selective }),
      sharding: 'full',
      optimizer: 'adamw-fused',
      fusedNorms: fusedNorms || isCompiled,
      fusedGate: isCompiled,
      parallel,
      // The loss is compiled with the model since April 2025 (before it "causes CUDA errors", says train.py).
      ...(isCompiled && apart ? { loss: 'compiled' } : early ? { loss: 'upcast-model', keepsOutputs: true } : { loss: 'upcast' }),
    },
    view,
    moments: ['forward', 'backward', 'optimizer'],
  };
}

/**
 * Megatron-LM: 16-bit weights, fp32 masters and states; gradients in buffers that stay, fp32 with bf16. Its report
 * gives current bytes after a step beside the peaks; `unknown` is a figure of that kind when the row says so.
 * @param {Row} row
 * @returns {Covered | string}
 */
function megatron(row) {
  const { batch_per_gpu: batch, seq_len: sequence, grad_checkpointing: kept, metric } = row;
  const flags = row.other_flags ?? '';
  const text = row.parallelism ?? 'single';
  const isCurrent = metric === 'unknown' && /CURRENT ALLOCATED/.test(flags);
  const view = isCurrent ? 'allocated' : metric === 'nvidia-smi' ? 'device' : VIEWS.get(metric);
  if (view === undefined) return `metric ${metric}`;
  if (!isCurrent && (batch === null || sequence === null)) return 'batch or sequence is not told';
  if (row.optimizer === null || !/Adam/.test(row.optimizer)) return `optimizer ${row.optimizer}`;
  const isHalf = /^fp16/.test(row.precision ?? '');
  if (!isHalf && !/^bf16/.test(row.precision ?? '')) return `precision ${row.precision}`;
  if (kept !== false && kept !== null) return `recomputation ${kept}`;
  if (/\bEP ?\d/.test(text)) return 'experts: tokens a rank are not told';
  if (/skipped/.test(flags)) return 'steps were skipped';
  const tensor = ranks(text, /TP/);
  const pipeline = ranks(text, /PP/);
  const context = ranks(text, /CP/);
  const data = Math.max(1, Math.round((row.n_gpus ?? 1) / (tensor * pipeline * context)));
  const whole = Number(/gbs ?(\d+)/.exec(flags)?.[1] ?? 0);
  const rank = Number(/(?:rank|GPU) (\d+)/.exec(`${row.notes ?? ''} ${flags}`)?.[1] ?? 0);
  const stage = Math.floor(rank / (data * tensor * context));
  const isGpt2 = /gpt-?2/i.test(row.model);
  if (/vocab \(size not told\)/.test(flags)) return 'the vocabulary is not told';
  const told = configFrom(row);
  return {
    ...(told === undefined ? {} : { name: row.id, config: { [row.id]: told } }),
    job: {
      purpose: 'training',
      trains: 'all',
      masterWeights: true,
      // With fp16 the gradients are in 16 bits; after a step their fp32 copies are still there.
      gradientWidth: isHalf ? (isCurrent ? 6 : 2) : 4,
      batch: batch ?? 1,
      sequence: sequence ?? 1,
      accumulation: batch === null || whole === 0 ? 1 : Math.max(1, Math.round(whole / (batch * data))),
      sharding: /distributed/.test(`${row.optimizer} ${row.precision}`) && !/no distributed/.test(row.optimizer) ? 'optimizer' : 'none',
      optimizer: 'adamw-fused',
      fusedNorms: true,
      fusedGate: true,
      hiddenDropout: isGpt2,
      attentionDropout: isGpt2,
      loss: 'in-place',
      parallel: { data, tensor, pipeline, context, expert: 1, system: 'megatron', sequence: /sequence parallel/.test(text) },
    },
    view,
    moments: isCurrent ? ['save'] : ['forward', 'backward', 'optimizer'],
    complete: (job, { stagesOf }) => {
      const stages = stagesOf(job);
      return [stages[stage] ?? stages[0] ?? job];
    },
  };
}
