import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { areStatesAway } from '../optimizers.ts';
import { pagesAt } from '../paged.ts';
import type { Term } from '../term.ts';

export const pagedStates: Term = {
  id: 'paged-states',
  code: 'UN593',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Paged optimizer states',
      summary:
        'States of a paged optimizer, in unified memory beside PyTorch’s pool. They are on the card while there is room; a step needs those of one tensor at a time there.',
    },
    zh: {
      title: '分页的优化器状态',
      summary:
        '分页优化器的状态位于统一内存，不在 PyTorch 的显存池中。有空间时留在显卡上；step 时每次只需要一个张量的状态在卡上。',
    },
    ru: {
      title: 'Страничные состояния оптимизатора',
      summary:
        'Состояния страничного оптимизатора — в единой памяти, вне пула PyTorch. Пока есть место, они на карте; шагу там нужны состояния одного тензора за раз.',
    },
  },
  sources: [
    'bitsandbytes@0.50.2: optim/optimizer.py (get_state_buffer, prefetch_state), functional.py (get_paged: cudaMallocManaged)',
  ],
  category: 'optimizer',
  pool: 'outside-torch',
  basis: 'modelled',
  formula: 'states(largest tensor)',
  inputs: (_, size) => ({ 'states(largest tensor)': bytes(size) }),
  at: ({ job, moment }) => {
    const { stay = 0 } = areStatesAway(job) ? {} : (pagesAt(job, moment) ?? {});
    return stay === 0 ? undefined : constant(stay);
  },
};
