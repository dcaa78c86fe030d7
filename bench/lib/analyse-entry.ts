/** What the bench of the analysis needs of the source. */
export { analyse } from '../../src/core/snapshot/analyse.ts';
export { syntheticTraining } from '../../src/core/snapshot/make/synthetic-training.ts';
