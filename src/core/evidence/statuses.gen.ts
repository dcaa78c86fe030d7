// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { batchLimit } from './statuses/batch-limit.ts';
import { collectiveTimeout } from './statuses/collective-timeout.ts';
import { deepspeedLauncher } from './statuses/deepspeed-launcher.ts';
import { dockerContainer } from './statuses/docker-container.ts';
import { elasticErrorFile } from './statuses/elastic-error-file.ts';
import { kernelGpuFault } from './statuses/kernel-gpu-fault.ts';
import { kernelOom } from './statuses/kernel-oom.ts';
import { kubernetesPod } from './statuses/kubernetes-pod.ts';
import { mpiLauncher } from './statuses/mpi-launcher.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { pythonChildren } from './statuses/python-children.ts';
import { rayWorkers } from './statuses/ray-workers.ts';
import { shellExit } from './statuses/shell-exit.ts';
import { slurmJob } from './statuses/slurm-job.ts';
import { systemServices } from './statuses/system-services.ts';
import { torchElastic } from './statuses/torch-elastic.ts';

export const statuses: readonly StatusReader[] = [
  batchLimit,
  collectiveTimeout,
  deepspeedLauncher,
  dockerContainer,
  elasticErrorFile,
  kernelGpuFault,
  kernelOom,
  kubernetesPod,
  mpiLauncher,
  nvidiaSmiList,
  pythonChildren,
  rayWorkers,
  shellExit,
  slurmJob,
  systemServices,
  torchElastic,
];
