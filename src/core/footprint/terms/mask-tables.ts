import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import type { Term } from '../term.ts';

export const maskTables: Term = {
  id: 'mask-tables',
  code: 'UN564',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Mask tables',
      summary:
        'Boolean tables of which position sees which, kept for all positions: a byte for each pair, once or in each layer.',
    },
    zh: {
      title: '掩码表',
      summary: '为所有位置对保存的布尔因果掩码表：每对一个字节，全模型一份或每层一份。',
    },
    ru: {
      title: 'Таблицы масок',
      summary:
        'Булевы таблицы того, какая позиция какую видит, для всех позиций: байт на пару, одна на модель или по одной в слое.',
    },
  },
  sources: [
    'transformers@4.38.2: models/llama/modeling_llama.py (causal_mask), models/gpt2/modeling_gpt2.py (bias)',
  ],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'positions² × tables',
  inputs: ({ job: { maskTables } }, size) => {
    const { positions = 1 } = maskTables ?? {};
    return { positions: count(positions), tables: count(size / positions ** 2) };
  },
  at: ({ job }) => {
    const tables = job.maskTables;
    if (tables === undefined) return undefined;
    const layers = job.model.stacks
      .filter(({ role }) => role === 'decoder')
      .reduce((sum, { pattern }) => sum + pattern.length, 0);
    return constant(tables.positions ** 2 * (tables.perLayer ? layers : 1));
  },
};
