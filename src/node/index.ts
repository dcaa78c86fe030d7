/** What needs Node: files, processes, this machine. Everything of the core is here too. */
export * from '../core/index.ts';
export { type Check, type Doctor, examine } from './doctor.ts';
export type { HubOptions } from './hub.ts';
export type { ModelFiles, ModelFilesReading, StoredWeights } from './model-files.ts';
export { cachedModel, fetchModel, readModelPath } from './models.ts';
export { type SnapshotPageOptions, snapshotPage } from './snapshot-page.ts';
export { type Opened, type OpenOptions, openSources } from './sources.ts';
