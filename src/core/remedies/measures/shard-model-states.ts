import { printedValue } from '../../diagnosis/case.ts';
import {
  hasOneMemory,
  hasSeveralDevices,
  isAboutStates,
  isFineTuning,
  isLoadingModel,
  trainsShort,
} from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard weights, gradients and states (FSDP, ZeRO 3)',
    summary:
      'Each rank keeps a part of weights, gradients and optimizer states and gathers the weights of a layer when they are due: 16/N bytes for each parameter on N ranks instead of 16.',
    how: 'Wrap each block of the model and then the whole (FSDP), or choose ZeRO stage 3. It needs several GPUs. Activations are not divided.',
    cost: 'Weights travel twice in every step, once for each pass, besides the gradients; buffers for that lie partly outside PyTorch’s pool.',
    nothing: 'No weights or states are on the card in this phase.',
    'when-traffic': 'against data parallelism',
    'caution-one': 'With a single GPU it divides nothing.',
    'caution-layer':
      'The largest unit that is gathered must fit whole, with its gradients; in small models that is embedding and head. Wrap the blocks, not only the model.',
    'caution-checkpointing':
      'Activation checkpointing belongs into FSDP’s own option; the model’s own switch gathers weights once more in the backward pass.',
    'caution-map': 'device_map="auto" is for inference and must not be set with it.',
    'caution-save':
      'Saving the full state gathers everything on one rank: save shards, or offload while saving.',
  },
  zh: {
    title: '切分权重、梯度和状态（FSDP、ZeRO 3）',
    summary:
      '每个 rank 只保留一部分权重、梯度和优化器状态，需要时才收集某一层的权重：N 个 rank 时每个参数占 16/N 字节，而不是 16。',
    how: '先包装模型的每个块，再包装整个模型（FSDP），或选择 ZeRO 第 3 级。需要多张显卡。激活值不会被切分。',
    cost: '除梯度外，权重每步要传输两次，前向和反向各一次；为此的缓冲区有一部分在 PyTorch 的内存池之外。',
    nothing: '这一阶段卡上没有权重或状态。',
    'when-traffic': '与数据并行相比',
    'caution-one': '只有一张显卡时，什么也切分不了。',
    'caution-layer':
      '收集的最大单元连同其梯度必须能整个放下；小模型中那是嵌入层和输出层。要包装各个块，而不只是整个模型。',
    'caution-checkpointing':
      '激活重计算要用 FSDP 自己的选项；用模型自带的开关，反向传播时会再收集一次权重。',
    'caution-map': 'device_map="auto" 用于推理，不能与它同时设置。',
    'caution-save': '保存完整状态会把一切收集到一个 rank 上：按切分保存，或在保存时卸载到主机。',
  },
  ru: {
    title: 'Шардирование весов, градиентов и состояний (FSDP, ZeRO 3)',
    summary:
      'Каждый ранг хранит часть весов, градиентов и состояний оптимизатора и собирает веса слоя, когда они нужны: на N рангах 16/N байт на параметр вместо 16.',
    how: 'Обернуть каждый блок модели, затем всю модель (FSDP), или выбрать ZeRO стадии 3. Нужно несколько GPU. Активации не делятся.',
    cost: 'Кроме градиентов, за шаг дважды передаются веса — для каждого прохода; буферы для этого частью лежат вне пула PyTorch.',
    nothing: 'На этом этапе на карте нет ни весов, ни состояний.',
    'when-traffic': 'в сравнении с параллелизмом по данным',
    'caution-one': 'На одной GPU делить нечего.',
    'caution-layer':
      'Самый большой собираемый блок должен помещаться целиком, вместе с градиентами; у малых моделей это эмбеддинги и выходной слой. Оборачивать блоки, а не только модель.',
    'caution-checkpointing':
      'Чекпойнтинг активаций включать опцией самого FSDP: переключатель модели заставит собирать веса в обратном проходе ещё раз.',
    'caution-map': 'device_map="auto" — для инференса; вместе с этим его не задавать.',
    'caution-save':
      'Полное состояние при сохранении собирается на одном ранге: сохранять шарды или выгружать на хост при сохранении.',
  },
} as const;

export const shardModelStates: Remedy = {
  id: 'shard-model-states',
  code: 'UN311',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  answers: ['optimizer-states', 'model-does-not-fit'],
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html',
    'https://www.deepspeed.ai/tutorials/zero/',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 1910.02054 (ZeRO): 16/N bytes per parameter, 1.5 times the communication of data parallelism',
    'PyTorch documentation: torch.distributed.fsdp.fully_shard',
    'transformers@4.57.0:src/transformers/training_args.py (gradient checkpointing beside FSDP gathers once more)',
    'accelerate documentation: big model inference',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'sharding', to: 'full' }],
  shown_by: ['zero-3', 'fsdp'],
  commands: [],
  costs: [
    {
      what: 'traffic',
      low: 1.5,
      high: 1.5,
      unit: 'times',
      when: 'when-traffic',
      source: 'arXiv 1910.02054 (ZeRO)',
    },
  ],
  cautions: [
    { says: 'caution-one', applies: (c) => !hasSeveralDevices(c) },
    { says: 'caution-layer' },
    { says: 'caution-checkpointing', applies: (c) => c.shows('checkpointing') !== undefined },
    { says: 'caution-map', applies: (c) => printedValue(c, 'spread') === true },
    { says: 'caution-save' },
  ],
  // A model that is only loaded can be for inference: something has to show that it is trained.
  concerns: (c) =>
    trainsShort(c) &&
    !hasOneMemory(c) &&
    (isAboutStates(c) ||
      (isLoadingModel(c) &&
        (c.situation.workload?.purpose === 'training' ||
          c.situation.environment.distributed ||
          isFineTuning(c)))),
};
