import { type Statement, say } from '../../base/texts.ts';
import { type Case, isSharded, isShortage, printedValue } from '../../diagnosis/case.ts';
import { isLoadingModel } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Spread the layers over several GPUs (device_map)',
    summary:
      'For inference the layers of one model are placed on several GPUs, and one works after the other. What still does not fit can go to the host.',
    how: 'Load the model with an automatic device map and make the GPUs visible. Set the most that each may take, and leave room on the first for inputs and logits.',
    cost: 'The GPUs work in turn, so it is no faster than one. What is placed on the host is slow.',
    nothing: 'No weights are held in this phase.',
    training:
      'Under DDP, FSDP or DeepSpeed each process has its own GPU: an automatic device map takes the others’ as well. It is for inference.',
    'caution-prompt':
      'The working memory of a long prompt is needed on every GPU that holds layers, not once.',
    'caution-one': 'With one GPU the rest goes to the host or to disk.',
    'caution-offload':
      'Do not call .to() on a model that is spread: it would be gathered on one GPU.',
  },
  zh: {
    title: '把各层分到多张显卡上（device_map）',
    summary: '推理时，一个模型的各层放在多张显卡上，依次工作。仍放不下的部分可以放到主机上。',
    how: '用自动的 device_map 加载模型，并让各张显卡可见。设定每张卡最多用多少，在第一张卡上为输入和 logits 留出空间。',
    cost: '显卡轮流工作，所以不比一张卡快。放在主机上的部分很慢。',
    nothing: '这一阶段没有权重。',
    training:
      '在 DDP、FSDP 或 DeepSpeed 下，每个进程有自己的显卡：自动的 device_map 会把别人的也占用。它用于推理。',
    'caution-prompt': '长提示所需的工作显存，在每张放有层的显卡上都要有一份，而不是只有一份。',
    'caution-one': '只有一张显卡时，其余部分会放到主机或磁盘上。',
    'caution-offload': '不要对已分散放置的模型调用 .to()：那会把它集中到一张显卡上。',
  },
  ru: {
    title: 'Разложить слои по нескольким GPU (device_map)',
    summary:
      'При инференсе слои одной модели лежат на нескольких GPU и работают по очереди. Что не поместилось, может лежать на хосте.',
    how: 'Загрузить модель с автоматической картой устройств, сделав GPU видимыми. Задать предел для каждой и оставить на первой место для входов и логитов.',
    cost: 'GPU работают по очереди, поэтому не быстрее одной. Что лежит на хосте, работает медленно.',
    nothing: 'На этом этапе весов нет.',
    training:
      'При DDP, FSDP или DeepSpeed у каждого процесса своя GPU: автоматическая карта устройств займёт и чужие. Она для инференса.',
    'caution-prompt':
      'Рабочая память длинного промпта нужна на каждой GPU со слоями, а не один раз.',
    'caution-one': 'Если GPU одна, остальное уйдёт на хост или на диск.',
    'caution-offload': 'Не вызывать .to() для разложенной модели: она соберётся на одной GPU.',
  },
} as const;

/** Each process has a GPU of its own. */
const isParallel = (c: Case): boolean =>
  c.situation.environment.distributed ||
  isSharded(c) ||
  c.shows('ddp') !== undefined ||
  c.shows('data-parallel') !== undefined;

export const spreadOverCards: Remedy = {
  id: 'spread-over-cards',
  code: 'UN344',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'inference',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/accelerate/concept_guides/big_model_inference'],
  shares: [],
  texts: TEXTS,
  sources: [
    'accelerate documentation: big model inference; a device map is not for distributed training',
    'Qwen2.5 speed benchmark, 72B over several A100: the working memory of the prompt is there on each GPU, within 0.1 GiB',
  ],
  roles: ['inference', 'quick'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['weights', 'kv_cache'] },
  changes: [{ setting: 'spread', to: true }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-prompt', applies: (c) => c.phase.value === 'generate' },
    { says: 'caution-one' },
    { says: 'caution-offload', applies: (c) => c.phase.moves_model },
  ],
  // In training it is spoken of only where somebody has set it.
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.frameworks.some((name) => ['transformers', 'accelerate', 'diffusers'].includes(name)) &&
    (isParallel(c) || c.situation.workload?.purpose === 'training'
      ? printedValue(c, 'spread') === true
      : isLoadingModel(c) || c.phase.value === 'generate'),
  barred: (c): Statement | undefined =>
    isParallel(c) || c.situation.workload?.purpose === 'training'
      ? say(TEXTS, 'training')
      : undefined,
};
