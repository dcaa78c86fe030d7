/** The work of one step: named no closer than the evidence allows. */

import { GiB } from '../../base/bytes.ts';
import { add, ZERO } from '../../base/interval.ts';
import { PHASES } from '../../base/phase.ts';
import { type Statement, say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import {
  type Case,
  exceedsCard,
  hadRoom,
  heldBy,
  isAbsurd,
  isCapped,
  isOfAllPairs,
  isOfPicturesOrSound,
  isTorch,
  isTorchFrom,
  isWorkUnderWay,
  STATES,
  share,
  WORK,
} from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'The work of one step is too large',
    summary:
      'Activations, logits, attention scores or inputs of one step need more than weights and states leave.',
    headline:
      'One step’s work (activations, inputs, outputs) is larger than the room that is left.',
    phase: 'It failed {phase}, where activations are at their largest.',
    request:
      'The one request of {requested} is {share} % of the card: a single tensor of the step’s work.',
    beyond: 'The one request of {requested} is larger than the whole card ({total}).',
    temporary:
      'Of what the compiled program needs {temporary} is what it holds only while it runs; the card has {total}.',
    padded:
      '{padding} of it is padding: the device lays out a narrow last dimension in full tiles.',
    first: 'Before it the program held only {live}.',
    trial: 'The engine was trying out the largest batch that it may be given: {place}.',
    advised: 'The program itself advises to compute less at once: {place}.',
    open: 'The text does not show the phase.',
    room: '{free} is printed as free, more than was asked for: if it was this, something had been given back by then.',
    split: 'Nothing in the text tells activations from weights and states.',
    held: 'The step’s work (activations, logits, temporaries, inputs) holds {work} of {live} live.',
    states: 'Weights, gradients and optimizer states hold {states}.',
    pieces: 'The {idle} that are idle would be enough; what is missing is one piece.',
  },
  zh: {
    title: '单步计算量过大',
    summary: '一步的激活值、logits、注意力分数或输入，超过了权重和状态之外剩余的空间。',
    headline: '一步的计算（激活值、输入、输出）大于剩余空间。',
    phase: '失败发生在{phase}，此时激活值最大。',
    request: '单次申请 {requested} 占整张卡的 {share} %：是这一步的某个张量。',
    beyond: '单次申请 {requested} 大于整张卡（{total}）。',
    temporary: '编译后的程序所需内存中，{temporary} 只在运行期间占用；整张卡为 {total}。',
    padded: '其中 {padding} 是填充：设备按整块布局，最后一维太窄会被补齐。',
    first: '在此之前程序只占用 {live}。',
    trial: '引擎正在试跑允许的最大 batch：{place}。',
    advised: '程序自己建议一次少算一些：{place}。',
    open: '文本没有显示阶段。',
    room: '打印的空闲有 {free}，多于申请：若是这个原因，说明那时已有显存被释放。',
    split: '文本无法区分激活值与权重、状态。',
    held: '这一步的计算（激活值、logits、临时张量、输入）占活动张量 {live} 中的 {work}。',
    states: '权重、梯度和优化器状态占 {states}。',
    pieces: '空闲的 {idle} 本来足够；缺的是连续的一整块。',
  },
  ru: {
    title: 'Работа одного шага слишком велика',
    summary:
      'Активациям, логитам, оценкам внимания или входам одного шага нужно больше, чем оставляют веса и состояния.',
    headline: 'Работа одного шага (активации, входы, выходы) больше оставшегося места.',
    phase: 'Сбой {phase}, где активации больше всего.',
    request: 'Один запрос ({requested}) — {share} % карты: один тензор работы шага.',
    beyond: 'Один запрос ({requested}) больше всей карты ({total}).',
    temporary:
      'Из того, что нужно скомпилированной программе, {temporary} занято лишь на время работы; у карты {total}.',
    padded:
      'Из них {padding} — заполнение (padding): узкая последняя размерность занимает на устройстве целые тайлы.',
    first: 'До него программа держала лишь {live}.',
    trial: 'Движок пробовал наибольший батч, какой ему могут дать: {place}.',
    advised: 'Программа сама советует считать за раз меньше: {place}.',
    open: 'Этапа в тексте не видно.',
    room: 'Свободно, судя по тексту, {free} — больше запрошенного: если дело в этом, к тому времени что-то уже освободили.',
    split: 'Отличить активации от весов и состояний по тексту нельзя.',
    held: 'Работа шага (активации, логиты, временные тензоры, входы) занимает {work} из {live} живых.',
    states: 'Веса, градиенты и состояния оптимизатора занимают {states}.',
    pieces: 'Простаивающих {idle} хватило бы; не хватает одного куска.',
  },
} as const;

/** Formats of libraries that compute on tables and arrays: a bare message is seldom of one step's work. */
const ON_DATA: readonly string[] = ['rmm', 'cudf', 'cupy', 'julia'];

/**
 * LMDeploy gives most of what is free to its cache; llama.cpp takes weights, cache and scratch before it computes;
 * an engine that wakes up takes back what it had; a miner's table is all it has.
 */
const isSeldomWork = (c: Case): boolean =>
  c.format === 'lmdeploy' ||
  (c.format === 'vllm' && c.shows('engine-wakes') !== undefined) ||
  c.frameworks.includes('ethminer') ||
  (c.format === 'llama-cpp' && !isOfPicturesOrSound(c)) ||
  (ON_DATA.includes(c.format) && !isOfAllPairs(c));

export const activationsTooLarge: Cause = {
  id: 'activations-too-large',
  code: 'UN202',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'any',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: batch, resolution, sequence, attention'],
  assess(c): Assessment | undefined {
    const { requested, total, live } = c.amounts;
    if (c.kind !== 'gpu_oom' || isCapped(c)) return undefined;
    if (hadRoom(c.amounts)) return besideRoom(c);
    if (isAbsurd(c) && !isWorkUnderWay(c)) return undefined;
    // A cache without a free slot asks for no memory.
    if (c.format === 'kv-slots') return undefined;
    // The driver was asked for a whole pool, before any tensor.
    if (c.format === 'tensorflow' && c.wording === 'device') return undefined;
    const { value } = c.phase;
    const temporary = c.format === 'tpu-memory' ? valueIn(c.facts, 'activations') : undefined;
    if (temporary !== undefined && total !== undefined && share(temporary, total) >= 0.5) {
      const padding = valueIn(c.facts, 'padding');
      const isPadded = padding !== undefined && share(padding, temporary) >= 0.5;
      return {
        strength: isPadded ? 'possible' : 'likely',
        because: [
          say(TEXTS, 'temporary', { temporary, total }),
          ...(isPadded ? [say(TEXTS, 'padded', { padding })] : []),
        ],
        against: [],
        weight: 8,
      };
    }
    const trial = c.shows('profile-run');
    if (value === 'kv_alloc' && trial !== undefined) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'trial', { place: placeText(trial) })],
        against: [say(TEXTS, 'split')],
        weight: 7.5,
      };
    }
    // What a loader asks for is weights, however large.
    if (value === 'load' || value === 'init' || value === 'kv_alloc' || c.phase.moves_model)
      return undefined;
    const isWork = [
      'forward',
      'backward',
      'eval',
      'generate',
      'prefill',
      'capture',
      'unknown',
    ].includes(value);
    if (!isWork && !exceedsCard(c.amounts)) return undefined;
    const because = [];
    const against = [];
    if (value === 'unknown') against.push(say(TEXTS, 'open'));
    else if (isWork) because.push(say(TEXTS, 'phase', { phase: PHASES[value] }));
    const of = share(requested, c.amounts.room);
    if (requested !== undefined && total !== undefined && exceedsCard(c.amounts)) {
      because.push(say(TEXTS, 'beyond', { requested, total }));
      // On an empty card it is the first that the program puts there: a model, its data, a wrong size.
      // More than any single card: a size that went wrong is as near, unless the line shows what is so large.
      const isMeant = WORK_OF_ALL.some((sign) => c.shows(sign) !== undefined);
      const isVast = isAbsurd(c) || (requested.low > LARGEST_CARD && !isMeant);
      const isFirst = live !== undefined && share(live, total) < EMPTY;
      if (isFirst) against.push(say(TEXTS, 'first', { live }));
      return { strength: isFirst || isVast ? 'possible' : 'likely', because, against, weight: 7 };
    }
    if (requested !== undefined && of >= 0.05) {
      because.push(say(TEXTS, 'request', { requested, share: Math.round(of * 100) }));
    }
    if (c.isExact) return ofLedger(c, because);
    const advice = c.isEngine ? undefined : c.shows('advises-smaller-work');
    if (advice !== undefined) because.push(say(TEXTS, 'advised', { place: placeText(advice) }));
    against.push(say(TEXTS, 'split'));
    // Idle memory that would have served the request is as near a reason.
    const { idle } = c.amounts;
    const isInPieces = idle !== undefined && requested !== undefined && idle.low >= requested.high;
    const isLarge = of >= 0.2 && (value === 'forward' || value === 'backward') && !isInPieces;
    return {
      strength: isLarge ? 'likely' : 'possible',
      because,
      against,
      weight: advice !== undefined ? 8.5 : value !== 'unknown' ? 6 : isSeldomWork(c) ? -1 : 4,
    };
  },
};

/** Products of each with each. */
const WORK_OF_ALL = ['pairwise', 'attention-scores', 'logits'] as const;

/** Memory of the largest card of 2026 with one device. */
const LARGEST_CARD = 288 * GiB;

/** Of the card: less than this is no model. */
const EMPTY = 0.002;

/** With the step's work known apart: it is to blame as far as it is what fills the memory. */
function ofLedger(c: Case, because: readonly Statement[]): Assessment | undefined {
  const [work, states] = [heldBy(c, ...WORK), heldBy(c, ...STATES)];
  const { live, requested = ZERO } = c.amounts;
  if (work === undefined || states === undefined || live === undefined) return undefined;
  // The request is work too, in the phases that come here.
  const of = share(add(work, requested), add(live, requested));
  if (of < 0.1) return undefined;
  const { idle } = c.amounts;
  const isInPieces = idle !== undefined && idle.low >= requested.high;
  const isMost = of >= 0.5 && c.phase.value !== 'unknown' && !isInPieces;
  return {
    strength: isMost ? 'likely' : 'possible',
    because: [...because, say(TEXTS, 'held', { work, live })],
    against: [
      ...(isInPieces ? [say(TEXTS, 'pieces', { idle })] : []),
      ...(states.mid > 0 ? [say(TEXTS, 'states', { states })] : []),
    ],
    weight: isMost ? 7 : isInPieces ? 1 : 4,
  };
}

/** PyTorch reads what is free after the failure: what other threads and streams gave back meanwhile is in it. */
function besideRoom(c: Case): Assessment | undefined {
  const { free, requested, room } = c.amounts;
  const isOld = isTorch(c) && c.format === 'torch-cuda' && !isTorchFrom(c, '2.6');
  if (!isOld || free === undefined || isAbsurd(c) || share(requested, room) < NOTABLE)
    return undefined;
  if (!['forward', 'backward', 'unknown'].includes(c.phase.value)) return undefined;
  return {
    strength: 'possible',
    because: [],
    against: [say(TEXTS, 'room', { free })],
    weight: 1,
  };
}

/** Of what the process could have: less is no reason to think of the work. */
const NOTABLE = 0.05;
