/** transformers and accelerate plan where modules go before they load; a plan that needs the CPU is refused. */
import type { Reader, Reading } from '../reader.ts';

export const modelDispatch: Reader = {
  id: 'model-dispatch',
  code: 'UN491',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Model does not fit its device map',
      summary:
        'transformers or accelerate planned the model over GPU, CPU and disk, and the quantiser or the loader refuses that: the weights do not fit on the GPU.',
    },
    zh: {
      title: '模型按 device_map 放不下',
      summary:
        'transformers 或 accelerate 把模型规划到 GPU、CPU 和磁盘，而量化器或加载器不接受：GPU 显存放不下权重。',
    },
    ru: {
      title: 'Модель не укладывается в device_map',
      summary:
        'transformers или accelerate распределили модель по GPU, CPU и диску, а код квантования или загрузчик это отвергает: веса не помещаются в память GPU.',
    },
  },
  sources: [
    'transformers@v4.44.0:src/transformers/quantizers/quantizer_bnb_4bit.py',
    'accelerate@v0.33.0:src/accelerate/utils/bnb.py',
    'accelerate@v0.33.0:src/accelerate/big_modeling.py',
  ],
  needles: [
    'are dispatched on the',
    'weights offloaded to',
    'device_map` had weights',
    'offload_dir` to',
  ],
  anchor:
    /Somemodulesaredispatchedonthe(?:CPU|disk)|current`device_map`hadweightsoffloadedtothedisk|Weneedan`offload_dir`todispatchthismodel/gi,
  read(message): Reading {
    return {
      kind: 'gpu_oom',
      framework: /accelerate|offload_dir/i.test(message.match[0]) ? 'accelerate' : 'transformers',
      backend: 'cuda',
      facts: message.facts,
      clues: ['allocating-weights'],
      phase: 'load',
      end: message.end,
    };
  },
};
