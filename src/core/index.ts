/** The public face of the library: everything here is API, nothing else is. */
export { formatBytes, GiB, KiB, MiB } from './base/bytes.ts';
export { PHASES, type Phase } from './base/phase.ts';
export { LANGS, type Lang } from './base/texts.ts';
export {
  type DiagnoseOptions,
  diagnose,
  diagnoseText,
  type PricingEngine,
  type SnapshotEngine,
} from './diagnose.ts';
export type { Source } from './evidence/gather.ts';
export type { Recorded, Recordings } from './ledger/recorded.ts';
export { ROLES, type Role } from './remedies/remedy.ts';
export type {
  Diagnosis,
  Estimate,
  Figure,
  Figures,
  Incident,
  LedgerData,
  NoteData,
  PricingData,
  ProblemData,
  StepData,
  Verdict,
} from './report/diagnosis.ts';
export { type Explanation, explain, explainAll, nearIds } from './report/explain.ts';
export { type Guide, type GuideItem, guideFor } from './report/guide.ts';
export { type Palette, PLAIN } from './report/layout.ts';
export { type MarkdownOptions, renderMarkdown } from './report/markdown.ts';
export { Redactor, redact } from './report/redact.ts';
export {
  type ExplanationOptions,
  renderExplanationList,
  renderExplanations,
  renderExplanationsMarkdown,
} from './report/render-explanation.ts';
export { type GuideOptions, renderGuide, renderGuideMarkdown } from './report/render-guide.ts';
export { schemas } from './report/schemas/index.ts';
export { renderText, type TextOptions } from './report/text.ts';
export { SCHEMA_VERSIONS, type SchemaVersion } from './snapshot/write/schema.ts';
