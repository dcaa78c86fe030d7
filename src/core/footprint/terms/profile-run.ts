import type { Term } from '../term.ts';

export const profileRun: Term = {
  id: 'profile-run',
  code: 'UN558',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Profile run',
      summary:
        'What one step of the engine needs at its highest instant: a forward pass over the largest batch, or the sampler over all sequences. Engines measure it once and keep it free.',
    },
    zh: {
      title: '试运行',
      summary:
        '引擎一步在峰值时所需：最大批次的前向，或对全部序列采样。引擎测量一次并为其留出空间。',
    },
    ru: {
      title: 'Пробный прогон',
      summary:
        'То, что нужно одному шагу движка в высшей точке: прямой проход по наибольшему пакету или сэмплер по всем последовательностям. Движок измеряет это один раз и держит свободным.',
    },
  },
  sources: [
    'vllm@0.6.6: worker/worker.py, model_executor/layers/sampler.py',
    'vllm@0.11.0: v1/worker/gpu_model_runner.py (_dummy_sampler_run), v1/sample/ops/topk_topp_sampler.py',
    'torch@2.8: aten/src/ATen/native/cuda/SortStable.cu (segmented_sort_pairs)',
  ],
  category: 'activations',
  pool: 'torch',
  basis: 'modelled',
  formula:
    'max(tokens × width × (3 × inner + 4 × hidden), sequences × vocabulary × logit_bytes + tokens × hidden × width)',
  at: ({ engine }) => engine?.get('profile-run'),
};
