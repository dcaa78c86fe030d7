import type { Term } from '../term.ts';

export const ggmlModel: Term = {
  id: 'ggml-model',
  code: 'UN556',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Model buffer',
      summary:
        'Tensors of a GGUF file that lie on the card: the last layers, and the head when all of them do.',
    },
    zh: {
      title: '模型缓冲区',
      summary: 'GGUF 文件中位于显卡上的张量：末尾若干层；全部层都在卡上时还包括输出头。',
    },
    ru: {
      title: 'Буфер модели',
      summary: 'Тензоры файла GGUF на карте: последние слои, а если там все — то и голова.',
    },
  },
  sources: [
    'llama-cpp-python@0.3.36: vendor/llama.cpp/src/llama-quant.cpp, llama-model.cpp, ggml/src/ggml-cuda',
  ],
  category: 'weights',
  pool: 'arena',
  basis: 'modelled',
  formula: 'sum(blocks × block_bytes)',
  at: ({ engine }) => engine?.get('ggml-model'),
};
