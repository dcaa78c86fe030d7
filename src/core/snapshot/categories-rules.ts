/**
 * What tensors are for, and the rules that say so. A rule is data: its category, what it rests on, and
 * the sentence for people. `categories.ts` decides which rule holds for an allocation.
 */
import type { Words } from '../base/texts.ts';

export const CATEGORIES = [
  'unknown',
  'parameters',
  'gradients',
  'optimizer_state',
  'activations',
  'logits',
  'temporaries',
  'inputs',
  'communication',
  'workspace',
  'kv_cache',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const CATEGORY_WORDS: Readonly<Record<Category, Words>> = {
  unknown: { en: 'unknown', zh: '未知', ru: 'неизвестно' },
  parameters: { en: 'parameters', zh: '参数', ru: 'параметры' },
  gradients: { en: 'gradients', zh: '梯度', ru: 'градиенты' },
  optimizer_state: { en: 'optimizer states', zh: '优化器状态', ru: 'состояния оптимизатора' },
  activations: { en: 'activations', zh: '激活值', ru: 'активации' },
  logits: { en: 'logits and loss', zh: 'logits 与损失', ru: 'логиты и функция потерь' },
  temporaries: { en: 'temporaries', zh: '临时张量', ru: 'временные тензоры' },
  inputs: { en: 'inputs', zh: '输入', ru: 'входы' },
  communication: { en: 'communication buffers', zh: '通信缓冲区', ru: 'буферы обмена' },
  workspace: { en: 'library workspaces', zh: '库工作区', ru: 'рабочие области библиотек' },
  kv_cache: { en: 'KV cache', zh: 'KV 缓存', ru: 'KV-кэш' },
};

/**
 * What a rule rests on. `written`: a profiler wrote the category. `frames`: the stack. `lifetime`: only
 * when it came and went, which is weaker. `none`: nothing tells.
 */
export type Basis = 'written' | 'frames' | 'lifetime' | 'none';

export interface Rule {
  readonly id: string;
  readonly category: Category;
  readonly basis: Basis;
}

/** The sentences of the rules; the key is the id. */
export const RULE_TEXTS = {
  en: {
    'written-parameters': 'The profiler wrote that these are parameters.',
    'written-gradients': 'The profiler wrote that these are gradients.',
    'written-optimizer': 'The profiler wrote that these are optimizer states.',
    'written-activations': 'The profiler wrote that these are activations.',
    'written-temporaries': 'The profiler wrote that these are temporaries.',
    'written-inputs': 'The profiler wrote that these are inputs.',
    'workspace-frames': 'Allocated by cuBLAS or cuDNN as its workspace.',
    'workspace-size': 'Exactly 8320 KiB, the workspace that PyTorch gives cuBLAS by default.',
    'kv-cache': 'Allocated by code that keeps keys and values.',
    communication: 'Allocated by collective communication or by its buckets.',
    'optimizer-init': 'Allocated where the optimizer creates its state.',
    'optimizer-kept': 'Allocated in the optimizer step and kept beyond it.',
    'optimizer-freed': 'Allocated in the optimizer step and freed within it.',
    'accumulate-grad': 'Allocated by AccumulateGrad, which makes .grad.',
    'backward-kept': 'Allocated in the backward pass and kept beyond it.',
    'backward-open': 'Allocated long ago in a backward pass that is still under way.',
    'backward-freed': 'Allocated in the backward pass and freed within it.',
    'backward-recent': 'Just allocated in a backward pass that is still under way.',
    'recomputed-freed': 'Allocated in a forward pass that backward runs again, and freed at once.',
    recomputed: 'Allocated in a forward pass that backward runs again (checkpointing).',
    'loss-frames': 'A large tensor of the loss function.',
    'head-frames': 'A large tensor of the output layer.',
    'loss-size': 'As large as the tensors of the loss, and allocated just before them.',
    'forward-freed': 'Allocated in the forward pass and freed a few events later.',
    'forward-saved': 'Allocated in the forward pass and freed by backward: autograd had kept it.',
    forward: 'Allocated in the forward pass and not freed at once.',
    'load-frames': 'Allocated while the model is built, loaded or moved to the GPU, and kept.',
    'load-freed': 'Allocated while the model is built or loaded, and freed again.',
    constructor: 'Allocated in a constructor before the first step, and kept.',
    'data-frames': 'Allocated by code that brings data to the GPU.',
    'loop-input':
      'Allocated in the loop outside of the model, once or twice a step, before its forward pass.',
    'saved-lifetime': 'Freed by the backward pass: autograd had kept it.',
    'short-lived': 'Freed a few events later.',
    'before-parameters':
      'There before the recording and all through it, and one by one as large as the gradients or optimizer states.',
    'before-gradients':
      'There before the recording, as large one by one as the parameters, and backward made no other gradients.',
    'before-optimizer': 'There before the recording, and replaced by the optimizer step.',
    'before-activations': 'There before the recording, and freed by the first backward pass.',
    'step-saved': 'No stack: lives from the rise of a step to its fall.',
    'step-carried': 'No stack: allocated in the fall of a step, freed in the next one.',
    'before-recording': 'Allocated before the recording, so no stack tells.',
    'no-stack': 'Recorded without a stack.',
    'no-rule':
      'Its stack shows no model, optimizer, loss or backward pass, and its life is no sign.',
  },
  zh: {
    'written-parameters': 'profiler 标明这些是参数。',
    'written-gradients': 'profiler 标明这些是梯度。',
    'written-optimizer': 'profiler 标明这些是优化器状态。',
    'written-activations': 'profiler 标明这些是激活值。',
    'written-temporaries': 'profiler 标明这些是临时张量。',
    'written-inputs': 'profiler 标明这些是输入。',
    'workspace-frames': '由 cuBLAS 或 cuDNN 作为工作区分配。',
    'workspace-size': '正好 8320 KiB，即 PyTorch 默认给 cuBLAS 的工作区。',
    'kv-cache': '由保存 K、V 的代码分配。',
    communication: '由集合通信或其 bucket 分配。',
    'optimizer-init': '在优化器创建状态的地方分配。',
    'optimizer-kept': '在优化器更新中分配，更新之后仍保留。',
    'optimizer-freed': '在优化器更新中分配并释放。',
    'accumulate-grad': '由生成 .grad 的 AccumulateGrad 分配。',
    'backward-kept': '在反向传播中分配，之后仍保留。',
    'backward-open': '在仍未结束的反向传播中早已分配。',
    'backward-freed': '在反向传播中分配并释放。',
    'backward-recent': '在仍未结束的反向传播中刚刚分配。',
    'recomputed-freed': '在反向传播重算的前向中分配，随即释放。',
    recomputed: '在反向传播重算的前向中分配（梯度检查点）。',
    'loss-frames': '损失函数的大张量。',
    'head-frames': '输出层的大张量。',
    'loss-size': '与损失函数的张量一样大，且紧挨在其之前分配。',
    'forward-freed': '在前向传播中分配，几个事件后就释放。',
    'forward-saved': '在前向传播中分配，由反向传播释放：autograd 一直保留着它。',
    forward: '在前向传播中分配，没有马上释放。',
    'load-frames': '在构建、加载模型或把模型移到 GPU 时分配，并一直保留。',
    'load-freed': '在构建或加载模型时分配，随后又释放。',
    constructor: '在第一步之前由构造函数分配，并一直保留。',
    'data-frames': '由把数据搬到 GPU 的代码分配。',
    'loop-input': '在循环里、模型之外分配，每步一两次，在前向传播之前。',
    'saved-lifetime': '由反向传播释放：autograd 一直保留着它。',
    'short-lived': '几个事件后就释放。',
    'before-parameters': '记录前后一直存在，且大小与梯度或优化器状态逐一对应。',
    'before-gradients': '记录开始前已存在，大小与参数逐一对应，而反向传播没有生成别的梯度。',
    'before-optimizer': '记录开始前已存在，在优化器更新中被替换。',
    'before-activations': '记录开始前已存在，由第一次反向传播释放。',
    'step-saved': '没有调用栈：从一步的上升段存活到下降段。',
    'step-carried': '没有调用栈：在一步的下降段分配，在下一步释放。',
    'before-recording': '在记录开始前分配，没有调用栈可查。',
    'no-stack': '记录时没有调用栈。',
    'no-rule': '调用栈中看不到模型、优化器、损失或反向传播，生命周期也说明不了什么。',
  },
  ru: {
    'written-parameters': 'Профилировщик записал, что это параметры.',
    'written-gradients': 'Профилировщик записал, что это градиенты.',
    'written-optimizer': 'Профилировщик записал, что это состояния оптимизатора.',
    'written-activations': 'Профилировщик записал, что это активации.',
    'written-temporaries': 'Профилировщик записал, что это временные тензоры.',
    'written-inputs': 'Профилировщик записал, что это входы.',
    'workspace-frames': 'Выделено cuBLAS или cuDNN под рабочую область.',
    'workspace-size': 'Ровно 8320 КиБ: рабочая область, которую PyTorch по умолчанию даёт cuBLAS.',
    'kv-cache': 'Выделено кодом, который хранит ключи и значения.',
    communication: 'Выделено коллективным обменом или под его бакеты.',
    'optimizer-init': 'Выделено там, где оптимизатор создаёт своё состояние.',
    'optimizer-kept': 'Выделено на шаге оптимизатора и осталось после него.',
    'optimizer-freed': 'Выделено на шаге оптимизатора и на нём же освобождено.',
    'accumulate-grad': 'Выделено в AccumulateGrad, который создаёт .grad.',
    'backward-kept': 'Выделено на обратном проходе и осталось после него.',
    'backward-open': 'Давно выделено на обратном проходе, который ещё не закончен.',
    'backward-freed': 'Выделено на обратном проходе и на нём же освобождено.',
    'backward-recent': 'Только что выделено на обратном проходе, который ещё не закончен.',
    'recomputed-freed':
      'Выделено при повторном прямом проходе внутри обратного и сразу освобождено.',
    recomputed: 'Выделено при повторном прямом проходе внутри обратного (checkpointing).',
    'loss-frames': 'Большой тензор функции потерь.',
    'head-frames': 'Большой тензор выходного слоя.',
    'loss-size': 'Того же размера, что тензоры функции потерь, и выделено прямо перед ними.',
    'forward-freed': 'Выделено на прямом проходе и освобождено через несколько событий.',
    'forward-saved': 'Выделено на прямом проходе, освобождено обратным: его хранил autograd.',
    forward: 'Выделено на прямом проходе и освобождено не сразу.',
    'load-frames': 'Выделено при создании, загрузке модели или переносе её на GPU и осталось.',
    'load-freed': 'Выделено при создании или загрузке модели и потом освобождено.',
    constructor: 'Выделено в конструкторе до первого шага и осталось.',
    'data-frames': 'Выделено кодом, который переносит данные на GPU.',
    'loop-input': 'Выделено в цикле вне модели, раз или два за шаг, перед прямым проходом.',
    'saved-lifetime': 'Освобождено обратным проходом: его хранил autograd.',
    'short-lived': 'Освобождено через несколько событий.',
    'before-parameters':
      'Было до записи и до её конца, а по размерам один к одному совпадает с градиентами или состояниями оптимизатора.',
    'before-gradients':
      'Было до начала записи, по размерам один к одному совпадает с параметрами, а других градиентов обратный проход не создал.',
    'before-optimizer': 'Было до начала записи и заменено на шаге оптимизатора.',
    'before-activations': 'Было до начала записи и освобождено первым обратным проходом.',
    'step-saved': 'Без стека: живёт от подъёма шага до его спада.',
    'step-carried': 'Без стека: выделено на спаде шага и освобождено на следующем шаге.',
    'before-recording': 'Выделено до начала записи, поэтому стека нет.',
    'no-stack': 'Записано без стека.',
    'no-rule':
      'В стеке нет ни модели, ни оптимизатора, ни функции потерь, ни обратного прохода, а срок жизни ничего не говорит.',
  },
} as const;

export type RuleId = keyof (typeof RULE_TEXTS)['en'];

const rule = (id: RuleId, category: Category, basis: Basis): Rule & { readonly id: RuleId } => ({
  id,
  category,
  basis,
});

/** All rules. The order is that of `Categories.rule`. */
export const RULES: readonly (Rule & { readonly id: RuleId })[] = [
  rule('no-rule', 'unknown', 'none'),
  rule('no-stack', 'unknown', 'none'),
  rule('before-recording', 'unknown', 'none'),
  rule('written-parameters', 'parameters', 'written'),
  rule('written-gradients', 'gradients', 'written'),
  rule('written-optimizer', 'optimizer_state', 'written'),
  rule('written-activations', 'activations', 'written'),
  rule('written-temporaries', 'temporaries', 'written'),
  rule('written-inputs', 'inputs', 'written'),
  rule('workspace-frames', 'workspace', 'frames'),
  rule('workspace-size', 'workspace', 'lifetime'),
  rule('kv-cache', 'kv_cache', 'frames'),
  rule('communication', 'communication', 'frames'),
  rule('optimizer-init', 'optimizer_state', 'frames'),
  rule('optimizer-kept', 'optimizer_state', 'frames'),
  rule('optimizer-freed', 'temporaries', 'frames'),
  rule('accumulate-grad', 'gradients', 'frames'),
  rule('backward-kept', 'gradients', 'frames'),
  rule('backward-open', 'gradients', 'lifetime'),
  rule('backward-freed', 'temporaries', 'frames'),
  rule('backward-recent', 'temporaries', 'lifetime'),
  rule('recomputed', 'activations', 'frames'),
  rule('recomputed-freed', 'temporaries', 'frames'),
  rule('loss-frames', 'logits', 'frames'),
  rule('head-frames', 'logits', 'frames'),
  rule('loss-size', 'logits', 'lifetime'),
  rule('forward-freed', 'temporaries', 'frames'),
  rule('forward-saved', 'activations', 'frames'),
  rule('forward', 'activations', 'frames'),
  rule('load-frames', 'parameters', 'frames'),
  rule('load-freed', 'temporaries', 'frames'),
  rule('constructor', 'parameters', 'lifetime'),
  rule('data-frames', 'inputs', 'frames'),
  rule('loop-input', 'inputs', 'lifetime'),
  rule('saved-lifetime', 'activations', 'lifetime'),
  rule('short-lived', 'temporaries', 'lifetime'),
  rule('before-parameters', 'parameters', 'lifetime'),
  rule('before-gradients', 'gradients', 'lifetime'),
  rule('before-optimizer', 'optimizer_state', 'lifetime'),
  rule('before-activations', 'activations', 'lifetime'),
  rule('step-saved', 'activations', 'lifetime'),
  rule('step-carried', 'gradients', 'lifetime'),
];
