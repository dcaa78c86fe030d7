import { isAboutStates, trainsAdapters, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Freeze a part of the model',
    summary:
      'Frozen parameters have no gradients and no optimizer states, and below the first trained layer nothing is saved for the backward pass.',
    how: 'Freeze embedding and lower layers before the optimizer is made, and give it only what is trained.',
    cost: 'Another experiment: the frozen part does not learn.',
    nothing: 'No gradients and states are held in this phase.',
    'caution-bottom':
      'Freeze from the bottom: above the first trained layer activations are saved as before. A trained embedding keeps all of them.',
    'caution-after':
      'States that exist already stay until the optimizer is made anew; set gradients of frozen parameters to None.',
    'caution-fsdp':
      'The older FSDP wants all parameters of one unit frozen or trained alike, or use_orig_params.',
    'caution-norm': 'Batch norms go on updating their statistics unless they are set to eval.',
  },
  zh: {
    title: '冻结模型的一部分',
    summary:
      '冻结的参数没有梯度，也没有优化器状态；在第一个可训练层之下，也不为反向传播保存任何内容。',
    how: '在创建优化器之前冻结嵌入层和较低的层，只把要训练的参数交给优化器。',
    cost: '这是另一个实验：冻结的部分不再学习。',
    nothing: '这一阶段没有梯度和状态。',
    'caution-bottom':
      '从底部开始冻结：第一个可训练层以上，激活值照旧保存。嵌入层若要训练，则全部保留。',
    'caution-after': '已有的状态会留到重新创建优化器为止；把冻结参数的梯度设为 None。',
    'caution-fsdp': '旧版 FSDP 要求同一单元的参数全部冻结或全部训练，或者使用 use_orig_params。',
    'caution-norm': '批归一化层若不设为评估模式，仍会更新统计量。',
  },
  ru: {
    title: 'Заморозить часть модели',
    summary:
      'У замороженных параметров нет ни градиентов, ни состояний оптимизатора, а ниже первого обучаемого слоя для обратного прохода ничего не хранится.',
    how: 'Заморозить эмбеддинги и нижние слои до создания оптимизатора и передать ему только обучаемое.',
    cost: 'Это другой эксперимент: замороженное не учится.',
    nothing: 'На этом этапе нет ни градиентов, ни состояний.',
    'caution-bottom':
      'Замораживать снизу: выше первого обучаемого слоя активации хранятся по-прежнему. Если обучаются эмбеддинги, хранятся все.',
    'caution-after':
      'Уже созданные состояния останутся, пока оптимизатор не создан заново; градиенты замороженных параметров обнулить (None).',
    'caution-fsdp':
      'Старый FSDP требует, чтобы параметры одного блока были все заморожены или все обучались, либо use_orig_params.',
    'caution-norm':
      'Пакетные нормализации продолжают обновлять статистики, если не перевести их в режим оценки.',
  },
} as const;

export const freezeLayers: Remedy = {
  id: 'freeze-layers',
  code: 'UN352',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'activations-too-large'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: autograd mechanics (requires_grad)',
    'measured with saved-tensor hooks, torch 2.14: a frozen linear layer saves its weight, not its input',
    'PyTorch documentation: FullyShardedDataParallel(use_orig_params)',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['gradients', 'optimizer', 'activations'] },
  changes: [{ setting: 'frozen', to: true }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-bottom' },
    { says: 'caution-after' },
    { says: 'caution-fsdp', applies: (c) => c.shows('fsdp') !== undefined },
    { says: 'caution-norm', applies: (c) => c.shows('convolution') !== undefined },
  ],
  concerns: (c) => trainsShort(c) && isAboutStates(c) && !trainsAdapters(c),
};
