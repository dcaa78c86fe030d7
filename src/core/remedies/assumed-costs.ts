/**
 * What measures are taken to cost in time where nobody published a figure that holds beyond one machine: on the dear side,
 * so that a measure without a figure is not preferred to one whose price is known. Assumed, and said so wherever they are
 * printed; a published figure takes their place.
 */
import type { Cost } from './remedy.ts';

const assumed = (low: number, high: number, source: string): Cost => ({
  what: 'time',
  low,
  high,
  unit: 'times',
  source,
  isAssumed: true,
});

type Priced =
  | 'offload-optimizer-states'
  | 'offload-parameters'
  | 'offload-activations'
  | 'split-the-sequence';

export const ASSUMED_COSTS: Readonly<Record<Priced, Cost>> = {
  'offload-optimizer-states': assumed(
    1.2,
    1.5,
    'gradients go down, weights come up and Adam runs on the CPU in each step (arXiv 2101.06840)',
  ),
  'offload-parameters': assumed(
    1.5,
    2,
    'all weights cross the link twice in each micro-batch, and the step is on the CPU (arXiv 2104.07857)',
  ),
  'offload-activations': assumed(
    1.3,
    1.3,
    'with recomputation, whose price is that of activation checkpointing, and copies over the link beside it',
  ),
  'split-the-sequence': assumed(
    1.1,
    1.1,
    'keys and values go round in every layer (arXiv 2310.01889)',
  ),
};
