/** What training programs report of a stage: Hugging Face Trainer, accelerate, axolotl, unsloth, torchtune, recipes. */
import type { Fact } from '../../ledger/fact.ts';
import {
  countedEvent,
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

const ofStage = (quantity: Fact['quantity'], words: string, unit = 'MiB'): SizeRule => ({
  quantity,
  pattern: figure(words),
  unit,
  rounding: 'floor',
});

/** PEFT's and accelerate's tracing examples: whole MiB, cut off. */
const TRACED: readonly SizeRule[] = [
  ofStage('allocated', 'GPU Memory before entering the \\w{1,12} : {number}'),
  ofStage(
    'allocated_delta',
    'GPU Memory consumed at the end of the \\w{1,12} \\(end-begin\\) : {number}',
  ),
  ofStage('peak_delta', 'GPU Peak Memory consumed during the \\w{1,12} \\(max-begin\\) : {number}'),
  ofStage('peak', 'GPU Total Peak Memory consumed during the \\w{1,12} \\(max\\) : {number}'),
  ofStage('host_process', 'CPU Memory before entering the \\w{1,12} : {number}'),
  ofStage(
    'host_delta',
    'CPU Memory consumed at the end of the \\w{1,12} \\(end-begin\\) : {number}',
  ),
  ofStage(
    'host_peak_delta',
    'CPU Peak Memory consumed during the \\w{1,12} \\(max-begin\\) : {number}',
  ),
  ofStage(
    'host_peak',
    'CPU Total Peak Memory consumed during the \\w{1,12} \\(max\\) : {number}(?! GB)',
  ),
];

/** llama-recipes: whole GiB, cut off. */
const RECIPES: readonly SizeRule[] = [
  ofStage('peak', 'Max (?:CUDA|XPU) memory allocated was {number} GB', 'GiB'),
  ofStage('peak_reserved', 'Max (?:CUDA|XPU) memory reserved was {number} GB', 'GiB'),
  ofStage('peak_active', 'Peak active (?:CUDA|XPU) memory was {number} GB', 'GiB'),
  ofStage(
    'host_peak',
    'CPU Total Peak Memory consumed during the \\w{1,12} \\(max\\) : {number} GB',
    'GiB',
  ),
];

const ONE_LINE: readonly SizeRule[] = [
  // axolotl
  { quantity: 'allocated', pattern: figure('GPU memory usage [\\w ]{1,40}: {size}') },
  { quantity: 'reserved_unallocated', pattern: figure('GPU memory usage .{0,80}\\+{size} cache') },
  { quantity: 'other_allocations', pattern: figure('GPU memory usage .{0,120}\\+{size} misc') },
  // unsloth
  {
    quantity: 'total',
    pattern: figure('(?:GPU = .{1,80}|GPUs = \\d{1,3}|GPU: .{1,80})\\. Max memory [:=] {size}'),
  },
  { quantity: 'peak_reserved', pattern: figure('^ {size} of memory reserved') },
  { quantity: 'peak_reserved', pattern: figure('Peak reserved memory = {size}') },
  { quantity: 'peak_delta', pattern: figure('Peak reserved memory for training = {size}') },
  // ColossalAI
  { quantity: 'allocated', pattern: figure('GPU: allocated {size}, max allocated') },
  { quantity: 'peak', pattern: figure('GPU: allocated .{1,40}, max allocated {size}') },
  { quantity: 'reserved', pattern: figure('max allocated .{1,40}, cached: {size}') },
  { quantity: 'peak_reserved', pattern: figure('cached: .{1,40}, max cached: {size}') },
  {
    quantity: 'host_used',
    pattern: figure('GPU: allocated .{1,200}CPU Virtual Memory: used = {size}'),
  },
  // LitGPT, gpt-fast: gigabytes of 10^9
  {
    quantity: 'peak',
    pattern: /^\s*Memory used: (?<size>\d{1,4}\.\d{2}) (?<unit>GB)\s*$/,
    meaning: 'decimal',
  },
];

const TORCHTUNE =
  /^\s*(?:[A-Z]{2,6} )?peak memory (active|alloc|allocation|reserved): ([\d.]{1,12}) (Gi?B)\s*$/;
const TORCHTUNE_HEAD = /(Memory stats[\w ]{0,60}?):\s*$/;
const HF =
  /\b['"]?((?:before_init|init|train|eval|test|predict)(?:_\w{1,20}?)?)_mem_(cpu|gpu)(?:_(alloc|peaked)_delta)?['"]?\s*[:=]\s*['"]?(-?\d{1,19})(MB)?(?![\d.])/g;
const HF_BEFORE = /\b['"]?before_init_mem_(cpu|gpu)['"]?\s*[:=]\s*['"]?(-?\d{1,19})(MB)?(?![\d.])/g;
const SHORT =
  /\b(gpu|cpu)_mem_(alloc|peaked)(?:_delta)?['"]?\s*[:=]\s*['"]?(-?\d{1,19})(MB)?(?![\d.])/g;
const RETRIES = /\bC(?:uda|UDA) Malloc ret(?:ries|ires) : (\d{1,12})\b/;
const STAGE = /(?:entering the|end of the|during the) (\w{1,12})/;
const AXOLOTL = /GPU memory usage ([\w ]{1,40}):/;

export const trainerMemory: StatusReader = {
  id: 'trainer-memory',
  code: 'UN635',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Memory reports of trainers',
      summary: 'What a trainer says of its memory before, during and after a stage.',
    },
    zh: {
      title: '训练程序的显存报告',
      summary: '训练程序在某个阶段之前、期间和之后报告的内存情况。',
    },
    ru: {
      title: 'Отчёты программ обучения о памяти',
      summary: 'Что программа обучения сообщает о своей памяти до этапа, во время него и после.',
    },
  },
  sources: [
    'transformers@4.40.0: src/transformers/trainer_utils.py: TrainerMemoryTracker',
    'peft@0.10.0: examples/causal_language_modeling/peft_lora_clm_accelerate_ds_zero3_offload.py',
    'axolotl@0.4.0: src/axolotl/utils/bench.py: log_gpu_memory_usage',
    'unsloth@2024.8: notebooks: Peak reserved memory',
    'torchtune@0.2.1: torchtune/training/memory.py: log_memory_stats',
    'llama-recipes@0.0.2: src/llama_recipes/utils/memory_utils.py',
    'colossalai@0.3.0: colossalai/utils/memory.py: report_memory_usage',
  ],
  needles: [
    'gpu memory before entering',
    'gpu memory usage ',
    'peak reserved memory',
    '_mem_gpu_',
    'memory stats after',
    'max cuda memory allocated was',
  ],
  sign: /mem/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line) => entriesOf(line, source));
    return joinEntries(entries, { source, apart: 8 });
  },
};

function entriesOf(line: Line, source: string): Entry[] {
  const { text, number } = line;
  if (text.length > 8000 || !/mem|malloc ret/i.test(text)) return [];
  const place = { source, line: number };
  const head = TORCHTUNE_HEAD.exec(text);
  if (head !== null) return [{ line, begins: true, label: String(head[1]) }];
  const tune = TORCHTUNE.exec(text);
  if (tune !== null) {
    const [, what = '', digits = '', unit = ''] = tune;
    const quantity =
      what === 'active' ? 'peak_active' : what === 'reserved' ? 'peak_reserved' : 'peak';
    // "GB" are the older versions, which divide by 10^9.
    const meaning = unit === 'GB' ? 'decimal' : 'binary';
    return [{ line, facts: [statusFact(quantity, { digits, unit, meaning }, place)] }];
  }
  const stages = hfStages(text, place);
  if (stages.size > 0) {
    return [...stages].map(
      ([label, facts]): Entry => ({
        line,
        facts,
        label,
      }),
    );
  }
  const traced = sizesIn(text, [...TRACED, ...RECIPES], place);
  const isRecipe = RECIPES.some(({ pattern }) => pattern.test(text));
  const retries = RETRIES.exec(text);
  const one = sizesIn(text, ONE_LINE, place);
  const stage = STAGE.exec(text)?.[1] ?? AXOLOTL.exec(text)?.[1];
  const entry: Entry = {
    line,
    facts: [...(isRecipe ? sizesIn(text, RECIPES, place) : traced), ...one],
    ...(retries !== null && {
      events: countedEvent('allocation-retries', Number(retries[1]), {
        line: number,
        says: text.trim().slice(0, 120),
      }),
    }),
    ...(stage !== undefined && { label: stage.trim() }),
    ...(/GPU memory usage|Max memory ?[:=]/.test(text) && { begins: true }),
  };
  return hasFigures(entry) ? [entry] : [];
}

/** Hugging Face's metrics, stage by stage; bytes in a dict, "MB" of 2^20 cut off in the table. */
function hfStages(
  text: string,
  place: { readonly source: string; readonly line: number },
): Map<string, Fact[]> {
  const stages = new Map<string, Fact[]>();
  const put = (stage: string, quantity: Fact['quantity'], digits: string, unit?: string): void => {
    const size = { digits, unit: unit === undefined ? 'bytes' : 'MiB', rounding: 'floor' } as const;
    stages.set(stage, [...(stages.get(stage) ?? []), statusFact(quantity, size, place)]);
  };
  for (const [, kind, digits = '', unit] of text.matchAll(HF_BEFORE)) {
    put('before init', kind === 'gpu' ? 'allocated' : 'host_process', digits, unit);
  }
  for (const [, stage = '', kind, part, digits = '', unit] of text.matchAll(HF)) {
    if (part === undefined) continue;
    put(stage, deltaOf(kind, part), digits, unit);
  }
  if (stages.size > 0) return stages;
  for (const [, kind, part = '', digits = '', unit] of text.matchAll(SHORT)) {
    put('stage', deltaOf(kind, part), digits, unit);
  }
  return stages;
}

function deltaOf(kind: string | undefined, part: string): Fact['quantity'] {
  if (kind === 'gpu') return part === 'alloc' ? 'allocated_delta' : 'peak_delta';
  return part === 'alloc' ? 'host_delta' : 'host_peak_delta';
}
