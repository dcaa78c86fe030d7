import { printedValue } from '../../diagnosis/case.ts';
import { isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'An optimizer with smaller states',
    summary:
      'Adam keeps two values for each parameter. Lion and SGD with momentum keep one, plain SGD none, Adafactor rows and columns only; GaLore keeps states of low rank; LOMO uses each gradient at once and keeps neither.',
    how: 'Choose another optimizer and find its learning rate anew: for Lion 3 to 10 times smaller than Adam’s; Adafactor has a schedule of its own.',
    cost: 'Another optimizer: settings that were tuned for Adam do not carry over.',
    nothing: 'No optimizer states are held in this phase.',
    'when-galore': 'GaLore, with a decomposition of the gradients every 200 steps',
    'caution-rate':
      'A learning rate taken over from Adam diverges or stalls: run a short sweep first.',
    'caution-temporaries':
      'Adafactor works in fp32 copies of the largest tensors while it steps; the embedding is usually that.',
    'caution-engine':
      'DeepSpeed admits optimizers that it does not know only when told to, and its fp32 weights stay.',
    'caution-resume': 'A run that is resumed cannot take over Adam’s states.',
  },
  zh: {
    title: '状态更小的优化器',
    summary:
      'Adam 为每个参数保留两个值。Lion 和带动量的 SGD 保留一个，普通 SGD 不保留，Adafactor 只保留行和列；GaLore 保留低秩状态；LOMO 即时使用每个梯度，两者都不保留。',
    how: '换用别的优化器，并重新确定学习率：Lion 为 Adam 的三分之一到十分之一，Adafactor 有自己的调度。',
    cost: '这是另一种优化器：为 Adam 调好的设置不能沿用。',
    nothing: '这一阶段没有优化器状态。',
    'when-galore': 'GaLore，每 200 步对梯度做一次分解',
    'caution-rate': '直接沿用 Adam 的学习率会发散或停滞：先做一次短的扫描。',
    'caution-temporaries': 'Adafactor 更新时会用最大张量的 fp32 副本；那通常是嵌入层。',
    'caution-engine': 'DeepSpeed 只有在明确允许后才接受它不认识的优化器，而且其 fp32 权重仍在。',
    'caution-resume': '恢复的训练无法接用 Adam 的状态。',
  },
  ru: {
    title: 'Оптимизатор с меньшими состояниями',
    summary:
      'Adam хранит два значения на параметр. Lion и SGD с моментом — одно, простой SGD — ни одного, Adafactor — только строки и столбцы; GaLore хранит состояния малого ранга; LOMO использует каждый градиент сразу и не хранит ни того ни другого.',
    how: 'Выбрать другой оптимизатор и подобрать скорость обучения заново: для Lion она в 3–10 раз меньше, чем для Adam, у Adafactor своё расписание.',
    cost: 'Это другой оптимизатор: подобранное для Adam не переносится.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-galore': 'GaLore, с разложением градиентов каждые 200 шагов',
    'caution-rate':
      'Скорость обучения от Adam приводит к расхождению или застою: сначала короткий перебор.',
    'caution-temporaries':
      'Adafactor на шаге использует копии самых больших тензоров в fp32; обычно это эмбеддинги.',
    'caution-engine':
      'DeepSpeed принимает незнакомые ему оптимизаторы только с явным разрешением, и его веса в fp32 остаются.',
    'caution-resume': 'Возобновлённый запуск не сможет взять состояния Adam.',
  },
} as const;

const SMALL: readonly unknown[] = ['adafactor', 'sgd', 'galore', 'lion'];

export const memorySavingOptimizer: Remedy = {
  id: 'memory-saving-optimizer',
  code: 'UN356',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html',
    'https://github.com/jiaweizzhao/GaLore',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'measured with a storage tracker, torch 2.14, in sizes of the parameters: AdamW 2, SGD with momentum 1, SGD 0, Adafactor 0.006',
    'arXiv 1804.04235 (Adafactor); arXiv 2302.06675 (Lion, learning rate 3 to 10 times smaller); arXiv 2306.09782 (LOMO)',
    'arXiv 2403.03507 (GaLore): optimizer states -65.5 %, in 8 bit -82.5 %',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['optimizer', 'gradients'] },
  changes: [{ setting: 'optimizer', to: 'adafactor' }],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 10,
      high: 17,
      unit: '%',
      when: 'when-galore',
      source: 'arXiv 2403.03507 (GaLore)',
    },
  ],
  cautions: [
    { says: 'caution-rate' },
    { says: 'caution-temporaries' },
    { says: 'caution-engine', applies: (c) => c.shows('zero') !== undefined },
    { says: 'caution-resume', applies: (c) => c.shows('load-optimizer-states') !== undefined },
  ],
  concerns: (c) =>
    trainsShort(c) && isAboutStates(c) && !SMALL.includes(printedValue(c, 'optimizer')),
};
