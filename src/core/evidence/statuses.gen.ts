// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { amdSmi } from './statuses/amd-smi.ts';
import { amdSmiCsv } from './statuses/amd-smi-csv.ts';
import { amdSmiJson } from './statuses/amd-smi-json.ts';
import { cnmon } from './statuses/cnmon.ts';
import { gpustat } from './statuses/gpustat.ts';
import { hlSmi } from './statuses/hl-smi.ts';
import { hostMemory } from './statuses/host-memory.ts';
import { ioreg } from './statuses/ioreg.ts';
import { mthreadsGmi } from './statuses/mthreads-gmi.ts';
import { neuron } from './statuses/neuron.ts';
import { npuSmi } from './statuses/npu-smi.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { nvitop } from './statuses/nvitop.ts';
import { nvtop } from './statuses/nvtop.ts';
import { rocmSmi } from './statuses/rocm-smi.ts';
import { rocmSmiCsv } from './statuses/rocm-smi-csv.ts';
import { rocmSmiJson } from './statuses/rocm-smi-json.ts';
import { tegrastats } from './statuses/tegrastats.ts';
import { tpuInfo } from './statuses/tpu-info.ts';
import { xpuSmi } from './statuses/xpu-smi.ts';
import { xpuSmiJson } from './statuses/xpu-smi-json.ts';

export const statuses: readonly StatusReader[] = [
  amdSmi,
  amdSmiCsv,
  amdSmiJson,
  cnmon,
  gpustat,
  hlSmi,
  hostMemory,
  ioreg,
  mthreadsGmi,
  neuron,
  npuSmi,
  nvidiaSmiList,
  nvitop,
  nvtop,
  rocmSmi,
  rocmSmiCsv,
  rocmSmiJson,
  tegrastats,
  tpuInfo,
  xpuSmi,
  xpuSmiJson,
];
