/** Optimizer states are created by the first step and stay: the second forward has less room than the first. */
import { say } from '../../base/texts.ts';
import { type Case, hadRoom, heldBy, isCapped, STATES, share, shareOfLive } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

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
    'set-up': 'The optimizer was set up shortly before: {place}.',
    share: 'Live tensors take {share} % of the card and the graph is no longer among them.',
    held: 'Weights, gradients and optimizer states hold {states}.',
    arithmetic:
      'Together with the {requested} that was asked for that is more than the {room} that this process could have had.',
    copy: 'What was asked for is the copy in fp32 of the {parameters} parameters that this rank keeps states for: {place}.',
    untold:
      'Only {share} % of the live tensors are known to be that; most of them no rule tells apart.',
    less: 'That is only {share} % of what the live tensors hold.',
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
    'set-up': '不久之前刚创建了优化器：{place}。',
    share: '活动张量占显存的 {share} %，其中已不含计算图。',
    held: '权重、梯度和优化器状态占 {states}。',
    arithmetic: '加上申请的 {requested}，超过了本进程最多能得到的 {room}。',
    copy: '申请的正是本 rank 所管 {parameters} 个参数的 fp32 副本：{place}。',
    untold: '活动张量中只有 {share} % 已知属于这些；其余大多没有规则能区分。',
    less: '这只占活动张量的 {share} %。',
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
    'set-up': 'Незадолго до этого создавался оптимизатор: {place}.',
    share: 'Живые тензоры занимают {share} % карты, и графа среди них уже нет.',
    held: 'Веса, градиенты и состояния оптимизатора занимают {states}.',
    arithmetic:
      'Вместе с запрошенными {requested} это больше, чем {room}, доступных этому процессу.',
    copy: 'Запрошена копия в fp32 тех параметров ({parameters}), состояния которых хранит этот ранг: {place}.',
    untold:
      'Точно это лишь {share} % живых тензоров; большинство прочих ни одно правило не различает.',
    less: 'Это лишь {share} % того, что занимают живые тензоры.',
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
    if (value === 'optimizer' && c.isExact) return ofLedger(c);
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
    const copy = ofPartition(c);
    if (copy !== undefined) return copy;
    // The last that it told of was the set-up of the optimizer, and no step was run.
    const setUp = c.shows('optimizer-set-up');
    if (value === 'unknown' && turn === undefined && c.step === undefined && setUp !== undefined) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'set-up', { place: placeText(setUp) })],
        against: [],
        weight: 7,
      };
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

/** In the optimizer step, with what the tensors are for known. */
function ofLedger(c: Case): Assessment | undefined {
  const states = heldBy(c, ...STATES);
  const { requested, room } = c.amounts;
  if (states === undefined) return undefined;
  const because = [say(TEXTS, 'phase')];
  if (states.mid > 0) because.push(say(TEXTS, 'held', { states }));
  const isBeyond =
    requested !== undefined && room !== undefined && states.low + requested.low > room.high;
  if (isBeyond) because.push(say(TEXTS, 'arithmetic', { requested, room }));
  const of = shareOfLive(c, ...STATES);
  // Backward has freed all else: what no rule tells apart can be states, and temporaries are the step's own.
  const mayBe = shareOfLive(c, ...STATES, 'tensors', 'temporaries');
  const isMost = mayBe >= 0.5;
  const key = isMost ? 'untold' : 'less';
  return {
    strength: isBeyond ? 'proven' : isMost ? 'likely' : 'possible',
    because,
    against: of >= 0.5 ? [] : [say(TEXTS, key, { share: Math.round(of * 100) })],
    weight: isMost ? 9 : 3,
  };
}

/** ZeRO prints how many parameters a rank keeps; a request of four bytes each is the copy that it steps on. */
function ofPartition(c: Case): Assessment | undefined {
  const place = c.shows('partition-sizes');
  const { requested } = c.amounts;
  if (place === undefined || !('text' in place) || requested === undefined) return undefined;
  const count = Number(/sizes\[\((\d{6,13}),/.exec(place.text)?.[1] ?? 0);
  const bytes = 4 * count;
  if (count === 0 || bytes < 0.99 * requested.low || bytes > 1.01 * requested.high)
    return undefined;
  const parameters = count.toLocaleString('en');
  const because = [say(TEXTS, 'copy', { parameters, place: placeText(place) })];
  return { strength: 'likely', because, against: [], weight: 10 };
}
