import { isAbsurd } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less workspace for libraries and builders',
    summary: 'Caps the scratch memory that a library, a tuner or an engine builder may use.',
    how: 'TensorRT: set the builder’s workspace below what is free; its default is the whole card, and a tactic that does not fit is skipped. cuDNN: no benchmark mode, and the limit that the framework has (ONNX Runtime: cudnn_conv_use_max_workspace, cudnn_conv_algo_search; TensorFlow: TF_CUDNN_WORKSPACE_LIMIT_IN_MB). cuBLAS: CUBLAS_WORKSPACE_CONFIG.',
    cost: 'Slower kernels may be chosen; too small a limit leaves an operation without any.',
    nothing: 'No library takes scratch memory in this phase.',
    'caution-raise': 'A larger workspace, as some messages propose, needs more memory, not less.',
    'caution-cublas':
      'cuBLAS takes its workspace out of PyTorch’s pool: 8 MiB per handle and stream, 32 MiB on newer cards. That is little.',
  },
  zh: {
    title: '限制库和构建器的工作区',
    summary: '限制库、调优器或引擎构建器可用的临时显存。',
    how: 'TensorRT：把构建器的工作区设到空闲显存以下；默认是整张显卡，放不下的 tactic 会被跳过。cuDNN：不开 benchmark 模式，并使用框架自带的上限（ONNX Runtime：cudnn_conv_use_max_workspace、cudnn_conv_algo_search；TensorFlow：TF_CUDNN_WORKSPACE_LIMIT_IN_MB）。cuBLAS：CUBLAS_WORKSPACE_CONFIG。',
    cost: '可能选中较慢的 kernel；上限过小会使某个算子无可用实现。',
    nothing: '这一阶段没有库占用临时显存。',
    'caution-raise': '有些消息建议加大工作区，那需要的显存更多而不是更少。',
    'caution-cublas':
      'cuBLAS 的工作区来自 PyTorch 的内存池：每个 handle 和 stream 8 MiB，新显卡 32 MiB，占用很小。',
  },
  ru: {
    title: 'Меньше рабочей области библиотекам и сборщикам',
    summary: 'Ограничивает временную память библиотеки, автонастройки или сборщика движка.',
    how: 'TensorRT: задать рабочую область сборщика меньше свободной памяти; по умолчанию это вся карта, а тактика, которая не помещается, пропускается. cuDNN: без режима benchmark и с пределом фреймворка (ONNX Runtime: cudnn_conv_use_max_workspace, cudnn_conv_algo_search; TensorFlow: TF_CUDNN_WORKSPACE_LIMIT_IN_MB). cuBLAS: CUBLAS_WORKSPACE_CONFIG.',
    cost: 'Могут быть выбраны ядра помедленнее; при слишком малом пределе у операции не останется ни одного.',
    nothing: 'На этом этапе библиотеки не берут временную память.',
    'caution-raise':
      'Бо́льшая рабочая область, которую советуют некоторые сообщения, требует больше памяти, а не меньше.',
    'caution-cublas':
      'cuBLAS берёт рабочую область из пула PyTorch: 8 МиБ на handle и stream, на новых картах 32 МиБ. Это немного.',
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
  docs: [
    'https://docs.nvidia.com/deeplearning/tensorrt/latest/performance/best-practices.html',
    'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'TensorRT documentation: IBuilderConfig.set_memory_pool_limit',
    'ONNX Runtime documentation: CUDA execution provider',
    'NVIDIA cuBLAS documentation: CUBLAS_WORKSPACE_CONFIG',
  ],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'workspace', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-raise', applies: (c) => c.format.startsWith('tensorrt') },
    { says: 'caution-cublas', applies: (c) => c.frameworks.includes('pytorch') },
  ],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    (((c.format === 'tensorrt' || c.format === 'tensorrt-llm') &&
      (c.phase.value === 'compile' || c.has('tactic-scratch'))) ||
      ((c.has('library-workspace') || c.format === 'onnxruntime') &&
        c.shows('convolution') !== undefined)),
};
