/**
 * The public face of the snapshot engine, apart from `index.ts`: who diagnoses a log does not wait for it
 * to be read.
 */
export { formatBytes, unitBytes } from './base/bytes.ts';
export { LANGS } from './base/texts.ts';
export { renderProblem } from './report/problem-text.ts';
export { Redactor } from './report/redact.ts';
export {
  type PageAssets,
  renderSnapshotPage,
  type SnapshotPage,
} from './report/snapshot-page.ts';
export {
  type DiffOwners,
  renderDiffMarkdown,
  renderDiffText,
  type SnapshotDiffData,
} from './report/snapshots/diff-text.ts';
export {
  type ExamineOptions,
  examineSnapshot,
  type SnapshotData,
} from './report/snapshots/examine.ts';
export { redactSnapshot } from './report/snapshots/redact.ts';
export {
  renderSnapshotMarkdown,
  renderSnapshotText,
  type SnapshotTextOptions,
} from './report/snapshots/text.ts';
export { type AnalyseOptions, analyse, type DeviceAnalysis } from './snapshot/analyse.ts';
export { analyseExactly, type ExactAnalysis } from './snapshot/analyse-exactly.ts';
export { CATEGORIES, type Category } from './snapshot/categories-rules.ts';
export { NONE, type Snapshot } from './snapshot/columns.ts';
export { diffReports, peakGrowth, worstGrowth } from './snapshot/diff.ts';
export { exportCsv } from './snapshot/export/csv.ts';
export { exportTraceEvents, type TraceOptions } from './snapshot/export/trace-events.ts';
export { looksLikeSnapshot } from './snapshot/format.ts';
export { BEFORE } from './snapshot/lifetimes.ts';
export { type Drawn, makeDrawing, renderDrawingProblem } from './snapshot/make/drawing.ts';
export { type SyntheticTraining, syntheticTraining } from './snapshot/make/synthetic-training.ts';
export { type MomentWanted, readMoment } from './snapshot/moment-of.ts';
export { type PackOptions, packForPage, unpackPage } from './snapshot/pack.ts';
export type {
  PageAllocations,
  PageData,
  PageDevice,
  PageOoms,
  PageOwners,
  PagePhases,
  PageSegments,
  PageStages,
} from './snapshot/page-data.ts';
export {
  type ReadOptions,
  type ReadProgress,
  type ReadResult,
  readSnapshot,
  SnapshotReader,
} from './snapshot/reader.ts';
export {
  type RecordedOptions,
  recordingsOf,
  recordSnapshot,
} from './snapshot/recorded-of.ts';
export type { DiffReport, PeakGrowth, SnapshotReport } from './snapshot/report-data.ts';
export type { PickleProtocol } from './snapshot/write/python-pickler.ts';
export { SCHEMA_VERSIONS } from './snapshot/write/schema.ts';
export { type WriteOptions, writeSnapshot } from './snapshot/write/write.ts';
