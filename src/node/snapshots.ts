/** What reading snapshots needs of Node, apart from `index.ts`: it comes without the core that diagnoses. */
export { type SnapshotPageOptions, snapshotPage } from './snapshot-page.ts';
export { type Opened, type OpenOptions, openSources } from './sources.ts';
