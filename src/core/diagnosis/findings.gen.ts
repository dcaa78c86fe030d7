// Written by `npm run gen`; edits are lost.
import type { FindingRule } from './finding.ts';
import { allocatorUnderPressure } from './findings/allocator-under-pressure.ts';
import { collectiveTimeout } from './findings/collective-timeout.ts';
import { driverFault } from './findings/driver-fault.ts';
import { driverUnreachable } from './findings/driver-unreachable.ts';
import { hiddenHolder } from './findings/hidden-holder.ts';
import { idleReservation } from './findings/idle-reservation.ts';
import { leftOverProcess } from './findings/left-over-process.ts';
import { memoryGrowth } from './findings/memory-growth.ts';
import { nearlyFullCard } from './findings/nearly-full-card.ts';
import { processHoldsCard } from './findings/process-holds-card.ts';

export const findings: readonly FindingRule[] = [
  allocatorUnderPressure,
  collectiveTimeout,
  driverFault,
  driverUnreachable,
  hiddenHolder,
  idleReservation,
  leftOverProcess,
  memoryGrowth,
  nearlyFullCard,
  processHoldsCard,
];
