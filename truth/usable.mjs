// @ts-check
/**
 * Which rows of measured memory are usable for a Transformer's memory: what is told of them is enough for a person who
 * knows the programs to work the figure out again. It looks at a row's inputs only, and not at what this
 * model can predict: a usable row that is not covered counts against the model.
 */
import { isRecorderRow } from './recorder-jobs.mjs';

/** @typedef {import('./jobs.mjs').Row & { well_specified?: boolean, image_size?: unknown }} Row */

/** Models that are not Transformers of language. @type {readonly [RegExp, string][]} */
const OTHERS = [
  [/liger/i, 'a kernel by itself'],
  [/detectron|mmdet|mmseg|mmrotate|timm\/|resnet|yolo|\bViT\b/i, 'vision'],
  [/diffus|flux|finetrainers|stable-?diffusion|\bLTX\b|CogVideo|PixArt|image-gen/i, 'diffusion'],
];

/** Words of a row that does not say which model it is of. */
const NAMELESS = /not (?:named|told)|\bclass\b|-class\b|proxy|\bVLM\b|GiB\b.*model|\bmodel, /i;

/** Programs whose measure is published, or printed with its name, where the row's metric does not say it. */
const MEASURES = [
  // Qwen's scripts print max_memory_allocated, AutoAWQ's and Baichuan's tables are of allocated bytes.
  /speed_benchmark|speed-benchmark/,
  /AutoAWQ/,
  /Baichuan2/,
];

/**
 * True, or why a row is not usable.
 * @param {any} row
 * @returns {true | string}
 */
export function usable(row) {
  if (isRecorderRow(row)) {
    const of = /** @type {{ model: { kind: string } }} */ (row);
    return /^(?:llama|qwen2|gpt2|bert)$/.test(of.model.kind) ? true : 'vision';
  }
  const { kind, source = '', model = '', framework } = /** @type {Row} */ (row);
  if (kind === 'overhead' || kind === undefined) return 'no run of a model';
  const told = `${source} ${model} ${framework ?? ''}`;
  for (const [pattern, what] of OTHERS) if (pattern.test(told)) return what;
  if (row.image_size !== null && row.image_size !== undefined) return 'vision';
  if (row.well_specified === true) return true;
  if (NAMELESS.test(model)) return 'the model is not named';
  const flags = `${row.other_flags ?? ''} ${row.notes ?? ''}`;
  if (/fork|ik_llama|via unsloth/i.test(`${framework} ${source} ${flags}`)) return 'a fork, whose changes are not told';
  if (kind === 'serve' || /llama\.cpp/i.test(framework ?? '')) return usableServed(row, flags);
  if (/FIT BOUNDARY/.test(flags)) return 'the longest that fits, no measured peak';
  const isTold = row.metric !== 'unknown' || /CURRENT ALLOCATED/.test(flags) || MEASURES.some((name) => name.test(told));
  if (!isTold && kind !== 'infer') return 'what was measured is not told';
  if (!isTold && !isQwenProfile(row)) return 'what was measured is not told';
  return kind === 'infer' ? usableGeneration(row, flags) : usableTraining(row, flags);
}

/** The profile of the first Qwen: a published script that prints max_memory_allocated. @param {Row} row */
const isQwenProfile = (row) => /^QwenLM\/Qwen/.test(row.source) && /generate \d+ tokens/.test(row.other_flags ?? '');

/** @param {Row} row @param {string} flags @returns {true | string} */
function usableTraining(row, flags) {
  const isAtRest = /CURRENT ALLOCATED|model init/.test(flags);
  if (row.framework === null) return 'the program is not told';
  if (!isAtRest && (row.batch_per_gpu === null || row.seq_len === null)) return 'batch or sequence is not told';
  if (/batch not told|skipped/.test(flags)) return 'batch or sequence is not told';
  if (/vocab \(size not told\)/.test(flags)) return 'the vocabulary is not told';
  if (row.precision === null) return 'the precision is not told';
  if (row.optimizer === null) return 'the optimizer is not told';
  if ((row.n_gpus ?? 1) > 1 && !/\d/.test(row.parallelism ?? '') && !/devices:1/.test(flags)) {
    return 'how several GPUs share the run is not told';
  }
  return true;
}

/** @param {Row} row @param {string} flags @returns {true | string} */
function usableGeneration(row, flags) {
  if (row.framework === null && !/Baichuan2/.test(row.source)) return 'the program is not told';
  if (/autoquant/.test(row.precision ?? '')) return 'which format was picked by timing is not told';
  if (/max_memory, rest on/.test(flags)) return 'how much lies elsewhere is not told';
  const hasLengths = /input_len=\d|max_new_tokens=\d|prefill=\d|generate \d+ tokens|\d+ new tokens/.test(flags);
  const isLoaded = /^load;|online bitsandbytes quantisation/.test(row.other_flags ?? '');
  if (!hasLengths && !isLoaded) return 'lengths of prompt and answer are not told';
  if (/long system prompt/.test(flags)) return 'lengths of prompt and answer are not told';
  return true;
}

/** @param {Row} row @param {string} flags @returns {true | string} */
function usableServed(row, flags) {
  const component = /COMPONENT=(.*?)(?:;|$)/.exec(row.other_flags ?? '')?.[1]?.trim() ?? '';
  if (component === 'CUDA graph capture') return 'free memory before and after a capture changes for other reasons too';
  const isKnown = component !== '' || /^weights\b|; weights;|^Available KV cache|KV Cache allocated|^GGUF model size/i.test(row.other_flags ?? '');
  if (!isKnown) return 'the component is not told';
  const isWeights = /model weights|model buffer/.test(component) || /weights|GGUF model size/.test(row.other_flags ?? '');
  if (isWeights && (row.precision === null || row.precision === '?' || /^~/.test(row.precision))) return 'the format of the weights is not told';
  if (/llama\.cpp/i.test(row.framework ?? '')) {
    if (/^CUDA/.test(component) && /CUDA1|n_copies/.test(flags)) return 'how several GPUs share the layers is not told';
    if (component === 'CUDA compute buffer' && !/flash_attn=(?:True|False)/.test(flags)) return 'whether flash attention was on is not told';
    return true;
  }
  if (/pipeli|TP>1 not told/.test(flags)) return 'how several GPUs share the layers is not told';
  const isOfCard = !isWeights;
  if (isOfCard && row.gpu === null && !/total_gpu_memory=[\d.]/.test(flags)) return 'the card is not told';
  return true;
}

/**
 * How many usable rows are covered, of all and by kind; why the others are not usable, counted.
 * @param {readonly any[]} rows as they were read
 * @param {readonly { covered: boolean }[]} judged what became of each
 */
export function coverageOf(rows, judged) {
  /** @type {Record<string, { usable: number, covered: number }>} */
  const kinds = {};
  /** @type {Record<string, number>} */
  const unusable = {};
  rows.forEach((row, at) => {
    const is = usable(row);
    if (is !== true) {
      unusable[is] = (unusable[is] ?? 0) + 1;
      return;
    }
    const kind = isRecorderRow(row) ? 'recorder' : row.kind;
    const of = (kinds[kind] ??= { usable: 0, covered: 0 });
    of.usable += 1;
    if (judged[at]?.covered === true) of.covered += 1;
  });
  const sum = (/** @type {'usable' | 'covered'} */ name) => Object.values(kinds).reduce((all, of) => all + of[name], 0);
  return { usable: sum('usable'), covered: sum('covered'), kinds, unusable };
}
