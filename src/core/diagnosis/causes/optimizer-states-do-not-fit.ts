/** Optimizer states are created by the first step and stay: the second forward has less room than the first. */
import { say } from '../../base/texts.ts';
import { hadRoom, isCapped, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Optimizer states do not fit',
    summary:
      'Weights, gradients and the optimizer’s states, which appear with the first step, fill the card.',
    headline: 'Weights, gradients and optimizer states fill the card.',
    phase:
      'It failed in the optimizer step, where the graph and its activations are already freed.',
    made: 'The engine was making the optimizer’s states during its set-up.',
    first: 'It was the first step: the states are being created.',
    second: 'It was just after the first step, which is when the states have appeared.',
    share: 'Live tensors take {share} % of the card and the graph is no longer among them.',
    unshown: 'The first step passed without them; the text does not show their size.',
  },
  zh: {
    title: '优化器状态放不下',
    summary: '权重、梯度和随第一步出现的优化器状态占满了显存。',
    headline: '权重、梯度和优化器状态占满了显存。',
    phase: '失败发生在优化器更新时，此时计算图及其激活值已释放。',
    made: '引擎在初始化时正在创建优化器状态。',
    first: '这是第一步：正在创建状态。',
    second: '这是第一步刚结束之后，状态正是此时出现的。',
    share: '活动张量占显存的 {share} %，其中已不含计算图。',
    unshown: '第一步在没有状态时通过了；文本没有显示状态的大小。',
  },
  ru: {
    title: 'Состояния оптимизатора не помещаются',
    summary:
      'Веса, градиенты и состояния оптимизатора, которые появляются с первым шагом, заполняют карту.',
    headline: 'Веса, градиенты и состояния оптимизатора заполняют карту.',
    phase: 'Сбой на шаге оптимизатора, когда граф с активациями уже освобождён.',
    made: 'Движок при подготовке создавал состояния оптимизатора.',
    first: 'Это был первый шаг: состояния только создаются.',
    second: 'Это было сразу после первого шага, когда состояния и появились.',
    share: 'Живые тензоры занимают {share} % карты, и графа среди них уже нет.',
    unshown: 'Первый шаг прошёл без них; их размера в тексте нет.',
  },
} as const;

export const optimizerStatesDoNotFit: Cause = {
  id: 'optimizer-states-do-not-fit',
  code: 'UN203',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  category: 'state',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model: AdamW keeps two states per parameter and a temporary in the foreach step',
  ],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts) || isCapped(c)) return undefined;
    const { value, turn } = c.phase;
    const of = share(c.amounts.live, c.amounts.total);
    if (value === 'optimizer') {
      const because = [say(TEXTS, 'phase')];
      if (turn === 'first') because.push(say(TEXTS, 'first'));
      if (of > 0) because.push(say(TEXTS, 'share', { share: Math.round(of * 100) }));
      // With little of the card in live tensors somebody else holds it.
      const isOwn = of === 0 || of >= 0.5;
      return { strength: isOwn ? 'likely' : 'possible', because, against: [], weight: 9 };
    }
    // DeepSpeed runs a step of the optimizer, or copies the weights to fp32, while it is set up.
    if (value === 'init' && c.shows('optimizer-states') !== undefined) {
      return { strength: 'likely', because: [say(TEXTS, 'made')], against: [], weight: 9 };
    }
    if (value === 'forward' && turn === 'second') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'second')],
        against: [say(TEXTS, 'unshown')],
        weight: 7,
      };
    }
    return undefined;
  },
};
