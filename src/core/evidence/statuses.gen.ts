// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { nvidiaSmiCsv } from './statuses/nvidia-smi-csv.ts';
import { nvidiaSmiDmon } from './statuses/nvidia-smi-dmon.ts';
import { nvidiaSmiError } from './statuses/nvidia-smi-error.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { nvidiaSmiPmon } from './statuses/nvidia-smi-pmon.ts';
import { nvidiaSmiQuery } from './statuses/nvidia-smi-query.ts';
import { nvidiaSmiTable } from './statuses/nvidia-smi-table.ts';
import { nvidiaSmiXml } from './statuses/nvidia-smi-xml.ts';

export const statuses: readonly StatusReader[] = [
  nvidiaSmiCsv,
  nvidiaSmiDmon,
  nvidiaSmiError,
  nvidiaSmiList,
  nvidiaSmiPmon,
  nvidiaSmiQuery,
  nvidiaSmiTable,
  nvidiaSmiXml,
];
