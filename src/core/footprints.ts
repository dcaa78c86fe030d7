/**
 * The public face of the memory model, apart from `index.ts`: who diagnoses a log does not wait for it.
 * Preview: what runs on which machine is decided by the caller; `unoom plan` will do that.
 */
export { spread } from './base/factor.ts';
export {
  type Footprint,
  footprintOf,
  type PredictedMoment,
  peakOf,
} from './footprint/footprint.ts';
export {
  type Adapter,
  type Job,
  type OptimizerName,
  type Packing,
  type Parallel,
  PLAIN_JOB,
  type Serving,
} from './footprint/job.ts';
export { type Pool, poolOf } from './footprint/pool.ts';
export { type Prediction, predict, type Role } from './footprint/ranks.ts';
export type { Moment } from './footprint/term.ts';
export type { Cards, Machine } from './workload/machine.ts';
export type { Model, Weight } from './workload/model/model.ts';
export { type ModelReading, readModelConfig } from './workload/model/read.ts';
export { parameterCount, weightsOf } from './workload/model/weights.ts';
