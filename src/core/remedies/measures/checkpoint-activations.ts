import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import { isSplatting } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Activation checkpointing',
    summary: 'Keeps the inputs of layers only and recomputes the rest in the backward pass.',
    how: 'Turn it on for the model’s blocks, in the non-reentrant variant. It shrinks what the forward pass saves to one input for each block.',
    cost: 'About 20-40 % slower when every block is recomputed.',
    nothing: 'There are no saved activations in this phase.',
    'no-graph':
      'Evaluation and generation need no saved activations; with gradients off there are none to recompute.',
    model: 'The model itself was being moved; there are no activations yet.',
    'when-full': 'full recomputation',
    'caution-fsdp': 'Under FSDP use its own activation-checkpointing option, not the model’s.',
    'caution-peft':
      'With adapters on frozen weights the inputs need gradients (enable_input_require_grads), or none reach the adapters.',
    'caution-ddp': 'The reentrant variant does not go with DDP’s search for unused parameters.',
    'caution-peak':
      'It touches activations only: where gradients or optimizer states set the peak, the peak stays.',
  },
  zh: {
    title: '激活重计算（checkpointing）',
    summary: '只保存各层的输入，其余在反向传播时重新计算。',
    how: '为模型的各个块启用，使用非重入（non-reentrant）方式。前向传播保存的内容缩减为每块一个输入。',
    cost: '全部重计算时约慢 20-40 %。',
    nothing: '这一阶段没有保存的激活值。',
    'no-graph': '评估和生成不需要保存激活值；关闭梯度后没有可重计算的内容。',
    model: '正在移动的是模型本身，还没有激活值。',
    'when-full': '全部重计算',
    'caution-fsdp': '在 FSDP 下使用它自带的激活重计算选项，而不是模型的。',
    'caution-peft':
      '在冻结权重上训练适配器时，输入需要梯度（enable_input_require_grads），否则适配器得不到梯度。',
    'caution-ddp': '重入（reentrant）方式与 DDP 的未使用参数检测不兼容。',
    'caution-peak': '它只影响激活值：峰值由梯度或优化器状态决定时，峰值不变。',
  },
  ru: {
    title: 'Чекпойнтинг активаций (пересчёт)',
    summary: 'Хранит только входы слоёв, остальное пересчитывает в обратном проходе.',
    how: 'Включить для блоков модели, в нереентерабельном варианте. От сохранённого прямым проходом останется по одному входу на блок.',
    cost: 'При полном пересчёте медленнее примерно на 20-40 %.',
    nothing: 'На этом этапе сохранённых активаций нет.',
    'no-graph':
      'Оценке и генерации сохранённые активации не нужны; при выключенных градиентах пересчитывать нечего.',
    model: 'Переносилась сама модель; активаций ещё нет.',
    'when-full': 'полный пересчёт',
    'caution-fsdp':
      'При FSDP использовать его собственную опцию чекпойнтинга активаций, а не опцию модели.',
    'caution-peft':
      'С адаптерами на замороженных весах входам нужны градиенты (enable_input_require_grads), иначе до адаптеров они не дойдут.',
    'caution-ddp':
      'Реентерабельный вариант не сочетается с поиском неиспользуемых параметров в DDP.',
    'caution-peak':
      'Затрагивает только активации: если пик задают градиенты или состояния оптимизатора, он останется.',
  },
} as const;

export const checkpointActivations: Remedy = {
  id: 'checkpoint-activations',
  code: 'UN305',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'recomputation',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/checkpoint.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.utils.checkpoint',
    'arXiv 1604.06174 (Training Deep Nets with Sublinear Memory Cost)',
    'torchtune README, Llama-3.2-3B on an A100: 42.9 → 24.9 GiB, 9174 → 7210 tokens/s',
    'PEFT documentation: enable_input_require_grads',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'checkpointing', to: true }],
  shown_by: ['checkpointing'],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 20,
      high: 40,
      unit: '%',
      when: 'when-full',
      source: 'transformers documentation (20 %); arXiv 2205.05198 (30-40 %)',
    },
  ],
  cautions: [
    { says: 'caution-fsdp', applies: (c) => c.shows('fsdp') !== undefined },
    { says: 'caution-peft', applies: (c) => c.shows('lora') !== undefined },
    { says: 'caution-ddp', applies: (c) => c.shows('ddp') !== undefined },
    { says: 'caution-peak' },
  ],
  concerns: (c) => isShortage(c) && mayTrain(c) && c.mayBeTorch && !isSplatting(c),
  barred(c): Statement | undefined {
    if (['eval', 'generate', 'prefill'].includes(c.phase.value)) return say(TEXTS, 'no-graph');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
