/**
 * Popular open models, for plans without the network: the fields of their configs that readers ask for. Each row
 * names the file that was read for it, or is recalled (`assumed`), and the published count of parameters with its own
 * source; a test counts again. scripts/model-tables.py and scripts/model-catalog.mjs write the table.
 */
import { MODEL_SOURCES, MODEL_TABLE } from './models.gen.ts';

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

/**
 * A model by its name on the hub, with or without the organisation, in any case: `Qwen/Qwen2.5-7B-Instruct`,
 * `qwen2.5-7b-instruct`, `llama-3.1-8b`. A name without the organisation is the first that has it.
 */
export function findCatalogModel(name: string): CatalogModel | undefined {
  const { exact, short } = index();
  return exact.get(name.trim().toLowerCase()) ?? short.get(plainName(name));
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
}

let built: Index | undefined;

function index(): Index {
  if (built !== undefined) return built;
  const exact = new Map<string, CatalogModel>();
  const short = new Map<string, CatalogModel>();
  for (const model of catalogModels()) {
    for (const id of model.ids) {
      exact.set(id.toLowerCase(), model);
      if (!short.has(plainName(id))) short.set(plainName(id), model);
    }
  }
  built = { exact, short };
  return built;
}
