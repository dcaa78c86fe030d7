/**
 * Lines with memory figures that training programs print in a fixed form: rows of progress, metrics,
 * stage reports. One table, so that the reader of free prints leaves them alone.
 */
import { bound } from '../base/interval.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Fact } from '../ledger/fact.ts';
import { figure, type SizeRule, sizesIn } from './own-memory.ts';

export interface LineForm {
  /** What every line of the form has. */
  readonly when: RegExp;
  readonly rules: readonly SizeRule[];
  /** Group 1 names the moment. */
  readonly label?: RegExp;
  /** The program's GB is 10^9 in some versions and 2^30 in others: the figure spans both. */
  readonly isEither?: boolean;
}

const EPOCH =
  /((?:Epoch|Train|Test|Eval|Valid)?:?\s?\[\d{1,6}(?:\/\d{1,6})?\]\s?\[\s*\d{1,9}\/\d{1,9}\])/i;
const STEP =
  /\b((?:global_step|epoch|step|iter(?:ation)?|num_updates)['"]?\s*[:=#]?\s*['"]?\d{1,9}(?:\.\d{1,9})?(?:\s*\/\s*\d{1,9})?)/i;

/** Rows that come with every step or epoch. */
export const PROGRESS: readonly LineForm[] = [
  // DETR, MAE, timm's MetricLogger: "max mem: 9123", in MB of 2^20
  {
    when: /\bmax mem: \d/,
    rules: [{ quantity: 'peak', pattern: figure('\\bmax mem: {number}'), unit: 'MiB' }],
    label: /^\s*(\S{0,24}\s?\[\s*\d{1,6}\]?\s{0,3}\[?\s*\d{0,9}\/?\d{0,9}\])/,
  },
  // detectron2: "max_mem: 2345M"
  {
    when: /\bmax_mem: \d{1,9}M\b/,
    rules: [{ quantity: 'peak', pattern: /\bmax_mem: (?<size>\d{1,9})M\b/, unit: 'MiB' }],
    label: /\b(iter: \d{1,9})/,
  },
  // Swin and its kin: "mem 5123MB"
  {
    when: /\bmem \d{1,9}MB\b.{0,80}$/,
    rules: [{ quantity: 'peak', pattern: /\bmem (?<size>\d{1,9})MB\b/, unit: 'MiB' }],
    label: EPOCH,
  },
  // mmcv and mmengine: "memory: 5123, loss: …", whole MB
  {
    when: /\b(?:data_time|eta|lr|loss\w*): .{0,400}\bmemory: \d{1,9}\b(?![.\d]*\s?[GMK])|\bmemory: \d{1,9}[, ]+(?:grad_norm|loss)/,
    rules: [
      {
        quantity: 'peak',
        pattern: /\bmemory: (?<size>\d{1,9})(?![\d.])/,
        unit: 'MiB',
        rounding: 'floor',
      },
    ],
    label:
      /\b((?:Epoch|Iter)\s?(?:\([a-z]{1,8}\))?\s{0,6}\[\s*\d{1,9}(?:\/\d{1,9})?\]\s?(?:\[\s*\d{1,9}\/\d{1,9}\])?)/,
  },
  // YOLOv5, ultralytics: the GPU_mem column, reserved bytes
  {
    when: /^\s*\d{1,6}\/\d{1,6}\s{2,}\d{1,4}(?:\.\d{1,3})?G\s{2,}\d/,
    rules: [
      {
        quantity: 'reserved',
        pattern: /^\s*\d{1,6}\/\d{1,6}\s{2,}(?<size>\d{1,4}(?:\.\d{1,3})?)G\s/,
        unit: 'GB',
      },
    ],
    label: /^\s*(\d{1,6}\/\d{1,6})/,
    isEither: true,
  },
  {
    when: /\bmem \d{1,4}(?:\.\d{1,3})?G\b/,
    rules: [
      { quantity: 'reserved', pattern: /\bmem (?<size>\d{1,4}(?:\.\d{1,3})?)G\b/, unit: 'GB' },
    ],
    label: STEP,
    isEither: true,
  },
  // fairseq: the card less the peak of allocated bytes
  {
    when: /\bgb_free["']?[ :=]/,
    rules: [
      {
        quantity: 'headroom',
        pattern: figure('\\bgb_free["\']? [:=]? ["\']?{number}'),
        unit: 'GiB',
      },
    ],
    label: /\b(epoch["']?[: ]+["']?\d{1,6}(?::?\s{1,4}\d{1,9} \/ \d{1,9})?)/,
  },
  // torchtitan: "memory: 12.34GiB(15.60%)"
  {
    when: /\bmemory:\s{1,3}[\d.]{1,8}GiB\([\d.]{1,6}%\)/,
    rules: [{ quantity: 'peak_reserved', pattern: figure('\\bmemory: {size}') }],
    label: STEP,
  },
  {
    when: /\bmemory usage for model: [\d.]{1,8}GiB\([\d.]{1,6}%\)/,
    rules: [{ quantity: 'peak_reserved', pattern: figure('memory usage for model: {size}') }],
    label: /(model)/,
  },
  {
    when: /\b(?:CUDA|XPU|NPU|HIP) capacity: .{1,80} with [\d.]{1,8}GiB memory/,
    rules: [{ quantity: 'total', pattern: figure(' with {size} memory') }],
  },
  // torchtune's metric logger
  {
    when: /\bpeak_memory_(?:active|alloc|reserved)['"]?\s*[:=]/,
    rules: [
      {
        quantity: 'peak_active',
        pattern: figure('\\bpeak_memory_active["\']? [:=] {number}'),
        unit: 'GB',
      },
      { quantity: 'peak', pattern: figure('\\bpeak_memory_alloc["\']? [:=] {number}'), unit: 'GB' },
      {
        quantity: 'peak_reserved',
        pattern: figure('\\bpeak_memory_reserved["\']? [:=] {number}'),
        unit: 'GB',
      },
    ],
    label: STEP,
    isEither: true,
  },
  // ms-swift; LLaMA-Factory with its memory callback; axolotl
  {
    when: /['"]memory\(GiB\)['"]: ?['"]?\d/,
    rules: [
      {
        quantity: 'peak_reserved',
        pattern: figure('memory\\(GiB\\)["\'] : ["\']?{number}'),
        unit: 'GiB',
      },
    ],
    label:
      /['"]?(global_step(?:\/max_steps)?['"]?: ['"]?\d{1,9}(?:\/\d{1,9})?|epoch['"]?: ['"]?[\d.]{1,12})/,
  },
  {
    when: /['"]vram_(?:allocated|reserved)['"]: /,
    rules: [
      { quantity: 'peak', pattern: figure('vram_allocated["\'] : {number}'), unit: 'GiB' },
      { quantity: 'peak_reserved', pattern: figure('vram_reserved["\'] : {number}'), unit: 'GiB' },
    ],
    label: STEP,
  },
  {
    when: /['"]memory\/(?:max_(?:mem(?:ory)?_)?(?:active|allocated)|device_(?:mem(?:ory)?_)?reserved) ?\((?:gib|GiB)\)['"]: /,
    rules: [
      {
        quantity: 'peak_active',
        pattern: figure('memory/max_(?:mem(?:ory)?_)?active ?\\(gib\\)["\'] : ["\']?{number}'),
        unit: 'GiB',
      },
      {
        quantity: 'peak',
        pattern: figure('memory/max_(?:mem(?:ory)?_)?allocated ?\\(gib\\)["\'] : ["\']?{number}'),
        unit: 'GiB',
      },
      {
        quantity: 'peak_reserved',
        pattern: figure('memory/device_(?:mem(?:ory)?_)?reserved ?\\(gib\\)["\'] : ["\']?{number}'),
        unit: 'GiB',
      },
    ],
    label: STEP,
  },
  // Composer's MemoryMonitor: gigabytes of 10^9
  {
    when: /\bmemory\/(?:current|peak)_(?:allocated|active|inactive|reserved)_mem["']?:? /,
    rules: (
      [
        ['allocated', 'current_allocated_mem'],
        ['active', 'current_active_mem'],
        ['inactive_split', 'current_inactive_mem'],
        ['reserved', 'current_reserved_mem'],
        ['peak', 'peak_allocated_mem'],
        ['peak_active', 'peak_active_mem'],
        ['peak_inactive_split', 'peak_inactive_mem'],
        ['peak_reserved', 'peak_reserved_mem'],
      ] as const
    ).map(([quantity, name]) => ({
      quantity,
      pattern: figure(`memory/${name}["']?:? {number}`),
      unit: 'GB',
      meaning: 'decimal',
    })),
  },
];

/** Figures of one line of a known form, with the moment that it names. */
export interface FormFigures {
  readonly facts: readonly Fact[];
  readonly label?: string;
}

export function figuresOfForms(
  text: string,
  forms: readonly LineForm[],
  place: { readonly source: string; readonly line: number },
): FormFigures | undefined {
  for (const { when, rules, label, isEither } of forms) {
    if (!when.test(text)) continue;
    const facts = sizesIn(text, rules, place);
    if (facts.length === 0) continue;
    const name = label?.exec(text)?.[1]?.trim();
    return {
      facts: isEither === true ? facts.map(eitherMeaning) : facts,
      ...(name !== undefined && name !== '' && { label: name.replace(/['"]/g, '') }),
    };
  }
  return undefined;
}

/** A "GB" that is 10^9 in some versions of the program: the lower bound makes room for it. */
function eitherMeaning(fact: Fact): Fact {
  if (isUnknown(fact.value)) return fact;
  const { mid, low, high } = fact.value;
  return { ...fact, value: bound(mid, Math.floor(low * (1e9 / 2 ** 30)), high) };
}

const STAGES =
  /\bGPU (?:Total )?(?:Peak )?Memory (?:before|consumed)|\bCPU (?:Total )?(?:Peak )?Memory (?:before|consumed)|\bmem_[cg]pu\b|mem_[cg]pu_|GPU memory usage [\w ]{1,40}: [\d.]{1,12}GB|\bGPU peak memory|peak memory (?:active|alloc|allocation|reserved):|(?:Max|Peak) (?:active )?(?:CUDA|XPU) memory (?:allocated |reserved )?was|Peak reserved memory|GB of memory reserved|Max memory ?[:=]|^\s*Memory used: [\d.]+ GB|GPU: allocated [\d.]+ MB/;

/** Boards whose monitor prints a line of its own: RAM 5123/15692MB (lfb …). */
const BOARD = /\bRAM \d{1,7}\/\d{1,7}MB\b/;

/** True for lines that a reader of training programs or of a board takes. */
export function isOfTrainer(text: string): boolean {
  return BOARD.test(text) || STAGES.test(text) || PROGRESS.some(({ when }) => when.test(text));
}
