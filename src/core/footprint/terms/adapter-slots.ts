import type { Term } from '../term.ts';

export const adapterSlots: Term = {
  id: 'adapter-slots',
  code: 'UN550',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Places for adapters',
      summary:
        'Buffers for LoRA adapters that an engine allocates before it knows any: each slot holds two matrices of the largest rank beside every linear layer.',
    },
    zh: {
      title: '适配器槽位',
      summary:
        '引擎在加载任何适配器之前就分配的 LoRA 缓冲区：每个槽位在每个线性层旁保留两个最大秩的矩阵。',
    },
    ru: {
      title: 'Места под адаптеры',
      summary:
        'Буферы LoRA, которые движок выделяет заранее: в каждом слоте у каждого линейного слоя лежат две матрицы наибольшего ранга.',
    },
  },
  sources: ['vllm@0.11.0: lora/layers.py (create_lora_weights)'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'slots × rank × (inputs + outputs) × width',
  at: ({ engine }) => engine?.get('adapter-slots'),
};
