import {
  isAboutStates,
  isFineTuning,
  isLoadingModel,
  trainsAdapters,
  trainsShort,
} from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'LoRA: train adapters beside frozen weights',
    summary:
      'Small matrices are trained beside frozen weights. Gradients and optimizer states exist for them only: with Adam 16 bytes for each of their parameters, none for the rest.',
    how: 'Wrap the model with adapters before the optimizer is made, first on the attention projections only. The learning rate is about ten times that of full fine-tuning.',
    cost: 'Another experiment: what is learnt has low rank.',
    nothing: 'No gradients and states are held in this phase.',
    'when-full': 'against full fine-tuning of Llama-3.2-3B, in two published comparisons',
    'caution-activations':
      'Adapters on all linear layers, in fp32 as PEFT makes them, save more activations than full fine-tuning does: 69 against 44 bytes × tokens × hidden size for each layer of a Llama-like model. With query and value only it is 39.',
    'caution-checkpointing':
      'With activation checkpointing the inputs need gradients (enable_input_require_grads), or none reach the adapters.',
    'caution-weights': 'The weights themselves stay as large as they are; QLoRA shrinks them.',
    'caution-dora': 'DoRA saves several times the activations of LoRA.',
  },
  zh: {
    title: 'LoRA：在冻结的权重旁训练适配器',
    summary:
      '在冻结的权重旁训练小矩阵。只有它们有梯度和优化器状态：使用 Adam 时其每个参数 16 字节，其余部分没有。',
    how: '在创建优化器之前给模型加上适配器，先只加在注意力投影上。学习率约为全量微调的十倍。',
    cost: '这是另一个实验：学到的内容是低秩的。',
    nothing: '这一阶段没有梯度和状态。',
    'when-full': '与全量微调 Llama-3.2-3B 相比，两份公开的对比',
    'caution-activations':
      '在所有线性层上加适配器，并按 PEFT 的默认用 fp32 时，保存的激活值比全量微调还多：类 Llama 模型每层为 69 字节 × token 数 × 隐藏维度，全量微调为 44。只加在 Q 和 V 投影上时为 39。',
    'caution-checkpointing':
      '配合激活重计算时，输入需要梯度（enable_input_require_grads），否则适配器得不到梯度。',
    'caution-weights': '权重本身的大小不变；要缩小它用 QLoRA。',
    'caution-dora': 'DoRA 保存的激活值是 LoRA 的数倍。',
  },
  ru: {
    title: 'LoRA: обучать адаптеры рядом с замороженными весами',
    summary:
      'Рядом с замороженными весами обучаются малые матрицы. Градиенты и состояния есть только у них: с Adam 16 байт на каждый их параметр, на остальные — ничего.',
    how: 'Обернуть модель адаптерами до создания оптимизатора, сначала только на проекциях внимания. Скорость обучения — примерно в десять раз выше, чем при полном дообучении.',
    cost: 'Это другой эксперимент: выученное имеет малый ранг.',
    nothing: 'На этом этапе нет ни градиентов, ни состояний.',
    'when-full': 'в сравнении с полным дообучением Llama-3.2-3B, два опубликованных сравнения',
    'caution-activations':
      'Адаптеры на всех линейных слоях, в fp32, как их создаёт PEFT, хранят больше активаций, чем полное дообучение: 69 байт × токены × размер скрытого слоя на слой модели типа Llama против 44. Только на проекциях Q и V — 39.',
    'caution-checkpointing':
      'С чекпойнтингом активаций входам нужны градиенты (enable_input_require_grads), иначе до адаптеров они не дойдут.',
    'caution-weights': 'Сами веса остаются прежнего размера; их уменьшает QLoRA.',
    'caution-dora': 'DoRA хранит в несколько раз больше активаций, чем LoRA.',
  },
} as const;

export const lora: Remedy = {
  id: 'lora',
  code: 'UN350',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/peft/package_reference/lora'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2106.09685 (LoRA)',
    'measured with saved-tensor hooks, PEFT 0.21, a Llama-like layer in bf16: 44.4 bytes × tokens × hidden size a layer for full fine-tuning; query and value 39.4, all linear layers 68.7, DoRA on all 203.8',
    'PEFT documentation: adapters are cast to fp32 (autocast_adapter_dtype)',
    'PEFT method comparison, Llama-3.2-3B: 2300 → 6770 tokens/s; torchtune README: 6960 → 8210 tokens/s, 17.6 → 8.5 GiB',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['gradients', 'optimizer'] },
  changes: [{ setting: 'adapter', to: 'lora' }],
  shown_by: ['lora'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 18,
      high: 194,
      unit: '%',
      when: 'when-full',
      source: 'torchtune README; PEFT method comparison',
    },
  ],
  cautions: [
    { says: 'caution-activations' },
    { says: 'caution-checkpointing', applies: (c) => c.shows('checkpointing') !== undefined },
    { says: 'caution-weights', applies: isLoadingModel },
    { says: 'caution-dora' },
  ],
  concerns: (c) =>
    trainsShort(c) &&
    isAboutStates(c) &&
    !trainsAdapters(c) &&
    (isFineTuning(c) || c.frameworks.some((name) => ['transformers', 'diffusers'].includes(name))),
};
