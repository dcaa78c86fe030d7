/** More bytes per parameter than 16-bit weights and states explain. */

import { say } from '../../base/texts.ts';
import { isSharded, isShortage, printedValue, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The weights are in fp32',
    summary:
      'Weights that were loaded in fp32 take twice the memory, and so do gradients and optimizer states.',
    headline:
      '{bytes} bytes per parameter: weights, gradients and states are in fp32, not in 16 bit.',
    count:
      '{live} of live tensors for {parameters} parameters ({text}) are {bytes} bytes each; 16-bit weights, gradients and Adam states with the step’s temporaries explain {most}.',
    set: 'The text sets it: {place}.',
    named: 'The number of parameters is taken from the model’s name.',
  },
  zh: {
    title: '权重是 fp32',
    summary: '以 fp32 加载的权重占两倍显存，梯度和优化器状态也一样。',
    headline: '每个参数 {bytes} 字节：权重、梯度和状态是 fp32，而不是 16 位。',
    count:
      '{parameters} 个参数（{text}）对应 {live} 活动张量，每个参数 {bytes} 字节；16 位权重、梯度、Adam 状态及更新时的临时量最多为 {most}。',
    set: '文本中的设置：{place}。',
    named: '参数量取自模型名称。',
  },
  ru: {
    title: 'Веса в fp32',
    summary:
      'Веса, загруженные в fp32, занимают вдвое больше, как и градиенты с состояниями оптимизатора.',
    headline: 'Байт на параметр: {bytes}. Веса, градиенты и состояния в fp32, а не в 16 битах.',
    count:
      'Живых тензоров {live} на {parameters} параметров ({text}) — это {bytes} байт на параметр; 16-битные веса, градиенты, состояния Adam и временное при шаге дают не больше {most}.',
    set: 'В тексте задано: {place}.',
    named: 'Число параметров взято из имени модели.',
  },
} as const;

/** Weights 2, gradients 2, two states 4, temporaries of the foreach step 2. */
const MOST_IN_16_BIT = 10;
/** The same in fp32; above it something else is there. */
const MOST_IN_FP32 = 24;

export const fp32Load: Cause = {
  id: 'fp32-load',
  code: 'UN226',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'training',
  category: 'state',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.4: 2+2+4 bytes per parameter in bf16, +2 in the foreach step; 16 (+4) in fp32',
  ],
  assess(c): Assessment | undefined {
    if (!isShortage(c) || isSharded(c)) return undefined;
    const { live } = c.amounts;
    const size = c.modelSize;
    // Only where the graph is gone: elsewhere activations explain any figure.
    if (c.phase.value !== 'optimizer' || live === undefined || size === undefined) return undefined;
    if (size.trained !== undefined && size.trained < 0.9 * size.parameters) return undefined;
    if (printedValue(c, 'weights_dtype') === 'bf16' || share(live, c.amounts.room) < 0.3)
      return undefined;
    const each = live.mid / size.parameters;
    if (each < MOST_IN_16_BIT * (size.by === 'named' ? 1.2 : 1.05) || each > MOST_IN_FP32)
      return undefined;
    return {
      strength: 'likely',
      because: [
        say(TEXTS, 'count', {
          live,
          parameters: size.parameters.toLocaleString('en'),
          text: size.text,
          bytes: each.toFixed(1),
          most: String(MOST_IN_16_BIT),
        }),
      ],
      against: size.by === 'named' ? [say(TEXTS, 'named')] : [],
      weight: 10,
      headline: say(TEXTS, 'headline', { bytes: each.toFixed(1) }),
    };
  },
};
