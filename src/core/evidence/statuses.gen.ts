// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { nvidiaSmiCsv } from './statuses/nvidia-smi-csv.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { nvidiaSmiQuery } from './statuses/nvidia-smi-query.ts';
import { nvidiaSmiTable } from './statuses/nvidia-smi-table.ts';

export const statuses: readonly StatusReader[] = [
  nvidiaSmiCsv,
  nvidiaSmiList,
  nvidiaSmiQuery,
  nvidiaSmiTable,
];
