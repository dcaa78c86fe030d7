/**
 * What the page takes from the report of `unoom snapshot --format json`, with sentences in the page's
 * language. Every slot may be missing: the page then shows what it can count by itself, or nothing.
 */

export interface Report {
  /** Name of the file. */
  readonly source?: { readonly name?: string; readonly is_synthetic?: boolean };
  readonly devices?: readonly ReportDevice[];
}

export interface ReportDevice {
  readonly device?: number;
  /** `{ unknown }` where no steps were found: then nothing can be said of growth. */
  readonly steps?: { readonly unknown?: unknown };
  readonly growth?: readonly ReportGrowth[];
  readonly replay?: {
    readonly allocations?: number;
    readonly address_equal?: number;
    readonly unknown?: unknown;
  };
  readonly what_if?: readonly ReportWhatIf[];
  readonly failure?: { readonly why?: unknown };
}

export interface ReportGrowth {
  readonly line?: unknown;
  readonly bytes_per_step?: unknown;
}

export interface ReportWhatIf {
  readonly settings?: unknown;
  readonly peak_reserved_bytes?: unknown;
  readonly served?: unknown;
  /** It lowers the peak most and fails nothing that was served. */
  readonly is_best?: unknown;
  readonly basis?: unknown;
}
