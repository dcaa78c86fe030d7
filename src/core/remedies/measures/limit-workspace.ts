import { share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Limit the workspace of libraries and builders',
    summary:
      'Builders and convolution libraries try kernels with large scratch memory; a limit makes them take others.',
    how: 'Set the builder’s workspace below the card’s size; turn exhaustive search of convolution kernels off; CUBLAS_WORKSPACE_CONFIG for cuBLAS.',
    cost: 'The fastest kernel may be out of reach.',
    nothing: 'No library’s or builder’s scratch is shown.',
  },
  zh: {
    title: '限制库和构建器的工作区',
    summary: '构建器和卷积库会尝试占用大量暂存的 kernel；设上限后会改用其他 kernel。',
    how: '把构建器的工作区设得小于显存；关闭卷积 kernel 的穷举搜索；cuBLAS 用 CUBLAS_WORKSPACE_CONFIG。',
    cost: '可能用不上最快的 kernel。',
    nothing: '没有出现库或构建器的暂存占用。',
  },
  ru: {
    title: 'Ограничить рабочую область библиотек и сборщиков',
    summary:
      'Сборщики и свёрточные библиотеки пробуют ядра с большой рабочей памятью; предел заставляет брать другие.',
    how: 'Задать рабочую область сборщика меньше карты; выключить полный перебор ядер свёртки; для cuBLAS — CUBLAS_WORKSPACE_CONFIG.',
    cost: 'Самое быстрое ядро может оказаться недоступно.',
    nothing: 'Рабочей памяти библиотеки или сборщика не видно.',
  },
} as const;

export const limitWorkspace: Remedy = {
  id: 'limit-workspace',
  code: 'UN370',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['TensorRT: IBuilderConfig::setMemoryPoolLimit', 'marcoslucianops/DeepStream-Yolo#366'],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'workspace', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    (c.has('tactic-scratch') ||
      c.format === 'tensorrt' ||
      (c.format === 'onnxruntime' && c.phase.value !== 'load') ||
      (c.shows('convolution') !== undefined &&
        share(c.amounts.live, c.amounts.total) < 0.2 &&
        c.amounts.live !== undefined)),
};
