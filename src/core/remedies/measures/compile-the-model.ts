import { type Case, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.compile',
    summary:
      'The compiler fuses element-wise work and recomputes the cheap part of it in the backward pass instead of saving it.',
    how: 'Compile the model, or each of its blocks, and run two steps before judging the peak.',
    cost: 'Minutes of compilation, again for each new shape; compiling has a peak of its own.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'when-language': 'Llama-3.2-3B on an A100, Llama-3-8B on H100s; after compilation',
    'caution-shapes':
      'Batches of many different shapes are compiled again and again: pad to a few lengths or mark dimensions as dynamic.',
    'caution-graphs':
      'Modes that record CUDA graphs (reduce-overhead, max-autotune) hold pools of their own: they can raise the peak.',
  },
  zh: {
    title: 'torch.compile',
    summary: '编译器融合逐元素运算，其中便宜的部分不保存，而在反向传播时重新计算。',
    how: '编译整个模型或逐块编译；跑过两步之后再判断峰值。',
    cost: '编译需要数分钟，每种新形状再来一次；编译本身也有峰值。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'when-language': 'A100 上的 Llama-3.2-3B、H100 上的 Llama-3-8B；编译完成后',
    'caution-shapes': '形状多变的 batch 会反复编译：把长度补齐到少数几档，或把维度标记为动态。',
    'caution-graphs':
      '会录制 CUDA graph 的模式（reduce-overhead、max-autotune）持有自己的内存池，可能提高峰值。',
  },
  ru: {
    title: 'torch.compile',
    summary:
      'Компилятор сливает поэлементные операции, а дешёвую их часть не хранит и пересчитывает в обратном проходе.',
    how: 'Скомпилировать модель или каждый её блок; о пике судить после двух шагов.',
    cost: 'Минуты компиляции, для каждой новой формы заново; у самой компиляции есть свой пик.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'when-language': 'Llama-3.2-3B на A100, Llama-3-8B на H100; после компиляции',
    'caution-shapes':
      'Батчи множества разных форм компилируются снова и снова: дополнять до немногих длин или отметить измерения динамическими.',
    'caution-graphs':
      'Режимы с записью CUDA-графов (reduce-overhead, max-autotune) держат свои пулы и могут поднять пик.',
  },
} as const;

/** Whole recomputation leaves little to save, and convolutions are not what is fused. */
const hasPointwiseWork = (c: Case): boolean =>
  c.shows('checkpointing') === undefined &&
  c.setting('checkpointing')?.value !== true &&
  c.shows('convolution') === undefined;

export const compileTheModel: Remedy = {
  id: 'compile-the-model',
  code: 'UN328',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'recomputation',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '2.0' }],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.compile.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'torchtune README, Llama-3.2-3B on an A100: 60.0 → 51.0 GiB',
    'PyTorch documentation of torch.compile: modes',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'compiled', to: true }],
  shown_by: ['compiled'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 16,
      high: 27,
      unit: '%',
      when: 'when-language',
      source: 'torchtune README (7075 → 8998 tokens/s); torchtitan benchmarks (+16 %)',
    },
  ],
  cautions: [{ says: 'caution-shapes' }, { says: 'caution-graphs' }],
  concerns: (c) =>
    isShortage(c) &&
    c.situation.workload?.purpose === 'training' &&
    c.mayBeTorch &&
    (c.backend === 'cuda' || c.backend === 'hip') &&
    // Its kernels are made by Triton, which Windows has not got by itself.
    c.shows('windows') === undefined &&
    ['forward', 'backward'].includes(c.phase.value) &&
    hasPointwiseWork(c),
};
