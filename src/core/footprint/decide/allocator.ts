/** How the allocator of PyTorch is set. */
import { MiB } from '../../base/bytes.ts';
import type { Cards } from '../../workload/machine.ts';
import type { Job } from '../job.ts';
import type { Reader } from './reader.ts';

/** Nothing where it is as it comes. */
export function allocatorOf(r: Reader, cards: Cards): Pick<Job, 'allocator'> {
  const expandable = r.is('expandable_segments');
  const maxSplit = r.number('max_split_size');
  const divisions = r.number('roundup_divisions');
  const threshold = r.number('gc_threshold');
  const fraction = r.number('memory_fraction');
  const isPlain = [maxSplit, divisions, threshold, fraction].every((one) => one === undefined);
  if (isPlain && !expandable) return {};
  return {
    allocator: {
      expandable,
      ...(maxSplit === undefined ? {} : { maxSplit: maxSplit * MiB }),
      ...(divisions === undefined ? {} : { divisions }),
      ...(threshold === undefined ? {} : { threshold }),
      ...(fraction === undefined ? {} : { cap: fraction * cards.usable.mid }),
    },
  };
}
