// Written by `npm run gen`; edits are lost.
import type { Remedy } from './remedy.ts';
import { attentionSlicing } from './no-remedies/attention-slicing.ts';
import { collectGarbage } from './no-remedies/collect-garbage.ts';
import { cudnnBenchmark } from './no-remedies/cudnn-benchmark.ts';
import { dataAugmentation } from './no-remedies/data-augmentation.ts';
import { deleteTheModel } from './no-remedies/delete-the-model.ts';
import { evalMode } from './no-remedies/eval-mode.ts';
import { higherEngineBudget } from './no-remedies/higher-engine-budget.ts';
import { loaderWorkers } from './no-remedies/loader-workers.ts';
import { moreCardsWithoutSharding } from './no-remedies/more-cards-without-sharding.ts';
import { moreHostMemory } from './no-remedies/more-host-memory.ts';
import { reinstallDrivers } from './no-remedies/reinstall-drivers.ts';
import { resetPeakStats } from './no-remedies/reset-peak-stats.ts';
import { restartTheEnvironment } from './no-remedies/restart-the-environment.ts';
import { watermarkInTheScript } from './no-remedies/watermark-in-the-script.ts';

export const noRemedies: readonly Remedy[] = [
  attentionSlicing,
  collectGarbage,
  cudnnBenchmark,
  dataAugmentation,
  deleteTheModel,
  evalMode,
  higherEngineBudget,
  loaderWorkers,
  moreCardsWithoutSharding,
  moreHostMemory,
  reinstallDrivers,
  resetPeakStats,
  restartTheEnvironment,
  watermarkInTheScript,
];
