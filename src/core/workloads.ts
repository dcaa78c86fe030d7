/**
 * The public face of reading workloads, apart from `footprints.ts`: parsers of YAML and TOML are loaded when
 * a file of a run is given, and not before.
 */
export type { MachineHints, Source } from './workload/reading/gathering.ts';
export {
  type Architecture,
  readWorkload,
  type WorkloadOptions,
  type WorkloadReading,
} from './workload/reading/read-workload.ts';
export type { Overridden } from './workload/reading/settle.ts';
export { withDefaults } from './workload/reading/with-defaults.ts';
export type { Purpose, Stated, Unread, Workload } from './workload/workload.ts';
