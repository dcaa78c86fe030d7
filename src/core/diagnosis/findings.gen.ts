// Written by `npm run gen`; edits are lost.
import type { FindingRule } from './finding.ts';
import { nearlyFullCard } from './findings/nearly-full-card.ts';

export const findings: readonly FindingRule[] = [nearlyFullCard];
