/**
 * What people print of `memory_allocated`, `memory_reserved`, their peaks and `mem_get_info` in words
 * of their own: "Allocated: 3.2 GB", "max memory reserved = 14.1 GiB".
 */
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { type Entry, isCodeOrAdvice, joinEntries, plainDigits } from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';
import { isOfTrainer } from '../trainer-lines.ts';

/** A name, a mark or "is", a number, a unit. The name is judged by its words. */
const PAIR = new RegExp(
  [
    String.raw`(?<![A-Za-z_.])((?:torch\.(?:cuda|xpu|npu|accelerator)\.)?[A-Za-z]{1,24}(?:[ _./-]{1,2}[A-Za-z]{1,24}){0,8})`,
    // An argument, a counter, a unit in brackets may stand between the name and the mark.
    String.raw`(?:\([\w:'" .=]{0,24}\))?(?: \d{1,9}(?:/\d{1,9})?(?=\s?[:=]))?['"]?(?:\s?[([](GB|GiB|MB|MiB|KB|KiB|[Bb]ytes|G|M)[)\]])?['"]?`,
    String.raw`\s{0,30}([:=]|\bis\b|\bwas\b|->|\s)\s{0,30}(?:tensor\()?['"]?`,
    String.raw`(-?\d[\d,]{0,18}(?:\.\d{1,17})?)(?![\d.%])\s{0,3}([KMGT]i?B|[Bb]ytes|B|[MG](?=[\s,;|/)\]'"]|$))?(?![\w%])`,
    String.raw`(?:\s{0,3}/\s{0,3}(\d[\d,]{0,18}(?:\.\d{1,17})?)(?![\d.%])\s{0,3}([KMGT]i?B|[Bb]ytes)?(?![\w%]))?`,
  ].join(''),
  'g',
);
/** "1.2 GB allocated, 3.4 GB cached on cuda:0" */
const SUFFIXED =
  /(?<![\w.=:])(\d[\d,]{0,18}(?:\.\d{1,6})?)\s?([KMGT]i?B)\s(?:of\s)?(?:(?:gpu|cuda)\s)?(?:memory\s)?(allocated|reserved|cached|peak)\b(?! (?:by|in total|but))/gi;

const MEMORY = /\b(?:mem|memory|vram|allocated|allocation|reserved|cached|alloc)\b/;
/** Names of other things: host memory, files, tools that have readers of their own. */
const OTHER =
  /\b(?:cpu|host|ram|system|virtual|disk|swap|file|cgroup|rss|kv|cache usage|block|blocks|count|retries|num|tokens|pinned|weights?|shared|mps|max allowed|other allocations|bandwidth|clock|frequency|batch|buffer|size of|requested|limit|utilization|percent|ma|ca)\b/;
/** Lines of programs that have readers of their own, or of failures. */
const FOREIGN_LINE =
  /Batch size|memory \((?:MB|GB)\) \||see_memory_usage|Max_MA|avail mem|mem usage=|available_gpu_mem=|KV [Cc]ache|vLLM|MemUsage|TensorRT|max mem(?:ory)?: \d+\s*$|\bmem_gpu_|\bbuffer size\b|time=\S+ level=|GPU Memory (?:before|consumed)|memory usage while|memory usage baseline|Max memory\s?[:=] [\d.]+ GB|mem_(?:allocated|active|reserved)|NVML_|Effective GPU memory|\bFra:\d|Used GPU Memory|\bggml_|before profile|would exceed|already allocated|total capacity|is free|reserved in total|allocated by PyTorch|memory in use|Bin \(|bfc_allocator|\| Allocated memory/;

interface Judged {
  readonly quantity: Quantity;
  /** True when only neighbours show that the name is of a device's memory. */
  readonly isBare: boolean;
}

export const printedTorchMemory: StatusReader = {
  id: 'printed-torch-memory',
  code: 'UN633',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Printed memory figures of PyTorch',
      summary: 'Allocated, reserved, peak and free memory as people print them.',
    },
    zh: {
      title: '打印出的 PyTorch 显存数值',
      summary: '用户自行打印的已分配、已保留、峰值和空闲显存。',
    },
    ru: {
      title: 'Напечатанные значения памяти PyTorch',
      summary:
        'Выделенная, зарезервированная, пиковая и свободная память, как её печатают в своём коде.',
    },
  },
  sources: ['pytorch@2.6.0: torch/cuda/memory.py: memory_allocated, mem_get_info'],
  needles: [
    'memory_allocated',
    'memory allocated',
    'memory reserved',
    'memory_reserved',
    'allocated: ',
  ],
  sign: /mem|alloc|reserv|vram/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    for (const [index, line] of lines.entries()) {
      for (const entry of entriesOf(line, source, lines[index - 1], lines[index + 1])) {
        // Lines of one moment name it alike, or not at all.
        const begins = entry.label !== entries.at(-1)?.label;
        entries.push({ ...entry, ...(begins && { begins }) });
      }
    }
    return joinEntries(entries, { source, apart: 1 });
  },
};

function entriesOf(
  line: Line,
  source: string,
  previous: Line | undefined,
  next: Line | undefined,
): Entry[] {
  const { text } = line;
  if (
    text.length > 4000 ||
    !/\d/.test(text) ||
    !/mem|alloc|reserved|cached|vram|gpu ram/i.test(text)
  )
    return [];
  if (isCodeOrAdvice(text) || FOREIGN_LINE.test(text) || isOfTrainer(text)) return [];
  const place = { source, line: line.number };
  const info = infoOf(text, place);
  if (info.length > 0) return [{ line, facts: info, ...labelOf(text, 0) }];
  // ComfyUI's failure prints a list of its own.
  if (/^\s*Requested\s*:/.test(next?.text ?? '') || /would exceed/.test(previous?.text ?? ''))
    return [];
  const facts: Fact[] = [];
  let isBare = true;
  let start = -1;
  const isOfDevice = /\b(?:gpu|cuda|vram|torch|device)(?:\b|_|\d)/i.test(text);
  const isRow = /\b(?:loss|step|epoch|iter)\b/i.test(text);
  for (const match of text.matchAll(PAIR)) {
    const [, name = '', nameUnit, mark = '', digits = '', ownUnit, second, lastUnit] = match;
    const judged = judge(name, {
      isOfDevice,
      isOfMany: second !== undefined,
      hasFigures: facts.length > 0,
      isRow,
    });
    if (judged === undefined) continue;
    const unit = ownUnit ?? lastUnit ?? nameUnit ?? unitOfName(name) ?? bytesOf(name, digits);
    if (unit === undefined) continue;
    // Without a mark it may be prose: "we allocated 3 GB".
    if (mark.trim() === '' && !isOfDevice && facts.length === 0) continue;
    if (start < 0) start = match.index;
    isBare &&= judged.isBare;
    const device = /(?:cuda|gpu)[: ]?(\d{1,3})\b/i.exec(
      text.slice(0, match.index + name.length + 12),
    )?.[1];
    const scope = device === undefined ? {} : { device: Number(device) };
    facts.push(statusFact(judged.quantity, { digits: plainDigits(digits), unit }, place, scope));
    if (second !== undefined) {
      const size = { digits: plainDigits(second), unit: lastUnit ?? unit };
      facts.push(statusFact('total', size, place, scope));
    }
  }
  if (facts.length === 0) {
    const suffixed = [...text.matchAll(SUFFIXED)];
    if (suffixed.length < 2 && !isOfDevice) return [];
    for (const [, digits = '', unit = '', word = ''] of suffixed) {
      const quantity = SUFFIXES[word.toLowerCase()] ?? 'allocated';
      facts.push(statusFact(quantity, { digits: plainDigits(digits), unit }, place));
    }
    start = suffixed[0]?.index ?? -1;
    isBare = false;
  }
  if (facts.length === 0) return [];
  // "Allocated: 3 GB" says whose only beside "Reserved", or under a heading that does.
  if (isBare && facts.length < 2 && !isOfDevice && !isNear(previous) && !isNear(next)) return [];
  return [{ line, facts, ...labelOf(text, start) }];
}

const isNear = (line: Line | undefined): boolean =>
  /\b(?:allocated|reserved|cached)\b[^\d]{0,40}\d|\b(?:memory usage|gpu|cuda|vram)\b/i.test(
    line?.text ?? '',
  );

const SUFFIXES: Readonly<Record<string, Quantity>> = {
  allocated: 'allocated',
  reserved: 'reserved',
  cached: 'reserved',
  peak: 'peak',
};

/** What the line is like in which a name stands. */
interface Around {
  readonly isOfDevice: boolean;
  /** "3.2 / 8.0 GB": a part of a total. */
  readonly isOfMany: boolean;
  readonly hasFigures: boolean;
  /** A row of progress. */
  readonly isRow: boolean;
}

/** Which figure a name is of, or undefined when it is of something else. */
function judge(name: string, around: Around): Judged | undefined {
  const { isOfDevice } = around;
  const words = name
    .replace(/^torch\.(?:cuda|xpu|npu|accelerator)\./, 'gpu ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_./-]+/g, ' ')
    .toLowerCase()
    .replace(/\b(gpu|cuda|device) ram\b/, '$1 memory');
  if (OTHER.test(words)) return undefined;
  if (isOfDevice && around.hasFigures && /^(?:peak|max)$/.test(words))
    return { quantity: 'peak', isBare: true };
  if (/^(?:(?:gpu|cuda) )?(?:mem|memory|vram)$/.test(words)) {
    if (around.isOfMany && (isOfDevice || words === 'vram'))
      return { quantity: 'used', isBare: false };
    if (around.isRow) return { quantity: 'allocated', isBare: false };
  }
  if (
    !MEMORY.test(words) &&
    !(isOfDevice && /^(?:gpu )?(?:free|used|total)(?: [kmg]i?b)?$/.test(words))
  )
    return undefined;
  const isBare = !/\b(?:mem|memory|vram|gpu|cuda)\b/.test(words);
  if (isBare && words.split(' ').length > 3) return undefined;
  const isPeak = /\b(?:max|peak|maximum|highest)\b/.test(words);
  if (/\b(?:reserved|cached)\b/.test(words)) {
    if (/\b(?:unallocated|but)\b/.test(words)) return undefined;
    return { quantity: isPeak ? 'peak_reserved' : 'reserved', isBare };
  }
  if (/\bactive\b/.test(words)) return { quantity: isPeak ? 'peak_active' : 'active', isBare };
  if (/\b(?:allocated|allocation|alloc|occupied)\b/.test(words)) {
    return { quantity: isPeak ? 'peak' : 'allocated', isBare };
  }
  const isGpu = isOfDevice || /\b(?:gpu|cuda|vram|torch|device)\b/.test(words);
  if (/\b(?:free|available|remaining)\b/.test(words)) {
    return isGpu ? { quantity: 'free', isBare } : undefined;
  }
  if (/\btotal\b|\bcapacity\b/.test(words) && !/\bused?\b|\busage\b/.test(words)) {
    return isGpu ? { quantity: 'total', isBare } : undefined;
  }
  if (isPeak) return isGpu || /\bpeak\b/.test(words) ? { quantity: 'peak', isBare } : undefined;
  if (/\b(?:used?|usage|in use|consumption|consumed)\b/.test(words)) {
    return isGpu ? { quantity: 'used', isBare } : undefined;
  }
  return undefined;
}

/** "total_GB", "memory_allocated_mib" */
const unitOfName = (name: string): string | undefined => /[_ ]([KMG]i?B|bytes)$/i.exec(name)?.[1];

/** The functions themselves give bytes; other numbers without a unit are of nobody. */
function bytesOf(name: string, digits: string): string | undefined {
  const isFunction = /(?:^|[._ ])(?:max_)?memory_(?:allocated|reserved|cached)$/.test(name);
  return isFunction && /^\d+$/.test(digits) && (digits === '0' || digits.length >= 4)
    ? 'bytes'
    : undefined;
}

/** `print(torch.cuda.mem_get_info())` beside its name: (free, total) in bytes. */
function infoOf(text: string, place: { readonly source: string; readonly line: number }): Fact[] {
  const match =
    /mem_get_info(?:\([\w:'"]{0,12}\))?\s*[:=]?\s*\(\s*(\d{4,19})\s*,\s*(\d{4,19})\s*\)/.exec(text);
  if (match === null) return [];
  return (['free', 'total'] as const).map((quantity, index) =>
    statusFact(quantity, { digits: match[index + 1] ?? '', unit: 'bytes' }, place),
  );
}

const COUNTER =
  /\b(?:global[_ ]step|epoch|step|iter(?:ation)?|batch|layer)\b\s*[:=#]?\s*\[?\s*\d{1,9}(?:\s*\/\s*\d{1,9})?\]?/gi;

/** The step or the stage that the line names: what stands before the first figure, or its counters. */
function labelOf(text: string, start: number): { label?: string } {
  const lead = text
    .slice(0, Math.max(start, 0))
    .replace(/[\s:|,;=>([{'"-]+$/, '')
    .replace(/[:=]?\s*[{(].{0,40}['"].*$/, '')
    .replace(/^[\s\-=*#>|[('"{]+|[\])]+$/g, '')
    .trim();
  if (lead !== '' && lead.length <= 80 && /[A-Za-z]/.test(lead)) return { label: lead };
  const counters = [...text.slice(0, 400).matchAll(COUNTER)].map(([all]) => all.trim());
  return counters.length === 0 ? {} : { label: counters.slice(0, 3).join(', ') };
}
