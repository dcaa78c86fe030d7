import type { Term } from '../term.ts';

export const residual: Term = {
  id: 'residual',
  code: 'UN598',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Not in the model',
      summary:
        'What a failure measured beyond the prediction, or below it: no value of any factor accounts for it. It is the same at every moment, since nothing tells where it comes from.',
    },
    zh: {
      title: '模型之外',
      summary:
        '失败时测得的值与预测之差：任何因子取值都无法解释。由于来源不明，各阶段都按同样大小计入。',
    },
    ru: {
      title: 'Вне модели',
      summary:
        'То, что сбой показал сверх прогноза или ниже него: никакое значение факторов этого не объясняет. В каждый момент одинаково, потому что неизвестно, откуда оно.',
    },
  },
  sources: ['docs/pricing.md'],
  category: 'unattributed',
  pool: 'outside-torch',
  basis: 'measured',
  formula: 'measured − predicted',
  // Only what was measured has one: a plan that is anchored to a failure adds it (plan/price.ts).
  at: () => undefined,
};
