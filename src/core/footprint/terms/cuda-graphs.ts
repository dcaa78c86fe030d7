import { count } from '../inputs.ts';
import type { Term } from '../term.ts';

export const cudaGraphs: Term = {
  id: 'cuda-graphs',
  code: 'UN551',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'CUDA graphs',
      summary:
        'Graphs of decoding steps that an engine captures for many batch sizes. In vLLM before 0.21 they come on top of its share of the card.',
    },
    zh: {
      title: 'CUDA graph',
      summary: '引擎为多种批次大小捕获的解码步骤图。vLLM 0.21 之前，这部分不计入其显存份额。',
    },
    ru: {
      title: 'CUDA-графы',
      summary:
        'Графы шагов декодирования, которые движок записывает для многих размеров пакета. В vLLM до 0.21 они занимают место сверх его доли карты.',
    },
  },
  sources: [
    'vllm@0.11.0: config (_set_cudagraph_sizes)',
    'sglang@0.5.5: srt/server_args.py',
    'vllm issue 50780: about 24 MiB a captured size',
  ],
  category: 'workspace',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'sizes × engine_graph',
  formulaAt: ({ engine }) =>
    `sizes × ${engine?.get('cuda-graphs')?.factors[0]?.name ?? 'engine_graph'}`,
  inputs: ({ engine }, size) => {
    const [graph] = engine?.get('cuda-graphs')?.factors ?? [];
    return graph === undefined ? {} : { sizes: count(size / graph.mid) };
  },
  at: ({ engine }) => engine?.get('cuda-graphs'),
};
