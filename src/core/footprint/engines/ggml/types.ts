/**
 * Which type each tensor of a GGUF file has, by the name of the file's mix (`Q4_K_M`): the choices of llama.cpp's
 * quantiser; those of 3 bits and below are made with an importance matrix, the others without. Source: llama-cpp-python@0.3.36:vendor/llama.cpp/src/llama-quant.cpp.
 */
import { type BlockFormat, GGML_TYPES } from '../../../catalog/formats.ts';
import type { Model, Part, Stack, Weight } from '../../../workload/model/model.ts';

const BY_ID: ReadonlyMap<string, BlockFormat> = new Map(
  [...GGML_TYPES.values()].map((format) => [format.id, format]),
);

/** The type that a mix begins with. */
const BASES: ReadonlyMap<string, string> = new Map([
  ['F32', 'F32'],
  ['F16', 'F16'],
  ['BF16', 'BF16'],
  ['Q4_0', 'Q4_0'],
  ['Q4_1', 'Q4_1'],
  ['Q5_0', 'Q5_0'],
  ['Q5_1', 'Q5_1'],
  ['Q8_0', 'Q8_0'],
  ['Q2_K', 'Q2_K'],
  ['Q2_K_S', 'Q2_K'],
  ['Q3_K_S', 'Q3_K'],
  ['Q3_K_M', 'Q3_K'],
  ['Q3_K_L', 'Q3_K'],
  ['Q4_K_S', 'Q4_K'],
  ['Q4_K_M', 'Q4_K'],
  ['Q5_K_S', 'Q5_K'],
  ['Q5_K_M', 'Q5_K'],
  ['Q6_K', 'Q6_K'],
  ['IQ1_S', 'IQ1_S'],
  ['IQ1_M', 'IQ1_M'],
  ['IQ2_XXS', 'IQ2_XXS'],
  ['IQ2_XS', 'IQ2_XS'],
  ['IQ2_S', 'IQ2_XS'],
  ['IQ2_M', 'IQ2_S'],
  ['IQ3_XXS', 'IQ3_XXS'],
  ['IQ3_XS', 'IQ3_S'],
  ['IQ3_S', 'IQ3_S'],
  ['IQ3_M', 'IQ3_S'],
  ['IQ4_XS', 'IQ4_XS'],
  ['IQ4_NL', 'IQ4_NL'],
  ['MXFP4_MOE', 'MXFP4'],
]);

/** Mixes whose small types lean on better ones for everything that counts. */
const SMALLEST: ReadonlySet<string> = new Set([
  'IQ1_S',
  'IQ1_M',
  'IQ2_XXS',
  'IQ2_XS',
  'IQ2_S',
  'IQ2_M',
]);

/** Names that people use for a mix: `Q4_K` is the middle one; case and separators vary. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['Q3_K', 'Q3_K_M'],
  ['Q4_K', 'Q4_K_M'],
  ['Q5_K', 'Q5_K_M'],
  ['FP16', 'F16'],
  ['FP32', 'F32'],
]);

/** The mix that a text names, as the table has it; nothing where there is no such mix. */
export function mixOf(name: string): string | undefined {
  const plain = name.trim().toUpperCase().replaceAll('-', '_');
  const mix = ALIASES.get(plain) ?? plain;
  return BASES.has(mix) ? mix : undefined;
}

/** The mix that is part of a longer name: `llama-3-8b.Q4_K_M.gguf`, `llama3.1:8b-instruct-q4_K_M`. */
export function mixIn(name: string): string | undefined {
  const parts =
    /(?:^|[-._:/ ])((?:I?Q\d|TQ\d|MXFP4|B?F16|F32)(?:_[0-9A-Z]{1,4}){0,3})(?=$|[-._:/ ])/gi;
  return [...name.matchAll(parts)]
    .map(([, part = '']) => mixOf(part))
    .findLast((mix) => mix !== undefined);
}

/** Bytes of a row of the KV cache: types that `--cache-type-k` takes. */
export function formatOf(type: string): BlockFormat | undefined {
  return BY_ID.get(type.toUpperCase());
}

/** What the quantiser tells apart. */
type Category =
  | 'positions'
  | 'qkv'
  | 'v'
  | 'k'
  | 'q'
  | 'o'
  | 'up'
  | 'gate'
  | 'down'
  | 'table'
  | 'output'
  | 'other';

const CATEGORIES: ReadonlyMap<Part, Category> = new Map<Part, Category>([
  ['q', 'q'],
  ['k', 'k'],
  ['v', 'v'],
  ['qkv', 'qkv'],
  ['o', 'o'],
  ['up', 'up'],
  ['gate_up', 'up'],
  ['shared_up', 'up'],
  ['shared_gate_up', 'up'],
  ['gate', 'gate'],
  ['shared_gate', 'gate'],
  ['down', 'down'],
  ['shared_down', 'down'],
]);

interface Facts {
  readonly mix: string;
  readonly base: string;
  readonly layers: number;
  /** Heads of queries that share one of keys. */
  readonly groups: number;
  readonly experts: number;
  readonly isFalcon: boolean;
  readonly is70B: boolean;
}

/** More bits for the first and last eighth of the layers, and for each third one between. */
const usesMoreBits = (at: number, of: number): boolean =>
  at < Math.floor(of / 8) || at >= Math.floor((7 * of) / 8) || (at - Math.floor(of / 8)) % 3 === 2;

function ofValues(facts: Facts, at: number): string {
  const { mix, layers, groups } = facts;
  const chosen = ((): string => {
    switch (mix) {
      case 'Q2_K':
        return groups >= 4 ? 'Q4_K' : 'Q3_K';
      case 'Q2_K_S':
        return groups >= 4 ? 'Q4_K' : facts.base;
      case 'IQ3_XXS':
        return groups >= 4 ? 'Q4_K' : facts.base;
      case 'IQ3_XS':
      case 'IQ3_S':
        return groups >= 4 ? 'Q4_K' : facts.base;
      case 'IQ3_M':
        return 'Q4_K';
      case 'Q3_K_M':
        return at < 2 ? 'Q5_K' : 'Q4_K';
      case 'Q3_K_L':
        return 'Q5_K';
      case 'IQ4_NL':
      case 'IQ4_XS':
        return groups >= 4 ? 'Q5_K' : facts.base;
      case 'Q4_K_M':
      case 'Q5_K_M':
        return usesMoreBits(at, layers) ? 'Q6_K' : facts.base;
      case 'Q4_K_S':
        return at < 4 ? 'Q5_K' : facts.base;
      default:
        return facts.base;
    }
  })();
  if (facts.experts === 8) return 'Q8_0';
  return facts.is70B && (chosen === 'Q3_K' || chosen === 'Q4_K') ? 'Q5_K' : chosen;
}

function ofDown(facts: Facts, at: number): string {
  const { mix, base, layers, isFalcon } = facts;
  const eighth = Math.floor(layers / 8);
  const sixteenth = Math.floor(layers / 16);
  const more = usesMoreBits(at, layers);
  switch (mix) {
    case 'Q2_K':
      return 'Q3_K';
    case 'Q2_K_S':
      return at < eighth ? 'Q4_K' : base;
    case 'Q3_K_M':
      if (at < sixteenth) return 'Q5_K';
      return !isFalcon || more ? 'Q4_K' : 'Q3_K';
    case 'IQ3_M':
      return at < eighth || (facts.experts === 8 && more) ? 'Q4_K' : base;
    case 'Q3_K_L':
      return isFalcon ? 'Q4_K' : 'Q5_K';
    case 'Q4_K_M':
      if (isFalcon) return at < sixteenth ? 'Q6_K' : more ? 'Q5_K' : 'Q4_K';
      return more ? 'Q6_K' : base;
    case 'Q5_K_M':
      return more ? 'Q6_K' : base;
    case 'IQ4_NL':
    case 'IQ4_XS':
      return at < eighth ? 'Q5_K' : base;
    case 'Q4_K_S':
      return !isFalcon && at < eighth ? 'Q5_K' : base;
    default:
      return base;
  }
}

function ofOutputProjection(facts: Facts): string {
  const { mix, base } = facts;
  if (facts.isFalcon) return mix === 'Q3_K_L' ? 'Q4_K' : base;
  if (facts.experts === 8) return /^(?:Q2_K|IQ3|Q3_K_[SM]|IQ4|Q4_K)/.test(mix) ? 'Q5_K' : base;
  const better: Readonly<Record<string, string>> = {
    Q2_K: 'Q3_K',
    IQ3_XXS: 'IQ3_S',
    Q3_K_M: 'Q4_K',
    Q3_K_L: 'Q5_K',
    IQ3_M: 'Q4_K',
  };
  return better[mix] ?? base;
}

function ofSmallest(facts: Facts, category: Category, at: number): string {
  const { mix, base, layers, groups, experts } = facts;
  const isTwo = mix === 'IQ2_S' || mix === 'IQ2_M';
  if (category === 'v') return groups >= 4 || experts >= 4 ? 'Q4_K' : isTwo ? 'IQ3_S' : 'Q2_K';
  if (category === 'k' && experts === 8) return 'Q4_K';
  if (category === 'down' && at < Math.floor(layers / 8)) return isTwo ? 'IQ3_S' : 'Q2_K';
  if (category === 'o') {
    if (experts === 8) return 'Q5_K';
    if (mix === 'IQ1_S' || mix === 'IQ1_M') return 'IQ2_XXS';
    if (isTwo) return 'IQ3_S';
  }
  return base;
}

function ofHead(facts: Facts, columns: number): string {
  const { mix, base } = facts;
  if (facts.isFalcon || columns % (BY_ID.get(base)?.elements ?? 1) !== 0) return 'Q8_0';
  if (mix !== 'IQ3_XXS' && !SMALLEST.has(mix)) return base === 'Q8_0' ? base : 'Q6_K';
  return 'Q5_K';
}

function ofTable({ mix, base }: Facts): string {
  if (mix === 'IQ2_S' || mix === 'IQ2_M' || mix === 'IQ3_XXS') return 'IQ3_S';
  return SMALLEST.has(mix) ? 'Q2_K' : base;
}

/** Queries, keys and values in one matrix, as files have it that were made before 2026. */
function ofJoined({ mix, base }: Facts): string {
  if (mix === 'Q3_K_M' || mix === 'Q3_K_L' || mix === 'IQ3_M') return 'Q4_K';
  return mix === 'Q4_K_M' ? 'Q5_K' : mix === 'Q5_K_M' ? 'Q6_K' : base;
}

/** The type of one tensor. @param at number of its layer, counted over layers that have such a tensor. */
function chosen(facts: Facts, category: Category, at: number, columns: number): string {
  const { mix, base, layers } = facts;
  if (category === 'output') return ofHead(facts, columns);
  if (category === 'table') return ofTable(facts);
  if (SMALLEST.has(mix)) return ofSmallest(facts, category, at);
  switch (category) {
    case 'v':
      return ofValues(facts, at);
    case 'qkv':
      return ofJoined(facts);
    case 'k':
      if (facts.experts === 8) return 'Q8_0';
      return mix === 'IQ3_XS' ? 'IQ3_XXS' : mix === 'IQ3_XXS' ? 'IQ2_S' : base;
    case 'q':
      return mix === 'IQ3_XS' ? 'IQ3_XXS' : mix === 'IQ3_XXS' ? 'IQ2_S' : base;
    case 'o':
      return ofOutputProjection(facts);
    case 'down':
      return ofDown(facts, at);
    case 'up':
    case 'gate': {
      const inside = at >= Math.floor(layers / 8) && at < Math.floor((7 * layers) / 8);
      return mix === 'IQ3_XS' && inside ? 'IQ3_XXS' : base;
    }
    default:
      return base;
  }
}

/** What stands in for a type whose blocks do not fill a row. */
function fitting(type: string, columns: number): BlockFormat {
  const format = BY_ID.get(type);
  if (format === undefined) throw new Error(`no such type: ${type}`);
  if (columns % format.elements === 0) return format;
  const stands: Readonly<Record<string, string>> = {
    Q2_K: 'Q4_0',
    Q3_K: 'Q4_0',
    Q4_K: 'Q5_0',
    Q5_K: 'Q5_1',
    Q6_K: 'Q8_0',
  };
  const next = BY_ID.get(stands[type] ?? 'IQ4_NL');
  if (next !== undefined && columns % next.elements === 0) return next;
  return BY_ID.get('F16') as BlockFormat;
}

/** Tensors that stay as they are converted: one dimension, convolutions, routers: fp32. */
const isKept = (weight: Weight, part: Part | undefined): boolean =>
  part === 'router' ||
  part === 'shared_router' ||
  weight.role === 'norm' ||
  weight.role === 'bias' ||
  weight.role === 'conv' ||
  weight.role === 'other' ||
  weight.shape.length < 2;

/** Rows are padded to 512 elements at the end of a quantised tensor, for the kernels of CUDA. */
function bytesOf(format: BlockFormat, weight: Weight): number {
  const columns = weight.shape.at(-1) ?? 1;
  const rows = weight.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const bytes = (rows * columns * format.bytes) / format.elements;
  const rest = columns % 512;
  const pad = format.elements > 1 && rest > 0 ? ((512 - rest) * format.bytes) / format.elements : 0;
  return Math.ceil((bytes + pad) / 128) * 128;
}

/** Bytes of a GGUF file's tensors by where llama.cpp puts them. */
export interface GgufSizes {
  /** The table of tokens: host memory. */
  readonly input: number;
  /** For each layer. */
  readonly layers: readonly number[];
  /** The last norm and the head; where the table is the head, a copy of it. */
  readonly output: number;
}

/** The decoder of a model: what a GGUF file of a language model holds. Towers are files of their own. */
export const decoderOf = (model: Pick<Model, 'stacks'>): { at: number; stack: Stack } => {
  const at = model.stacks.findIndex(({ role }) => role === 'decoder');
  const stack = model.stacks[at] ?? model.stacks[0];
  if (stack === undefined) throw new Error('a model has at least one stack');
  return { at: Math.max(0, at), stack };
};

function factsOf(model: Model, stack: Stack, mix: string): Facts {
  const base = BASES.get(mix);
  if (base === undefined) throw new Error(`no such mix: ${mix}`);
  const layers = stack.pattern.length;
  let groups = 1;
  let experts = 0;
  for (const { mixers, mlp } of stack.layers) {
    for (const mixer of mixers)
      if (mixer.kind === 'softmax') groups = Math.max(groups, mixer.heads / mixer.kv_heads);
    if (mlp?.kind === 'mixture') experts = Math.max(experts, mlp.experts);
  }
  const isLlama = /^(?:llama|mistral|qwen2)$/.test(model.family);
  return {
    mix,
    base,
    layers,
    groups,
    experts,
    isFalcon: model.family === 'falcon',
    is70B: isLlama && layers === 80 && groups > 1 && experts === 0,
  };
}

const known = new WeakMap<readonly Weight[], Map<string, GgufSizes>>();

/** Sizes of all tensors in a mix. @param weights of the model, as `weightsOf` gives them. */
export function ggufSizes(model: Model, weights: readonly Weight[], mix: string): GgufSizes {
  const mixes = known.get(weights) ?? new Map<string, GgufSizes>();
  known.set(weights, mixes);
  const sizes = mixes.get(mix) ?? sizesIn(model, weights, mix);
  mixes.set(mix, sizes);
  return sizes;
}

function sizesIn(model: Model, weights: readonly Weight[], mix: string): GgufSizes {
  const { at: stackAt, stack } = decoderOf(model);
  const facts = factsOf(model, stack, mix);
  const isWhole = facts.base === 'F16' || facts.base === 'BF16' || facts.base === 'F32';
  const size = (weight: Weight, category: Category, part: Part | undefined, at: number): number => {
    if (isKept(weight, part) || category === 'positions')
      return bytesOf(BY_ID.get('F32') as BlockFormat, weight);
    const columns = weight.shape.at(-1) ?? 1;
    const type = isWhole
      ? facts.base
      : facts.mix === 'MXFP4_MOE'
        ? weight.role === 'expert'
          ? 'MXFP4'
          : 'Q8_0'
        : chosen(facts, category, at, columns);
    return bytesOf(fitting(type, columns), weight);
  };
  const parts = partNames(stack);
  const seen = new Map<Category, number>();
  const layers = stack.pattern.map((kind) => {
    let bytes = 0;
    const here = new Set<Category>();
    for (const weight of weights) {
      if (weight.layer?.stack !== stackAt || weight.layer.layer !== kind) continue;
      const part = parts.get(weight.name);
      const category = (part === undefined ? undefined : CATEGORIES.get(part)) ?? 'other';
      here.add(category);
      bytes += size(weight, category, part, seen.get(category) ?? 0);
    }
    for (const category of here) seen.set(category, (seen.get(category) ?? 0) + 1);
    return bytes;
  });
  let input = 0;
  let output = 0;
  const elsewhere = new Set(
    model.stacks.flatMap((other) => (other === stack ? [] : other.ends.map(({ name }) => name))),
  );
  for (const weight of weights) {
    if (weight.layer !== undefined || isLeftOut(weight) || elsewhere.has(weight.name)) continue;
    const bytes = size(weight, categoryOfEnd(weight, model), undefined, 0);
    if (weight.role === 'embedding') input += bytes;
    else output += bytes;
    if (weight.role === 'embedding' && model.tied && isTable(weight, model)) output += bytes;
  }
  return { input, layers, output };
}

/** Poolers of encoders are left out when a model is converted. */
const isLeftOut = ({ name }: Weight): boolean => /(?:^|\.)pooler\./.test(name);

const isTable = (weight: Weight, model: Model): boolean =>
  weight.role === 'embedding' && weight.shape[0] === model.vocab;

const categoryOfEnd = (weight: Weight, model: Model): Category =>
  weight.role === 'head' || (isTable(weight, model) && model.tied)
    ? 'output'
    : weight.role === 'embedding'
      ? isTable(weight, model)
        ? 'table'
        : 'positions'
      : 'other';

/** Parts of the layers by the names of their weights. */
function partNames(stack: Stack): ReadonlyMap<string, Part> {
  const names = new Map<string, Part>();
  for (const { names: layer } of stack.layers) {
    for (const group of [...layer.mixers, layer.mlp]) {
      for (const [part, name] of Object.entries(group)) {
        names.set(stack.module === '' ? name : `${stack.module}.${name}`, part as Part);
      }
    }
  }
  return names;
}
