import type { Term } from '../term.ts';

export const ggmlCompute: Term = {
  id: 'ggml-compute',
  code: 'UN553',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Compute buffer',
      summary:
        'Everything between weights and cache that one micro-batch needs: often the logits, without flash attention the scores.',
    },
    zh: {
      title: '计算缓冲区',
      summary:
        '一个微批次所需的中间结果：通常由 logits 决定，未启用 flash attention 时由注意力分数决定。',
    },
    ru: {
      title: 'Вычислительный буфер',
      summary:
        'Всё, что кроме весов и кэша нужно одному микропакету: обычно логиты, а без flash attention — оценки внимания.',
    },
  },
  sources: ['llama-cpp-python@0.3.36: vendor/llama.cpp/ggml/src/ggml-alloc.c, src/llama-graph.cpp'],
  category: 'activations',
  pool: 'arena',
  basis: 'modelled',
  formula: 'max(graph(micro_batch))',
  at: ({ engine }) => engine?.get('ggml-compute'),
};
