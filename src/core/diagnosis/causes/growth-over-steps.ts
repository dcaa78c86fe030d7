/** Something is kept from step to step: a graph, outputs, a former model, an exception. */

import { add, bound, ZERO } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { type Case, hasStepped, isManagedHeap, isShortage, mayTrain, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { eventsOf } from '../events.ts';
import { placeText } from '../place.ts';
import { allocatedSeries, growthIn, isFlat } from '../series.ts';

const TEXTS = {
  en: {
    title: 'Something is kept from step to step',
    summary:
      'A retained graph, losses or outputs in a list, a former model, or what a caught exception or a notebook holds makes memory grow until it is full.',
    headline: 'Memory grows from step to step: something is kept.',
    rising: 'What the program prints of its memory rises from {from} to {to} over {count} moments.',
    readings:
      'What the program prints of its memory, turn by turn, only goes one way: “{says}” over {count} readings.',
    slower:
      'Each turn took longer than the one before, as when it goes through what all turns before have left: “{says}” over {count} readings.',
    outputs: 'A tensor with its graph is added to a sum or a list: {place}.',
    graph: 'The graph is kept on purpose: {place}.',
    copy: 'A model is copied: {place}.',
    retry:
      'It failed while another failure was being handled, and an exception’s traceback holds the tensors of its frames.',
    notebook:
      'It ran in a notebook, whose Out, _ and last traceback keep tensors of earlier cells.',
    told: 'Somebody saw it grow, or the program says so: {place}.',
    'headline-runs': 'A later run brings its model to a card that an earlier one still holds.',
    runs: 'One process builds model after model: {place}; what is left of a former one is still there.',
    late: '{step} steps had passed.',
    epochs: 'Whole epochs had passed.',
    switched:
      'A server that stays up was loading one more model, and the one before may be there still: {place}.',
    unseen: 'The text does not show memory over several steps.',
    line: '{line} leaves {each} behind with each step ({steps} steps): {bytes} by the end.',
    serves: 'Without that the {requested} that was asked for would have had room.',
    'too-little': 'That alone is less than what was missing.',
    elsewhere: 'It was seen in {source}; nothing ties that to this failure.',
    'headline-line': '{line} keeps {each} more with each step: {bytes} by the failure.',
  },
  zh: {
    title: '有内容在各步之间累积',
    summary:
      '保留的计算图、列表中的损失或输出、上一个模型、被捕获的异常或 notebook 持有的内容，使显存不断增长直至占满。',
    headline: '显存逐步增长：有内容没有释放。',
    rising: '程序打印的显存在 {count} 个时刻内从 {from} 升到 {to}。',
    readings: '程序逐轮打印的内存只朝一个方向变化：{count} 次读数，“{says}”。',
    slower: '每一轮都比前一轮慢，像是要重走此前各轮留下的计算图：{count} 次读数，“{says}”。',
    outputs: '带计算图的张量被累加或放进列表：{place}。',
    graph: '计算图被有意保留：{place}。',
    copy: '复制了一个模型：{place}。',
    retry: '失败发生在处理另一次失败期间，而异常的 traceback 持有各栈帧的张量。',
    notebook: '在 notebook 中运行，其 Out、_ 和最近一次 traceback 会保留先前单元的张量。',
    told: '有人看到它在增长，或程序自己这样说：{place}。',
    'headline-runs': '后一次运行把模型放上显卡时，前一次的还占着。',
    runs: '同一个进程接连构建模型：{place}；上一个模型留下的内容还在。',
    late: '已跑过 {step} 步。',
    epochs: '已跑完若干个 epoch。',
    switched: '常驻的服务正在加载另一个模型，之前的那个可能仍占着显存：{place}。',
    unseen: '文本没有显示多步的显存。',
    line: '{line} 每步留下 {each}（{steps} 步）：到最后共 {bytes}。',
    serves: '没有这一部分，申请的 {requested} 就有空间。',
    'too-little': '仅这一部分还少于所缺的量。',
    elsewhere: '这是在 {source} 中看到的；没有证据把它与这次失败联系起来。',
    'headline-line': '{line} 每步多保留 {each}：到失败时共 {bytes}。',
  },
  ru: {
    title: 'От шага к шагу что-то копится',
    summary:
      'Удержанный граф, потери или выходы в списке, прежняя модель, пойманное исключение или ноутбук: память растёт, пока не кончится.',
    headline: 'Память растёт от шага к шагу: что-то не освобождается.',
    rising: 'Память, которую печатает программа, за {count} моментов выросла с {from} до {to}.',
    readings:
      'Показания памяти, которые программа печатает раз за разом, меняются только в одну сторону: «{says}» (показаний: {count}).',
    slower:
      'Каждый проход длится дольше предыдущего, словно он идёт и по тому, что осталось от прежних: «{says}» (показаний: {count}).',
    outputs: 'Тензор вместе с графом складывается или кладётся в список: {place}.',
    graph: 'Граф удерживается намеренно: {place}.',
    copy: 'Модель копируется: {place}.',
    retry:
      'Сбой случился при обработке другого сбоя, а traceback исключения держит тензоры своих кадров.',
    notebook: 'Это ноутбук: Out, _ и последний traceback держат тензоры прежних ячеек.',
    told: 'Кто-то видел, как она растёт, или так говорит сама программа: {place}.',
    'headline-runs': 'Очередной запуск переносит модель на карту, которую ещё занимает прежний.',
    runs: 'Один процесс строит модель за моделью: {place}; от прежней что-то ещё осталось.',
    late: 'Прошло шагов: {step}.',
    epochs: 'Прошло несколько эпох.',
    switched:
      'Постоянно работающий сервер загружал ещё одну модель, а прежняя могла остаться: {place}.',
    unseen: 'Памяти за несколько шагов в тексте нет.',
    line: '{line} с каждым шагом оставляет {each} (шагов: {steps}): к концу {bytes}.',
    serves: 'Без этого запрошенным {requested} хватило бы места.',
    'too-little': 'Одного этого меньше, чем не хватило.',
    elsewhere: 'Это видно в {source}; с этим сбоем оно ничем не связано.',
    'headline-line': '{line} с каждым шагом удерживает ещё {each}: к моменту сбоя {bytes}.',
  },
} as const;

export const growthOverSteps: Cause = {
  id: 'growth-over-steps',
  code: 'UN222',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  domain: 'any',
  category: 'growth',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['field report: a rising step-end baseline is a leak, a flat one is not'],
  assess(c): Assessment | undefined {
    if (!isShortage(c)) return ofReadings(c);
    // A compiler adds up one program, whatever ran before.
    if (c.format === 'tpu-memory' && c.wording === 'compile') return undefined;
    const recorded = ofRecording(c);
    if (recorded !== undefined) return recorded;
    const [growth] = growthIn(c.observed);
    if (growth !== undefined) {
      const { from, to, count } = growth;
      return {
        strength: 'likely',
        because: [say(TEXTS, 'rising', { from: { size: from }, to: { size: to }, count })],
        against: [],
        weight: 9,
      };
    }
    const readings = ofReadings(c);
    if (readings !== undefined) return readings;
    const [outputs, graph] = [c.shows('kept-outputs'), c.shows('kept-graph')];
    const because = [];
    if (outputs !== undefined) because.push(say(TEXTS, 'outputs', { place: placeText(outputs) }));
    if (graph !== undefined) because.push(say(TEXTS, 'graph', { place: placeText(graph) }));
    const growing = c.shows('told-growth');
    if (growing !== undefined) because.push(say(TEXTS, 'told', { place: placeText(growing) }));
    const switched = c.shows('switches-model');
    if (switched !== undefined)
      because.push(say(TEXTS, 'switched', { place: placeText(switched) }));
    if (c.shows('retry-after-failure') !== undefined) because.push(say(TEXTS, 'retry'));
    const runs = c.shows('repeated-run');
    if (runs !== undefined) because.push(say(TEXTS, 'runs', { place: placeText(runs) }));
    // A card that is full when a later run brings its model holds that of an earlier one.
    const isHeld =
      c.shows('later-run') !== undefined &&
      runs !== undefined &&
      2 * (c.modelSize?.parameters ?? 0) <
        0.85 * (c.amounts.total?.mid ?? Number.POSITIVE_INFINITY) &&
      (c.phase.moves_model || c.phase.value === 'load') &&
      share(c.amounts.live, c.amounts.total) >= 0.5;
    const isNotebook = c.shows('notebook') !== undefined && c.phase.turn !== 'first';
    if (isNotebook) because.push(say(TEXTS, 'notebook'));
    const hasRun =
      hasStepped(c) &&
      (c.step ?? LATE) >= LATE &&
      (mayTrain(c) || isOfEvaluation(c)) &&
      !allocatedSeries(c.observed).some(isFlat);
    if (because.length === 0 && !hasRun) return undefined;
    if (c.step === undefined && hasRun) because.push(say(TEXTS, 'epochs'));
    if (c.step !== undefined && c.step > 0) because.push(say(TEXTS, 'late', { step: c.step }));
    const isLarge = share(c.amounts.requested, c.amounts.total) >= LARGE;
    // The very line that keeps it, or a graph kept on purpose where crumbs are refused.
    const isAtIt = c.shows('sum-of-losses') !== undefined;
    const isTold =
      [outputs, graph, growing, switched].some((one) => one !== undefined) || runs !== undefined;
    return {
      strength: isHeld ? 'likely' : 'possible',
      because,
      against: isHeld ? [] : [say(TEXTS, 'unseen')],
      ...(isHeld && { headline: say(TEXTS, 'headline-runs') }),
      // One large piece is the work of this batch; what grows fails at any small one.
      weight: isAtIt
        ? 9
        : isTold
          ? 6
          : isLarge || !hasRun
            ? 2
            : isOfEvaluation(c)
              ? 5.5
              : isOfTraining(c)
                ? 5
                : 2,
    };
  },
};

/** Steps after which all that stays is there: what needs more then has grown, or is a longer sample. */
/** A share of the card. */
const LARGE = 0.06;
const LATE = 20;

/** An evaluation that comes late has had its own turn only now. */
const isOfTraining = ({ phase }: Case): boolean =>
  ['forward', 'backward', 'optimizer', 'transfer', 'unknown'].includes(phase.value);

/** A script that only evaluates counts its own steps. */
function isOfEvaluation({ phase, step, ...c }: Case): boolean {
  if (phase.value !== 'eval' || step === undefined) return false;
  const script = phase.because.kind === 'frame' ? phase.because.frame.file : '';
  return c.situation.workload?.purpose === 'inference' || EVALUATES.test(script);
}

const EVALUATES =
  /(?:^|[\\/])(?!\w*train)(?:demo|infer|predict|eval|validat|test)[\w-]{0,40}\.py$/i;

/** Fewer can be anything; chosen, no source. */
const MANY_READINGS = 4;

/** What a program prints in its own words, turn by turn, and it only ever goes one way. */
function ofReadings(c: Case): Assessment | undefined {
  const isOfHost = c.kind === 'host_oom' || isManagedHeap(c);
  if (!isShortage(c) && !isOfHost) return undefined;
  const kind = isOfHost ? 'host-readings-rise' : 'readings-rise';
  const [rise] = eventsOf(c.observed, [kind]);
  const [slow] = c.kind === 'gpu_oom' ? eventsOf(c.observed, ['turns-slow']) : [];
  const event = (rise ?? slow)?.event;
  if (event === undefined) return undefined;
  const told = { says: event.says, count: event.count ?? 0 };
  // What takes longer each time may also come from elsewhere; of memory itself nothing else does it.
  return rise === undefined
    ? {
        strength: 'possible',
        because: [say(TEXTS, 'slower', told)],
        against: [say(TEXTS, 'unseen')],
        weight: 9,
      }
    : {
        strength: (event.count ?? 0) >= MANY_READINGS ? 'likely' : 'possible',
        because: [say(TEXTS, 'readings', told)],
        against: [],
        // Of what the machine had, this says by whom it was taken.
        weight: 9.5,
      };
}

/** Lines named beside the first. */
const MOST_LINES = 3;
/** From this share of what the process could have on it matters, whatever was asked for. */
const MUCH_OF_ROOM = 0.1;

/** The lines that a recording shows to leave something behind with each step. */
function ofRecording(c: Case): Assessment | undefined {
  const sure = c.growth.filter(({ strength }) => strength === 'likely');
  const shown = (sure.length > 0 ? sure : c.growth).slice(0, MOST_LINES);
  const [first] = shown;
  if (first === undefined) return undefined;
  const { requested, free = ZERO, room } = c.amounts;
  const bytes = bound(sure.reduce((sum, one) => sum + one.bytes, 0));
  const isEnough = requested === undefined || add(free, bytes).high >= requested.low;
  const isMuch = isEnough || share(bytes, room) >= MUCH_OF_ROOM;
  const because = [
    ...shown.map(({ line, bytes_per_step: each, steps, bytes: held }) =>
      say(TEXTS, 'line', { line, each: { size: each }, steps, bytes: { size: held } }),
    ),
    ...first.because,
  ];
  const against = [...first.against];
  if (!first.isOfFailure) against.unshift(say(TEXTS, 'elsewhere', { source: first.source }));
  else if (!isEnough) against.unshift(say(TEXTS, 'too-little'));
  else if (requested !== undefined) because.push(say(TEXTS, 'serves', { requested }));
  const isLikely = sure.length > 0 && first.isOfFailure && isMuch;
  return {
    strength: isLikely ? 'likely' : 'possible',
    because,
    against,
    weight: isLikely ? 10 : isMuch ? 6 : 2,
    headline: say(TEXTS, 'headline-line', {
      line: first.line,
      each: { size: first.bytes_per_step },
      bytes: { size: first.bytes },
    }),
  };
}
