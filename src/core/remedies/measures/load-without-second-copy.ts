import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Load without a second copy in RAM',
    summary:
      'The file’s tensors become the model’s; they no longer stand beside it in host memory.',
    how: 'Memory-map the file (mmap=True, or safetensors), build the model on the meta device, and load with assign=True. Current transformers does this by itself; low_cpu_mem_usage needs no setting there. On a node with several ranks let one load and broadcast, or load sharded.',
    cost: 'About none; pages of the file are read when they are needed.',
    nothing: 'Host memory is not short, or nothing is being loaded.',
    'caution-ranks': 'Each rank of a node that loads for itself needs its own copy.',
    'caution-assign':
      'With assign=True the parameters take the file’s data type; create the optimizer afterwards.',
  },
  zh: {
    title: '加载时不在内存中留第二份',
    summary: '文件中的张量直接成为模型的张量，不再与模型同时占用主机内存。',
    how: '对文件做内存映射（mmap=True，或使用 safetensors），在 meta 设备上构建模型，用 assign=True 加载。当前的 transformers 会自动这样做，不必再设 low_cpu_mem_usage。同一节点有多个 rank 时，由一个加载后广播，或分片加载。',
    cost: '几乎没有；文件页在需要时才读取。',
    nothing: '主机内存并不紧张，或没有在加载。',
    'caution-ranks': '同一节点上各自加载的每个 rank 都需要一份副本。',
    'caution-assign': '使用 assign=True 时参数采用文件中的数据类型；优化器要在加载之后创建。',
  },
  ru: {
    title: 'Загружать без второй копии в ОЗУ',
    summary: 'Тензоры из файла становятся тензорами модели и не лежат рядом с ней в памяти хоста.',
    how: 'Отобразить файл в память (mmap=True или safetensors), построить модель на устройстве meta и загрузить с assign=True. Нынешний transformers делает это сам, low_cpu_mem_usage задавать не нужно. Если на узле несколько рангов, загружает один и рассылает остальным, или загружать по частям.',
    cost: 'Почти никакой; страницы файла читаются по мере надобности.',
    nothing: 'Памяти хоста хватает или ничего не загружается.',
    'caution-ranks': 'Каждому рангу узла, который загружает сам, нужна своя копия.',
    'caution-assign':
      'С assign=True параметры получают тип данных из файла; оптимизатор создавать после загрузки.',
  },
} as const;

export const loadWithoutSecondCopy: Remedy = {
  id: 'load-without-second-copy',
  code: 'UN373',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/tutorials/recipes/recipes/module_load_state_dict_tips.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.load (mmap), load_state_dict (assign), meta device',
    'transformers documentation: big models',
  ],
  roles: ['researcher', 'mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    'state = torch.load(path, mmap=True, map_location="cpu", weights_only=True)',
    'with torch.device("meta"): model = Model(config)',
    'model.load_state_dict(state, assign=True)',
  ],
  costs: [],
  cautions: [{ says: 'caution-ranks' }, { says: 'caution-assign' }],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    !c.isEngine &&
    !c.has('shared-memory-segment') &&
    !c.has('pinned-memory') &&
    (c.phase.value === 'load' || c.shows('read-checkpoint') !== undefined),
};
