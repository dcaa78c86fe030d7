import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import { fittingContext } from '../../diagnosis/fitting.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A shorter context',
    summary: 'The KV cache is proportional to tokens times sequences.',
    how: 'First fewer sequences at once and fewer tokens of one pass, then a smaller greatest length; or keep the cache in 8 bit. When the weights alone leave nothing, it cannot make room.',
    cost: 'Longer prompts are refused; an 8-bit cache costs a little quality.',
    nothing: 'There is no KV cache in this phase.',
  },
  zh: {
    title: '缩短上下文',
    summary: 'KV 缓存与 token 数乘序列数成正比。',
    how: '先减少同时处理的序列和每批 token，再缩短最大长度；或用 8 位缓存。如果仅权重就占满，缩短上下文也腾不出空间。',
    cost: '更长的 prompt 会被拒绝；8 位缓存略损质量。',
    nothing: '这一阶段没有 KV 缓存。',
  },
  ru: {
    title: 'Более короткий контекст',
    summary: 'KV-кэш пропорционален токенам, умноженным на последовательности.',
    how: 'Сначала меньше последовательностей и токенов в батче, потом меньшая предельная длина; или кэш в 8 бит. Если места не оставляют сами веса, это не поможет.',
    cost: 'Длинные промпты отклоняются; 8-битный кэш немного стоит качества.',
    nothing: 'На этом этапе KV-кэша нет.',
  },
} as const;

export const shorterContext: Remedy = {
  id: 'shorter-context',
  code: 'UN313',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  domain: 'inference',
  answers: ['kv-cache'],
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: max_model_len, max_num_seqs'],
  roles: ['inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['kv_cache'] },
  changes: [{ setting: 'context_length', to: 'lower' }],
  told: (c) => {
    const to = fittingContext(c);
    return to === undefined ? undefined : [{ setting: 'context_length', to }];
  },
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    (isShortage(c) || (c.kind === 'host_oom' && c.has('allocating-kv'))) &&
    !mayTrain(c) &&
    !c.has('engine-budget-too-large') &&
    (['generate', 'prefill', 'kv_alloc'].includes(c.phase.value) ||
      c.has('kv-cache') ||
      c.has('allocating-kv') ||
      c.has('sequence-exceeds-kv')),
};
