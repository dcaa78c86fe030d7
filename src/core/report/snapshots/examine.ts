import { render } from '../../base/render.ts';
import type { Lang, Statement } from '../../base/texts.ts';
import { isUnknown } from '../../base/unknown.ts';
import type { AnalyseOptions } from '../../snapshot/analyse.ts';
import { analyseExactly } from '../../snapshot/analyse-exactly.ts';
import type { Snapshot } from '../../snapshot/columns.ts';
import type { Prepared } from '../../snapshot/replay.ts';
import type { DeviceReport, SourceEntry } from '../../snapshot/report-data.ts';
import { type WhatIfs, whatIfOf } from '../../snapshot/what-if.ts';

/** Statements become sentences; all else stays. */
export type Rendered<T> = T extends Statement
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Rendered<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Rendered<T[Key]> }
      : T;

export interface ReplayData {
  readonly allocations: number;
  /** Allocations that got the recorded address before anything differed. */
  readonly address_equal: number;
  /** The first event that came out otherwise; null when none did. */
  readonly diverged_at: number | null;
  readonly diverged?: string;
  readonly final_blocks_equal: boolean;
  readonly segment_events: number;
  readonly segment_events_equal: number;
  readonly basis: readonly string[];
}

export interface WhatIfData {
  readonly id: string;
  /** What to set, complete; of `as_recorded` what was set. */
  readonly settings: string;
  /** A call that the program has to make besides. */
  readonly call?: string;
  readonly without_empty_cache: boolean;
  readonly peak_reserved_bytes: number;
  readonly final_reserved_bytes: number;
  readonly device_calls: number;
  readonly retries: number;
  /** Whether the requests that failed are served; null when none failed, or it is not known. */
  readonly served: boolean | null;
  /** The event of the first request that fails here although it was served: the row ends there. */
  readonly failed_at: number | null;
  readonly basis: 'replayed' | 'modelled';
  readonly is_best: boolean;
  /** The row that the others are to be compared with. */
  readonly is_reference: boolean;
  readonly why: readonly string[];
  readonly dangers: readonly string[];
}

export interface DeviceData extends Omit<Rendered<DeviceReport>, 'replay' | 'what_if'> {
  readonly replay: ReplayData | { readonly unknown: string };
  readonly what_if: readonly WhatIfData[];
  /** No card on which this trace reserves less could have run it: a lower bound, as a trace ends where it ends. */
  readonly smallest_room: readonly {
    readonly settings: string;
    readonly reserved_bytes: number;
    readonly basis: string;
  }[];
}

export interface SnapshotData {
  readonly schema: 'unoom/snapshot/1';
  readonly lang: Lang;
  readonly source: SourceEntry;
  readonly devices: readonly DeviceData[];
  readonly problems: readonly { code: string; what: string; why: string; do: string }[];
  readonly notes: readonly { code: string; text: string }[];
}

export interface ExamineOptions extends Pick<AnalyseOptions, 'mostOwners' | 'at'> {
  /** What the source is called. */
  readonly source: string;
  readonly lang?: Lang;
  /** Leaves the replays under other settings out. */
  readonly withoutWhatIf?: boolean;
}

/** Everything that can be said of a snapshot. */
export function examineSnapshot(snapshot: Snapshot, options: ExamineOptions): SnapshotData {
  const lang = options.lang ?? 'en';
  const { report, replays: prepared } = analyseExactly(snapshot, {
    source: options.source,
    ...(options.mostOwners === undefined ? {} : { mostOwners: options.mostOwners }),
    ...(options.at === undefined ? {} : { at: options.at }),
  });
  return {
    schema: report.schema,
    lang,
    source: report.source,
    devices: report.devices.map((device): DeviceData => {
      const { replay: _, what_if: __, ...rest } = device;
      const ready = prepared.get(device.device);
      const facts = rendered(rest, lang);
      if (ready === undefined || isUnknown(ready)) {
        const why = ready === undefined ? '' : render(ready.unknown, lang);
        return { ...facts, replay: { unknown: why }, what_if: [], smallest_room: [] };
      }
      return {
        ...facts,
        replay: replayData(ready, lang),
        ...tried(snapshot, ready, options, lang),
      };
    }),
    problems: report.problems.map(({ code, what, why, todo }) => ({
      code,
      what: render(what, lang),
      why: render(why, lang),
      do: render(todo, lang),
    })),
    notes: report.notes.map(({ code, text }) => ({ code, text: render(text, lang) })),
  };
}

function replayData({ replay }: Prepared, lang: Lang): ReplayData {
  return {
    allocations: replay.allocations,
    address_equal: replay.address_equal,
    diverged_at: replay.diverged_at ?? null,
    ...(replay.diverged === undefined ? {} : { diverged: render(replay.diverged, lang) }),
    final_blocks_equal: replay.final_blocks_equal,
    segment_events: replay.segment_events,
    segment_events_equal: replay.segment_events_equal,
    basis: replay.basis.map((statement) => render(statement, lang)),
  };
}

/** The replays under other settings; none where the replay under the recorded ones went astray. */
function tried(
  snapshot: Snapshot,
  prepared: Prepared,
  { withoutWhatIf }: ExamineOptions,
  lang: Lang,
): Pick<DeviceData, 'what_if' | 'smallest_room'> {
  const isTrusted = prepared.replay.diverged_at === undefined;
  if (withoutWhatIf === true || !isTrusted) return { what_if: [], smallest_room: [] };
  const whatIfs: WhatIfs = whatIfOf(snapshot, prepared);
  const settingsOf = (row: number): string => {
    const { conf, call, id } = whatIfs.rows[row] ?? {};
    return conf ?? call ?? id ?? '';
  };
  return {
    what_if: whatIfs.rows.map((row, index) => ({
      id: row.id,
      settings: settingsOf(index),
      ...(row.call === undefined ? {} : { call: row.call }),
      without_empty_cache: row.without_empty_cache,
      peak_reserved_bytes: row.peak_reserved_bytes,
      final_reserved_bytes: row.final_reserved_bytes,
      device_calls: row.device_calls,
      retries: row.retries,
      served: row.served ?? null,
      failed_at: row.failed_at ?? null,
      basis: row.basis,
      is_best: index === whatIfs.best,
      is_reference: index === whatIfs.compared_with,
      why: row.why.map((statement) => render(statement, lang)),
      dangers: row.dangers.map((statement) => render(statement, lang)),
    })),
    smallest_room: whatIfs.smallest.map((one) => ({
      settings: settingsOf(one.row),
      reserved_bytes: one.reserved_bytes,
      basis: render(one.basis, lang),
    })),
  };
}

const isStatement = (value: object): value is Statement =>
  'texts' in value && 'key' in value && 'params' in value;

/** A copy with every statement as a sentence. */
export function rendered<T>(value: T, lang: Lang): Rendered<T> {
  const walk = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (isStatement(one)) return render(one, lang);
    if (Array.isArray(one)) return one.map(walk);
    return Object.fromEntries(Object.entries(one).map(([key, each]) => [key, walk(each)]));
  };
  return walk(value) as Rendered<T>;
}
