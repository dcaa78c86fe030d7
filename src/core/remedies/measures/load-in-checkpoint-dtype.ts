import { isBefore } from '../../base/unit.ts';
import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import { isAboutStates, isLoadingModel } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Load the weights in the checkpoint’s own format',
    summary:
      'A checkpoint in 16 bit that is loaded without a word about its format can come up in fp32: twice the memory, and in training twice the gradients and states too.',
    how: 'Print the format of a parameter after loading. Where it is fp32, name the format in the call that loads the model, or ask for that of the checkpoint.',
    cost: 'None for inference: the checkpoint holds no more bits. In training the weights are no longer in fp32.',
    nothing: 'No weights are held in this phase.',
    'caution-training':
      'In training this leaves out the fp32 weights that small updates need; see the measure pure-bf16.',
    'caution-fp16':
      'A checkpoint in fp16 can be trained under autocast only with fp32 weights; load it in bf16 where the card has that.',
  },
  zh: {
    title: '按检查点自身的格式加载权重',
    summary:
      '16 位的检查点在加载时若未指明格式，可能变成 fp32：占用翻倍；训练时梯度和状态也随之翻倍。',
    how: '加载后打印一个参数的格式。若为 fp32，就在加载模型的调用中写明格式，或要求使用检查点的格式。',
    cost: '推理没有代价：检查点里没有更多的位。训练时权重将不再是 fp32。',
    nothing: '这一阶段没有权重。',
    'caution-training': '训练时，小的更新所需要的 fp32 权重就没有了；见措施 pure-bf16。',
    'caution-fp16':
      'fp16 的检查点要在 autocast 下训练，权重必须是 fp32；显卡支持 bf16 时以 bf16 加载。',
  },
  ru: {
    title: 'Загрузить веса в формате чекпойнта',
    summary:
      '16-битный чекпойнт, загруженный без указания формата, может оказаться в fp32: вдвое больше памяти, а при обучении вдвое больше и градиенты с состояниями.',
    how: 'После загрузки напечатать формат какого-нибудь параметра. Если это fp32 — указать формат в вызове загрузки или запросить формат чекпойнта.',
    cost: 'Для инференса ничего: бит в чекпойнте больше нет. При обучении веса перестают быть в fp32.',
    nothing: 'На этом этапе весов нет.',
    'caution-training':
      'При обучении пропадают веса в fp32, которые нужны малым обновлениям; см. меру pure-bf16.',
    'caution-fp16':
      'Чекпойнт в fp16 под autocast обучают только с весами в fp32; если карта умеет bf16, загружать в bf16.',
  },
} as const;

const LOADERS: readonly string[] = ['transformers', 'trl', 'peft', 'diffusers', 'accelerate'];

/** Loaders that take the checkpoint's format by themselves, by the version that the text shows. */
const asksForItself = (c: Case): boolean => {
  const from = c.versions.get('transformers')?.from;
  return from !== undefined && !isBefore(from, '5') && !c.frameworks.includes('trl');
};

/** The text shows that the weights are in fewer bits already. */
const isInFewBits = (c: Case): boolean =>
  printedValue(c, 'weights_dtype') === 'bf16' ||
  printedValue(c, 'weights_dtype') === 'fp16' ||
  ['4bit', '8bit'].includes(String(printedValue(c, 'quantization'))) ||
  c.shows('four-bit') !== undefined;

export const loadInCheckpointDtype: Remedy = {
  id: 'load-in-checkpoint-dtype',
  code: 'UN340',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states', 'kv-cache'],
  domain: 'any',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/transformers/main_classes/model'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers@4.57.0:src/transformers/modeling_utils.py (fp32 unless torch_dtype or dtype is given)',
    'transformers@5.3.0:src/transformers/modeling_utils.py (dtype defaults to "auto")',
    'diffusers documentation: from_pretrained loads fp32 unless torch_dtype is given',
  ],
  roles: ['quick', 'researcher', 'inference'],
  // The weights hold the same values; what is computed with them rounds in another place.
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],
  commands: ['print(next(model.parameters()).dtype)'],
  costs: [],
  cautions: [
    {
      says: 'caution-training',
      applies: (c) =>
        c.situation.workload?.purpose === 'training' || (mayTrain(c) && isAboutStates(c)),
    },
    { says: 'caution-fp16', applies: (c) => c.situation.workload?.purpose === 'training' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !isInFewBits(c) &&
    (!asksForItself(c) || printedValue(c, 'weights_dtype') === 'fp32') &&
    (c.frameworks.some((name) => LOADERS.includes(name)) || c.modelSize !== undefined) &&
    (isLoadingModel(c) || isAboutStates(c) || c.phase.value === 'generate'),
};
