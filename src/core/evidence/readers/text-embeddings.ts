/** Text Embeddings Inference: the driver's code behind a line of its core, backend or router. */
import type { Reader, Reading } from '../reader.ts';

export const textEmbeddings: Reader = {
  id: 'text-embeddings',
  code: 'UN442',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Text Embeddings Inference',
      summary:
        'TEI could not load or run its model: the driver’s out-of-memory code in a line of text_embeddings_*.',
    },
    zh: {
      title: 'Text Embeddings Inference',
      summary: 'TEI 无法加载或运行模型：text_embeddings_* 的日志行中出现驱动的显存不足错误码。',
    },
    ru: {
      title: 'Text Embeddings Inference',
      summary:
        'TEI не смог загрузить или запустить модель: код драйвера о нехватке памяти в строке text_embeddings_*.',
    },
  },
  sources: ['text-embeddings-inference@v1.7.0:backends/candle/src/lib.rs'],
  needles: ['cuda_error_out_of_memory'],
  anchor:
    /text_embeddings_(?:core|backend\w{0,12}|router)\S{0,200}?CUDA_ERROR_OUT_OF_MEMORY|Modelbackendisnothealthy\S{0,120}?CUDA_ERROR_OUT_OF_MEMORY/gi,
  read(message): Reading {
    const isStart = /nothealthy|Couldnotstart|warm/i.test(message.match[0] + message.before);
    return {
      kind: 'gpu_oom',
      framework: 'text-embeddings-inference',
      backend: 'cuda',
      facts: message.facts,
      clues: [],
      end: message.end,
      ...(isStart && { phase: 'init' }),
    };
  },
};
