/** How terms of engines come to their bytes: formulas with what their symbols are. */
import type { Modelled } from '../../base/factor.ts';
import { bytes, ratio, type Worked } from '../inputs.ts';
import type { Serving } from '../job.ts';
import type { Card } from './engine.ts';

/** The share of the card less what else is in it, in whole pages. */
export const poolWorked = (
  { fraction, kvBytes }: Serving,
  { usable }: Card,
  used: Modelled,
  page: number,
): readonly [string, Worked] => [
  'kv-pool',
  kvBytes === undefined
    ? {
        formula: 'floor((fraction × usable − used) / page) × page',
        inputs: {
          fraction: ratio(fraction),
          usable: bytes(usable),
          used: bytes(used.at(new Map())),
          page: bytes(page),
        },
      }
    : {
        formula: 'floor(cache / page) × page',
        inputs: { cache: bytes(kvBytes), page: bytes(page) },
      },
];

/** The trial run, by what is larger in it. */
export const profileWorked = (forward: number, sampler: number): readonly [string, Worked] => [
  'profile-run',
  {
    formula: 'max(forward(tokens), sampler(sequences)) × engine_step',
    inputs: { 'forward(tokens)': bytes(forward), 'sampler(sequences)': bytes(sampler) },
  },
];
