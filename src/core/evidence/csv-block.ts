/** Comma-separated rows under a line of names, as monitors print them. */
import { phrase } from '../base/texts.ts';
import { cutAt } from './monitor.ts';
import { type Gap, type Passage, rawOf } from './status.ts';

export interface CsvRow {
  /** The field under that name. */
  readonly get: (name: string) => string | undefined;
  readonly line: number;
}

export interface CsvTable {
  readonly rows: readonly CsvRow[];
  readonly line: number;
  readonly last: number;
  readonly gaps: readonly Gap[];
}

const LONGEST = 16_384;
const MOST_ROWS = 20_000;
/** Lines of other programs between two rows. */
const MOST_FOREIGN = 3;

/** Fields of a row; a quoted one may hold commas. */
function fieldsOf(text: string): string[] {
  if (!text.includes('"')) return text.split(',', 512).map((field) => field.trim());
  const fields: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/y;
  while (pattern.lastIndex < text.length && fields.length < 512) {
    const match = pattern.exec(text);
    if (match === null) break;
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return fields;
}

/**
 * Tables whose names `isHeader` knows, with the rows whose first field is like `first`. A row with
 * fewer fields than names is cut.
 */
export function csvTables(
  { lines, goes_on }: Passage,
  isHeader: (names: readonly string[]) => boolean,
  first: RegExp,
): CsvTable[] {
  const tables: CsvTable[] = [];
  let names: string[] = [];
  let columns = new Map<string, number>();
  let open:
    | { rows: CsvRow[]; line: number; last: number; gaps: Gap[]; foreign: number }
    | undefined;
  const end = (): void => {
    if (open !== undefined) tables.push(open);
    open = undefined;
  };
  for (const [index, entry] of lines.entries()) {
    // A row can begin with a time stamp, which is taken off as a log's prefix.
    const fields = [entry.text, rawOf(entry)]
      .filter((text) => text.includes(','))
      .map((text) => fieldsOf(text.slice(0, LONGEST)))
      .find((some) => isHeader(some) || (open !== undefined && first.test(some[0] ?? '')));
    if (fields === undefined) {
      if (open !== undefined && entry.text.trim() !== '' && ++open.foreign > MOST_FOREIGN) end();
      continue;
    }
    if (isHeader(fields)) {
      end();
      names = fields;
      columns = new Map(names.map((name, at) => [name, at]));
      open = { rows: [], line: entry.number, last: entry.number, gaps: [], foreign: 0 };
      continue;
    }
    if (open === undefined) continue;
    open.last = entry.number;
    open.foreign = 0;
    const isLast = index === lines.length - 1;
    const isWhole = fields.length >= names.length;
    if (!isWhole && !(isLast && goes_on))
      open.gaps.push(
        cutAt(
          entry.number,
          phrase(
            { en: 'the row of {name}', zh: '{name} 的行', ru: 'строка {name}' },
            { name: fields[0] ?? '' },
          ),
        ),
      );
    // The last field of a row that is cut may be half of one.
    const kept = isWhole ? fields : fields.slice(0, -1);
    const at = columns;
    if (open.rows.length < MOST_ROWS)
      open.rows.push({ get: (name) => kept[at.get(name) ?? -1], line: entry.number });
  }
  end();
  return tables;
}

/** The rows of each moment: a new one begins where a key comes again. */
export function samplesOf(
  rows: readonly CsvRow[],
  keyOf: (row: CsvRow) => string | undefined,
): CsvRow[][] {
  const samples: CsvRow[][] = [];
  let seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    const sample = samples.at(-1);
    if (sample === undefined || (key !== undefined && seen.has(key))) {
      samples.push([row]);
      seen = new Set();
    } else sample.push(row);
    if (key !== undefined) seen.add(key);
  }
  return samples;
}
