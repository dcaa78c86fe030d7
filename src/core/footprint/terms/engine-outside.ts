import { bytes, type Inputs } from '../inputs.ts';
import type { Term } from '../term.ts';

export const engineOutside: Term = {
  id: 'engine-outside',
  code: 'UN552',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Outside the pool',
      summary:
        "What an engine takes while it starts beside PyTorch's pool and the bare context: kernels that are loaded, and buffers of NCCL and of the custom all-reduce where several ranks work together.",
    },
    zh: {
      title: '内存池之外',
      summary:
        '引擎启动期间在 PyTorch 内存池与空上下文之外占用的显存：加载的 kernel，以及多 rank 时 NCCL 与自定义 all-reduce 的缓冲区。',
    },
    ru: {
      title: 'Вне пула',
      summary:
        'То, что движок при запуске занимает помимо пула PyTorch и пустого контекста: загруженные ядра, а при нескольких рангах — буферы NCCL и собственного all-reduce.',
    },
  },
  sources: [
    'logs of vLLM 0.6-0.11: non_torch_memory; llm-d benchmark notes for H100: 0.13 GiB with one rank, 0.54 with two',
  ],
  category: 'outside',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'engine_outside + engine_collectives × published(ranks)',
  formulaAt: ({ job: { parallel } }) =>
    parallel.tensor * parallel.pipeline === 1
      ? 'engine_outside'
      : 'engine_outside + engine_collectives × published(ranks)',
  inputs: ({ job: { parallel } }, size): Inputs =>
    parallel.tensor * parallel.pipeline === 1 ? { engine_outside: bytes(size) } : {},
  at: ({ engine }) => engine?.get('engine-outside'),
};
