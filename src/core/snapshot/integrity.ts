/** What must hold in every snapshot; a violation is reported and the rest still analysed. */
import type { Blocks, Device, Segments } from './columns.ts';
import type { Remarks } from './remarks.ts';

export interface State {
  readonly devices: readonly Device[];
  readonly segments: Segments;
  readonly blocks: Blocks;
}

export function checkIntegrity(_state: State, _remarks: Remarks): void {}
