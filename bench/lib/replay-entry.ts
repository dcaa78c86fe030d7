/** What the bench of the replay needs of the source. */
export { runModelled, runRecorded } from '../../src/core/allocator/run.ts';
export { readSnapshot } from '../../src/core/snapshot/reader.ts';
export { prepareReplay } from '../../src/core/snapshot/replay.ts';
export { segmentsOf } from '../../src/core/snapshot/start.ts';
export { whatIfOf } from '../../src/core/snapshot/what-if.ts';
export { syntheticSnapshot } from '../../test/allocator/synthetic.ts';
