// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';

export const statuses: readonly StatusReader[] = [nvidiaSmiList];
