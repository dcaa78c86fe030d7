/**
 * Popular open models, for plans without the network: the fields of their configs that readers ask for. Each row
 * names the file that was read for it, or is recalled (`assumed`), and the published count of parameters with its own
 * source; a test counts again. scripts/model-tables.py and scripts/model-catalog.mjs write the table.
 */
import { MODEL_SOURCES, MODEL_TABLE } from './models.gen.ts';
import { type Shipped, shippedAs } from './shipped.ts';

export interface CatalogModel {
  /** Names on the hub that have this config, `org/name`. */
  readonly ids: readonly string[];
  /** As a `config.json` has it, so far as shapes depend on it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The file that was read: package@version:path or repository@commit:path; `assumed` for a row from memory. */
  readonly source: string;
  /** As published, with where. */
  readonly parameters?: number;
  readonly parameters_source?: string;
  /** The published count has the tied table once more, as the checkpoint stores it. */
  readonly head_stored?: boolean;
}

let parsed: readonly CatalogModel[] | undefined;

/** All rows, parsed when they are first asked for. */
export function catalogModels(): readonly CatalogModel[] {
  parsed ??= MODEL_TABLE.trim().split('\n').map(rowOf);
  return parsed;
}

/** Columns: type | ids | source | parameters | their source | h where the head is stored | fields. */
function rowOf(line: string): CatalogModel {
  const [type = '', ids = '', source = '', count = '', counted = '', head = '', fields = ''] =
    line.split('|');
  const config: Record<string, unknown> = { model_type: type };
  for (const field of fields.split(' ')) {
    const at = field.indexOf('=');
    if (at > 0) config[field.slice(0, at)] = JSON.parse(field.slice(at + 1));
  }
  const parameters_source = sourceAt(counted);
  return {
    ids: ids.split(' '),
    config,
    source: sourceAt(source) ?? 'assumed',
    ...(count !== '' && { parameters: Number(count) }),
    ...(parameters_source !== undefined && { parameters_source }),
    ...(head === 'h' && { head_stored: true }),
  };
}

const sourceAt = (index: string): string | undefined =>
  index === '' ? undefined : MODEL_SOURCES[Number(index)];

/** A row found by a name, and how far the name says the same. */
export interface CatalogMatch {
  readonly model: CatalogModel;
  /**
   * `named`: the row has this name. `sibling`: it has the name of the base or of another tuning, which has the same
   * shapes as a rule.
   */
  readonly by: 'named' | 'sibling';
  /**
   * How the weights are stored: what the name says (`…-AWQ`, `…-GPTQ-Int4`, `…-FP8`, `…-bnb-4bit`), else how the model
   * is published, which is recalled.
   */
  readonly stored?: Shipped & { readonly said_by: 'name' | 'recall' };
}

/**
 * A model by its name on the hub, with or without the organisation, in any case: `Qwen/Qwen2.5-7B-Instruct`,
 * `qwen2.5-7b-instruct-awq`, `llama-3.1-8b`. A name without the organisation is the first that has it.
 */
export function findCatalogModel(name: string): CatalogMatch | undefined {
  const { exact, short, stems } = index();
  const { plain, stored } = storageOf(plainName(name));
  const named = exact.get(name.trim().toLowerCase());
  if (named !== undefined)
    return { model: named, by: 'named', ...(stored !== undefined && { stored }) };
  const found = short.get(plain);
  const model = found ?? stems.get(stemOf(plain));
  if (model === undefined) return undefined;
  return {
    model,
    by: found === undefined ? 'sibling' : 'named',
    ...(stored !== undefined && { stored }),
  };
}

/** Ends of names that say how a checkpoint is stored. `int4` and `4bit` alone say the bits, not the method. */
const STORAGE: readonly (readonly [end: RegExp, method: string, bits?: number])[] = [
  [/-gptq(?:-int(\d))?$/, 'gptq', 4],
  [/-awq$/, 'awq', 4],
  [/-fp8(?:-dynamic|-block)?$/, 'fp8', 8],
  [/-(?:unsloth-)?bnb-(\d)bit$/, 'bitsandbytes', 4],
  [/-quantized\.w(\d)a\d+$/, 'compressed-tensors', 8],
  [/-int(\d)$/, 'gptq', 4],
  [/-nvfp4$/, 'nvfp4', 4],
];

/** Ends that say that the weights are whole, or in a file of their own format. */
const WHOLE = /-(?:bf16|fp16|f16|gguf)$/;

function storageOf(name: string): {
  readonly plain: string;
  readonly stored?: CatalogMatch['stored'];
} {
  for (const [end, method, usual = 4] of STORAGE) {
    const match = end.exec(name);
    if (match === null) continue;
    const bits = match[1] === undefined ? usual : Number(match[1]);
    const stored = { method, bits, skipped: [], said_by: 'name' } as const;
    return { plain: name.slice(0, match.index), stored };
  }
  const plain = name.replace(WHOLE, '');
  const shipped = plain === name ? shippedAs(plain) : undefined;
  return { plain, ...(shipped !== undefined && { stored: { ...shipped, said_by: 'recall' } }) };
}

/** Words of a tuning: what is left is the name of the base. Dates like `-2507` are versions of a tuning too. */
const TUNING = /-(?:instruct|chat|it|base|pt|sft|dpo|thinking|\d{4}|v\d(?:\.\d)?)$/;

/** A version without a size before it is a generation with shapes of its own; only what follows its point is not. */
const GENERATION = /^([^\d]+-v\d)(?:\.\d)?$/;

function stemOf(plain: string): string {
  let stem = plain;
  for (let i = 0; i < 4; i++) {
    const generation = GENERATION.exec(stem)?.[1];
    if (generation !== undefined) return generation;
    if (!TUNING.test(stem)) return stem;
    stem = stem.replace(TUNING, '');
  }
  return stem;
}

/** Names that hold every part of this one, for whoever mistyped it. */
export function similarModels(name: string, limit: number = 5): readonly string[] {
  const parts = plainName(name)
    .split(/[-.]/)
    .filter((part) => part !== '');
  return catalogModels()
    .flatMap(({ ids }) => ids)
    .filter((id) => parts.every((part) => plainName(id).includes(part)))
    .slice(0, limit);
}

/** Without the organisation and the words that come and go: `meta-llama/Meta-Llama-3-8B` is `llama-3-8b`. */
function plainName(name: string): string {
  const last = name.trim().toLowerCase().replaceAll('_', '-').split('/').at(-1) ?? '';
  return last.replace(/^meta-/, '').replace(/-hf$/, '');
}

interface Index {
  readonly exact: ReadonlyMap<string, CatalogModel>;
  readonly short: ReadonlyMap<string, CatalogModel>;
  readonly stems: ReadonlyMap<string, CatalogModel>;
}

let built: Index | undefined;

function index(): Index {
  if (built !== undefined) return built;
  const exact = new Map<string, CatalogModel>();
  const short = new Map<string, CatalogModel>();
  const stems = new Map<string, CatalogModel>();
  for (const model of catalogModels()) {
    for (const id of model.ids) {
      exact.set(id.toLowerCase(), model);
      const plain = plainName(id);
      if (!short.has(plain)) short.set(plain, model);
      const stem = stemOf(plain);
      if (!stems.has(stem)) stems.set(stem, model);
    }
  }
  built = { exact, short, stems };
  return built;
}
