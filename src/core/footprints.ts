/**
 * The public face of the memory model, apart from `index.ts`: who diagnoses a log does not wait for it.
 * Preview: what runs on which machine is decided by the caller; `unoom plan` will do that.
 */
export { plus, spread } from './base/factor.ts';
export type { Problem } from './base/problem.ts';
export { phrase } from './base/texts.ts';
export {
  type Gpu,
  type GpuMatch,
  gpuNamed,
  gpus,
  type Instance,
  instanceNamed,
  similarGpus,
} from './catalog/gpus.ts';
export { type GgufHeader, type GgufValue, looksLikeGguf, readGguf } from './documents/gguf.ts';
export { type ByteRange, type OnnxGraph, readOnnx } from './documents/onnx.ts';
export {
  readSafetensors,
  readSafetensorsIndex,
  type StoredTensor,
  safetensorsHeaderEnd,
} from './documents/safetensors.ts';
export {
  isPipelineIndex,
  knownPipeline,
  type Pipeline,
  type PipelineFiles,
  readPipeline,
} from './footprint/diffusion/pipeline.ts';
export type { Diffusion } from './footprint/diffusion/use.ts';
export { type Capacity, type Card, type Condition, tightest } from './footprint/engines/engine.ts';
export { mixOf } from './footprint/engines/ggml/types.ts';
export { type Buffers, buffersOf } from './footprint/engines/llama-cpp.ts';
export { sglangDefaults } from './footprint/engines/sglang.ts';
export { isV1, type Usage, vllmDefaults } from './footprint/engines/vllm.ts';
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
  type Stage,
} from './footprint/job.ts';
export { libraryDecides } from './footprint/library.ts';
export { packingOf } from './footprint/packing.ts';
export { placed } from './footprint/placed.ts';
export { type Pool, poolOf } from './footprint/pool.ts';
export { hostBytes, type Prediction, predict, type Role, stagesOf } from './footprint/ranks.ts';
export type { Moment } from './footprint/term.ts';
export type { Network } from './workload/graph/graph.ts';
export type { BackboneOptions } from './workload/graph/nets/backbone.ts';
export { type DetectorOptions, detectorNetwork } from './workload/graph/nets/detector.ts';
export type { Encoder } from './workload/graph/nets/encoder.ts';
export { type SegmenterOptions, segmenterNetwork } from './workload/graph/nets/segmenter.ts';
export { knownNetworks, networkModel, networkNamed } from './workload/graph/networks.ts';
export type { Cards, Machine } from './workload/machine.ts';
export { isMachine, type MachineOptions, readMachine } from './workload/machine-reading.ts';
export { readHost } from './workload/machine-tools.ts';
export { readGgufModel } from './workload/model/gguf.ts';
export type { Model, Weight } from './workload/model/model.ts';
export { type ModelReading, readModelConfig } from './workload/model/read.ts';
export { asGraph, asStored } from './workload/model/stored.ts';
export { parameterCount, weightsOf } from './workload/model/weights.ts';
