import type { Term } from '../term.ts';

export const ggmlHost: Term = {
  id: 'ggml-host',
  code: 'UN554',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Host memory',
      summary:
        'What stays in host memory: the table of tokens, the layers that are not on the card with their cache, and the logits that are handed out.',
    },
    zh: {
      title: '主机内存',
      summary: '留在主机内存的部分：词嵌入表、不在显卡上的层及其缓存，以及输出的 logits。',
    },
    ru: {
      title: 'Память хоста',
      summary:
        'То, что остаётся в памяти хоста: таблица токенов, слои вне карты с их кэшем и выдаваемые логиты.',
    },
  },
  sources: [
    'llama-cpp-python@0.3.36: vendor/llama.cpp/src/llama-model.cpp, llama-context.cpp (output_reserve)',
  ],
  category: 'weights',
  pool: 'host',
  basis: 'modelled',
  formula: 'table + host_layers + host_cache + 4 × sequences × vocabulary',
  at: ({ engine }) => engine?.get('ggml-host'),
};
