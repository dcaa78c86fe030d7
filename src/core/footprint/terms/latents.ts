import type { Term } from '../term.ts';

export const latents: Term = {
  id: 'latents',
  code: 'UN591',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Latents and embeddings',
      summary:
        'What a pipeline holds between its passes: the latents of a step and of the next, the embeddings of prompts.',
    },
    zh: {
      title: '潜变量与嵌入',
      summary: '流水线在各次前向之间持有的内容：当前步和下一步的潜变量，提示词的嵌入。',
    },
    ru: {
      title: 'Латенты и эмбеддинги',
      summary:
        'То, что конвейер держит между проходами: латенты шага и следующего за ним, эмбеддинги промптов.',
    },
  },
  sources: ['diffusers@0.42.1: pipelines, __call__'],
  category: 'inputs',
  pool: 'torch',
  basis: 'modelled',
  formula: '(3 × latents + texts) × width',
  at: ({ engine }) => engine?.get('latents'),
};
