/** The answer to "does it fit" as text and as Markdown: the verdict first, then where the bytes are, then the plans. */

import { formatBytes } from '../../base/bytes.ts';
import { joinSentences, render } from '../../base/render.ts';
import { type Lang, type Param, phrase, type Words } from '../../base/texts.ts';
import type { Category } from '../../ledger/ledger.ts';
import type { PlanName } from '../../plan/plan.ts';
import type { CostClass, Verdict } from '../../plan/words.ts';
import type { Estimate } from '../diagnosis.ts';
import { columns, labelled, type Palette, PLAIN, pad, padLeft } from '../layout.ts';
import { escapeMarkdown, mapStrings, printable } from '../strings.ts';
import { settingName } from '../words/settings.ts';
import { vocabularyOf } from '../words.ts';
import type { OnePlan, PhaseData, PlanAtom, PlanData, PlanStepData, RankData } from './data.ts';

const VERDICT_WORDS: Readonly<Record<Verdict, Words>> = {
  yes: { en: 'fits', zh: '放得下', ru: 'помещается' },
  probably: { en: 'probably fits', zh: '多半放得下', ru: 'скорее всего помещается' },
  borderline: { en: 'is borderline', zh: '处在边缘', ru: 'на грани' },
  no: { en: 'does not fit', zh: '放不下', ru: 'не помещается' },
};

export const PURPOSE_WORDS: Readonly<Record<PlanData['workload']['purpose'], Words>> = {
  training: { en: 'training', zh: '训练', ru: 'обучение' },
  evaluation: { en: 'evaluation', zh: '评估', ru: 'оценка' },
  generation: { en: 'generation', zh: '生成', ru: 'генерация' },
  serving: { en: 'serving', zh: '推理服务', ru: 'обслуживание' },
};

const PHASE_NAMES: Readonly<Record<PhaseData['phase'], Words>> = {
  load: { en: 'load', zh: '加载', ru: 'загрузка' },
  forward: { en: 'forward', zh: '前向', ru: 'прямой проход' },
  backward: { en: 'backward', zh: '反向', ru: 'обратный проход' },
  optimizer: { en: 'optimizer step', zh: '优化器步骤', ru: 'шаг оптимизатора' },
  evaluate: { en: 'evaluation', zh: '评估', ru: 'оценка' },
  save: { en: 'save', zh: '保存', ru: 'сохранение' },
  prefill: { en: 'prefill', zh: 'prefill', ru: 'prefill' },
  decode: { en: 'decode', zh: '解码', ru: 'декодирование' },
  encode: { en: 'encoding', zh: '编码', ru: 'кодирование' },
  denoise: { en: 'denoising', zh: '去噪', ru: 'удаление шума' },
  render: { en: 'image decoding', zh: '图像解码', ru: 'декодирование изображений' },
  profile: { en: 'profile run', zh: '试运行', ru: 'пробный прогон' },
  kv_alloc: { en: 'KV cache', zh: '分配 KV 缓存', ru: 'KV-кэш' },
  capture: { en: 'graph capture', zh: '捕获 CUDA Graph', ru: 'захват графов' },
  serve: { en: 'serving', zh: '服务', ru: 'работа' },
};

const TURN_WORDS: Readonly<Record<PhaseData['turn'], Words>> = {
  once: { en: '', zh: '', ru: '' },
  first: { en: 'first', zh: '首次', ru: 'первый' },
  later: { en: 'later', zh: '之后', ru: 'далее' },
};

const PLAN_WORDS: Readonly<Record<PlanName, Words>> = {
  cheapest: { en: 'cheapest', zh: '代价最小', ru: 'самый дешёвый' },
  safe: { en: 'safe', zh: '稳妥', ru: 'надёжный' },
  'least-change': { en: 'least change', zh: '改动最少', ru: 'меньше всего правок' },
};

const CLASS_WORDS: Readonly<Record<CostClass, Words>> = {
  'same-mathematics': { en: 'same mathematics', zh: '数学不变', ru: 'математика та же' },
  recomputation: {
    en: 'micro-batch, recomputation, sharding',
    zh: '微批次、重计算、切分',
    ru: 'микробатч, пересчёт, шардинг',
  },
  numerics: { en: 'numerics', zh: '数值格式', ru: 'форматы чисел' },
  offload: { en: 'offload', zh: '卸载', ru: 'выгрузка' },
  experiment: { en: 'another experiment', zh: '改变实验', ru: 'другой эксперимент' },
};

export const LIMIT_WORDS: Readonly<Record<PlanData['limits'][number]['limit'], Words>> = {
  card: { en: 'card', zh: '显卡', ru: 'карта' },
  cap: { en: 'the process’s cap', zh: '进程的显存上限', ru: 'лимит процесса' },
  host: { en: 'host memory', zh: '主机内存', ru: 'память хоста' },
  budget: { en: 'the engine’s budget', zh: '引擎的预算', ru: 'бюджет движка' },
  'longest-sequence': {
    en: 'cache for the longest sequence',
    zh: '最长序列的缓存',
    ru: 'кэш самой длинной последовательности',
  },
  'all-layers': { en: 'all layers on the card', zh: '全部层都放在显卡上', ru: 'все слои на карте' },
};

const TEXTS = {
  headline: {
    en: '{model} on {machine} {verdict}: {purpose} needs {need} of {have} on a card, most in: {phase}.',
    zh: '{model} 在 {machine} 上{verdict}：{purpose}在一张卡上需要 {need}，可用 {have}，峰值阶段：{phase}。',
    ru: '{model} на {machine} {verdict}: {purpose} требует {need} из {have} на карте, больше всего — {phase}.',
  },
  'headline-withheld': {
    en: '{model} on {machine}, as described: {purpose} needs {need} of {have} on a card, most in: {phase}.',
    zh: '{model} 在 {machine} 上（按描述）：{purpose}在一张卡上需要 {need}，可用 {have}，峰值阶段：{phase}。',
    ru: '{model} на {machine}, как описано: {purpose} требует {need} из {have} на карте, больше всего — {phase}.',
  },
  'headline-limit': {
    en: '{model} on {machine} {verdict}: {limit} needs {need} of {have}.',
    zh: '{model} 在 {machine} 上{verdict}：{limit}需要 {need}，可用 {have}。',
    ru: '{model} на {machine} {verdict}: {limit} — нужно {need} из {have}.',
  },
  'by-phase': { en: 'By phase', zh: '按阶段', ru: 'По этапам' },
  'of-ranks': { en: '{role} ({count})', zh: '{role}（{count}）', ru: '{role} ({count})' },
  every: { en: 'every', zh: '每张卡', ru: 'каждая' },
  card: { en: 'card {at}', zh: '卡 {at}', ru: 'карта {at}' },
  stage: { en: 'stage {at}', zh: '第 {at} 级', ru: 'стадия {at}' },
  'last-stage': { en: 'last stage', zh: '最后一级', ru: 'последняя стадия' },
  'rank-0': { en: 'rank 0', zh: 'rank 0', ru: 'ранг 0' },
  'other-ranks': { en: 'other ranks', zh: '其他 rank', ru: 'другие ранги' },
  'at-peak': { en: 'At the peak', zh: '峰值时', ru: 'На пике' },
  plan: { en: 'Plan', zh: '方案', ru: 'План' },
  'no-plan': {
    en: 'No combination of the measures that may be used fits; with all of them {bytes} are missing.',
    zh: '允许的措施怎样组合都放不下；全部用上仍差 {bytes}。',
    ru: 'Никакое сочетание разрешённых мер не помещается; со всеми сразу не хватает {bytes}.',
  },
  'close-plan': {
    en: 'No combination of the measures that may be used surely fits; with all of them it is borderline.',
    zh: '允许的措施怎样组合都不能确保放得下；全部用上时处于临界。',
    ru: 'Никакое сочетание разрешённых мер не помещается наверняка; со всеми сразу — на грани.',
  },
  'may-allow': {
    en: 'unoom plan with --allow experiment lets plans change the experiment.',
    zh: 'unoom plan 加 --allow experiment 允许改变实验。',
    ru: 'unoom plan с --allow experiment разрешает менять эксперимент.',
  },
  'may-ask-gpu': {
    en: 'unoom plan with --which-gpu names cards that hold it.',
    zh: 'unoom plan 加 --which-gpu 列出放得下的显卡。',
    ru: 'unoom plan с --which-gpu называет карты, на которых всё поместится.',
  },
  'pages-stay': {
    en: 'the paged optimizer states ({all}) have room on the card; where a longer batch needs it, the driver moves them to the host (not on Windows or WSL)',
    zh: '分页的优化器状态（{all}）在显卡上放得下；更长的批次需要空间时，驱动会把它们移到主机（Windows 和 WSL 上不会）',
    ru: 'страничные состояния оптимизатора ({all}) помещаются на карте; если место нужно длинному батчу, драйвер уносит их на хост (не в Windows и не в WSL)',
  },
  'pages-move': {
    en: 'of the paged optimizer states ({all}) the card has no room for {moved} at its fullest: the driver moves them to the host and back in each step, about {seconds} s at best over PCIe 3.0 x16. On Windows and WSL they cannot leave, and it does not fit so',
    zh: '分页的优化器状态（{all}）中，峰值时有 {moved} 在显卡上放不下：驱动在每个 step 中把它们移到主机再移回，经 PCIe 3.0 x16 最快约 {seconds} 秒。在 Windows 和 WSL 上它们无法移出，这样就放不下',
    ru: 'страничным состояниям оптимизатора ({all}) на пике не хватает места для {moved}: драйвер на каждом шаге уносит их на хост и обратно, не быстрее {seconds} с по PCIe 3.0 x16. В Windows и WSL унести их нельзя, и так не поместится',
  },
  'gives-back': {
    en: 'On a larger card the allocator would hold {bytes} more; here it gives idle segments back under way, which costs time. expandable_segments:True leaves less idle.',
    zh: '在更大的显卡上，分配器会多占用 {bytes}；在这里它会在运行中归还空闲段，耗费时间。expandable_segments:True 可减少空闲。',
    ru: 'На карте побольше аллокатор держал бы на {bytes} больше; здесь он возвращает свободные сегменты по ходу, и это стоит времени. С expandable_segments:True простаивает меньше.',
  },
  saves: {
    en: 'saves {bytes}, peak then {after}',
    zh: '节省 {bytes}，此后峰值 {after}',
    ru: 'экономит {bytes}, затем пик {after}',
  },
  'gives-room': {
    en: '{bytes} more room ({limit})',
    zh: '余量增加 {bytes}（{limit}）',
    ru: 'места больше на {bytes} ({limit})',
  },
  'on-host': {
    en: '{bytes} of host memory',
    zh: '占主机内存 {bytes}',
    ru: '{bytes} памяти хоста',
  },
  slower: { en: '{times} × the time', zh: '耗时 {times} 倍', ru: 'время × {times}' },
  'dead-ends': { en: 'Dead ends', zh: '无效做法', ru: 'Тупики' },
  assumed: { en: 'Assumed', zh: '假定', ru: 'Принято' },
  more: {
    en: '… {count} more with --why',
    zh: '… 另有 {count} 条，见 --why',
    ru: '… ещё {count}: --why',
  },
  'smoke-test': { en: 'Smoke test', zh: '试跑', ru: 'Проба' },
  serves: { en: 'Serves', zh: '可服务', ru: 'Обслужит' },
  'serves-says': {
    en: '{tokens} tokens in the cache ({bytes}), {sequences} sequences of full length at once',
    zh: '缓存可容纳 {tokens} 个 token（{bytes}），可同时容纳 {sequences} 条满长序列',
    ru: 'в кэше {tokens} токенов ({bytes}), последовательностей полной длины сразу: {sequences}',
  },
  'cuts-requests': {
    en: 'it starts, and cuts requests to {tokens} tokens: the cache holds no longer one',
    zh: '可以启动，但请求会被截到 {tokens} 个 token：缓存容不下更长的请求',
    ru: 'он запустится, но обрежет запросы до {tokens} токенов: кэш не вмещает более длинных',
  },
  layers: {
    en: '{card} of {of} layers on the card; {host} in host memory',
    zh: '{of} 层中有 {card} 层在显卡上；{host} 在主机内存中',
    ru: 'на карте слоёв: {card} из {of}; {host} в памяти хоста',
  },
  'headline-layers': {
    en: '{model} on {machine} runs in part on the card: {card} of {of} layers lie there, {host} lie in host memory, which is slow. All layers need {need} of {have}.',
    zh: '{model} 在 {machine} 上只能部分放在显卡上运行：{of} 层中有 {card} 层在显卡上，{host} 在主机内存中，速度较慢。全部层需要 {need}，可用 {have}。',
    ru: '{model} на {machine} работает на карте лишь частично: там слоёв {card} из {of}, ещё {host} в памяти хоста, что медленно. Всем слоям нужно {need} из {have}.',
  },
  'max-batch': { en: 'Largest batch', zh: '最大批次', ru: 'Наибольший батч' },
  'max-context': { en: 'Longest', zh: '最大长度', ru: 'Длиннее всего' },
  'max-models': { en: 'Largest models', zh: '最大的模型', ru: 'Крупнейшие модели' },
  'smaller-models': { en: 'Smaller models', zh: '更小的模型', ru: 'Модели поменьше' },
  'which-gpus': { en: 'Cards', zh: '显卡', ru: 'Карты' },
  none: { en: 'none fits', zh: '没有放得下的', ru: 'ни одного' },
  'no-value': { en: 'not even 1 fits', zh: '连 1 也放不下', ru: 'не помещается даже 1' },
  'not-counted': { en: 'Not counted', zh: '未计入', ru: 'Не учтено' },
  unread: { en: 'Not read', zh: '未识别', ru: 'Не прочитано' },
  overridden: {
    en: '{setting} = {value} ({source}) is not used: {by} says otherwise',
    zh: '未采用 {setting} = {value}（{source}）：以 {by} 为准',
    ru: '{setting} = {value} ({source}) не учтено: в {by} сказано иное',
  },
  note: { en: 'Note', zh: '说明', ru: 'Примечание' },
  problem: { en: 'Problem', zh: '问题', ru: 'Проблема' },
  limits: { en: 'Limits', zh: '限制', ru: 'Пределы' },
  'limit-says': {
    en: '{limit}: {need} of {have}, {verdict}',
    zh: '{limit}：{need} / {have}，{verdict}',
    ru: '{limit}: {need} из {have}, {verdict}',
  },
  'not-judged': { en: 'not judged', zh: '不作判断', ru: 'без оценки' },
} as const;

type Key = keyof typeof TEXTS;

/** What stands for each category in a bar of one line. */
const MARKS: Readonly<Partial<Record<Category, string>>> = {
  weights: '█',
  gradients: '▓',
  optimizer: '▒',
  activations: '░',
  outputs: '▞',
  logits: '▞',
  kv_cache: '▚',
  copies: '▄',
  workspace: '▖',
  communication: '▖',
  idle: '·',
  outside: '▔',
};

export interface PlanTextOptions {
  readonly width?: number;
  readonly why?: boolean;
  readonly palette?: Palette;
  /** Beside a diagnosis, which has said the rest: phases, the first plan, what was assumed. */
  readonly brief?: boolean;
  /** Nothing is said to fit: what was measured contradicts the prediction. */
  readonly withholds?: boolean;
}

/** Bars are this wide at the highest phase. */
const BAR = 34;
const FEW = 4;

export function renderPlanText(found: PlanData, options: PlanTextOptions = {}): string {
  const { width = 100, why = false, palette: paint = PLAIN, withholds = false } = options;
  const brief = options.brief === true && !why;
  const data = mapStrings(found, printable);
  const say = (key: Key, params: Readonly<Record<string, Param>> = {}): string =>
    render(phrase(TEXTS[key], params), data.lang);
  const label = 2 + 2 + Math.max(...LABELS.map((key) => columns(say(key))));
  const lines: string[] = [];
  const section = (
    key: (typeof LABELS)[number],
    texts: readonly string[],
    most = texts.length,
  ): void => {
    const shown = why ? texts : texts.slice(0, most);
    shown.forEach((text, index) => {
      const name = index === 0 ? say(key) : '';
      lines.push(...labelled(`  ${pad(name, label - 2)}`, text, width));
    });
    const rest = texts.length - shown.length;
    if (rest > 0) lines.push(`${' '.repeat(label)}${say('more', { count: rest })}`);
  };
  const tone = data.fits === 'yes' || data.fits === 'probably' ? paint.good : paint.bad;
  lines.push(tone(headline(data, withholds)), '');
  section(
    'problem',
    data.problems.map(({ text }) => text),
  );
  if (data.problems.length > 0) lines.push('');
  for (const rank of data.ranks.filter(isNew)) {
    lines.push(...rankLines(rank, data, { say, why, paint }, !brief));
  }
  lines.push('');
  const { capacity } = data;
  if (capacity !== undefined) {
    const { kv_tokens: tokens, kv_bytes: bytes, sequences_of_full_length: sequences } = capacity;
    const { longest_request: longest, layers } = capacity;
    section('serves', [
      say('serves-says', { tokens, bytes: { size: bytes.mid }, sequences }),
      ...(layers === undefined ? [] : [say('layers', layerParams(layers))]),
      // What does not fit does not start.
      ...(longest === undefined || sequences >= 1 || data.fits === 'no'
        ? []
        : [say('cuts-requests', { tokens: longest })]),
    ]);
  }
  if (why || data.limits.length > data.ranks.length) {
    section(
      'limits',
      data.limits.map((limit) => limitLine(limit, data.lang, withholds)),
    );
  }
  const plans = brief ? data.plans.slice(0, 1) : data.plans;
  for (const plan of plans) {
    lines.push(...planLines(plan, data.lang, { label, width, why, paint, say, withholds }));
  }
  if (plans.length < data.plans.length) {
    lines.push(`${' '.repeat(label)}${say('more', { count: data.plans.length - plans.length })}`);
  }
  if (data.missing_bytes !== undefined) {
    section('plan', [noPlanText(data.missing_bytes, data, say)]);
  }
  const asked = askedOf(data, say);
  for (const [key, texts] of asked) section(key, texts, 8);
  section(
    'dead-ends',
    (brief ? [] : data.dead_ends).map(({ title, why: because }) => `${title} — ${because}`),
    FEW,
  );
  section('assumed', data.assumptions.map(assumption(data.lang)), FEW);
  const notCounted = data.not_counted.map((name) => settingName(name, data.lang));
  if (notCounted.length > 0) section('not-counted', [notCounted.join(', ')]);
  section(
    'unread',
    data.workload.unread.map(({ key, value, source }) => `${key} = ${value} (${source})`),
    FEW,
  );
  section('smoke-test', [data.smoke_test]);
  section('note', [
    ...data.workload.overridden.map((one) => overriddenText(one, say, data.lang)),
    ...backNotes(data, say),
    ...pageNotes(data, say),
    ...data.machine.notes,
  ]);
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

const LABELS = [
  'serves',
  'limits',
  'plan',
  'max-batch',
  'max-context',
  'max-models',
  'smaller-models',
  'which-gpus',
  'dead-ends',
  'assumed',
  'not-counted',
  'unread',
  'smoke-test',
  'note',
  'problem',
] as const;

type Say = (key: Key, params?: Readonly<Record<string, Param>>) => string;

const pageNotes = ({ paged }: PlanData, say: Say): readonly string[] =>
  paged === undefined
    ? []
    : paged.moved_bytes === 0
      ? [say('pages-stay', { all: { size: paged.state_bytes } })]
      : [
          say('pages-move', {
            all: { size: paged.state_bytes },
            moved: { size: paged.moved_bytes },
            seconds: ((paged.moved_bytes / 1e9) * PAGED_SECONDS).toFixed(1),
          }),
        ];

/** To move a gigabyte there and back, PCIe 3.0 x16 (bitsandbytes documentation: paged optimizers). */
const PAGED_SECONDS = 0.125;

const backNotes = ({ given_back_bytes: bytes }: PlanData, say: Say): readonly string[] =>
  bytes === undefined ? [] : [say('gives-back', { bytes: { size: bytes } })];

interface Pen {
  readonly say: Say;
  readonly why: boolean;
  readonly paint: Palette;
}

function noPlanText(
  missing: number,
  { smaller_models: smaller, which_gpus: gpus }: PlanData,
  say: Say,
): string {
  // Less than a mebibyte is nothing that a prediction can tell.
  const what = missing < 2 ** 20 ? say('close-plan') : say('no-plan', { bytes: { size: missing } });
  // Nobody is told to ask what was asked.
  const then = [
    ...(smaller === undefined ? [say('may-allow')] : []),
    ...(gpus === undefined ? [say('may-ask-gpu')] : []),
  ];
  return joinSentences([what, ...then]);
}

const overriddenText = (
  { setting, value, source, by }: PlanData['workload']['overridden'][number],
  say: Say,
  lang: Lang,
): string =>
  say('overridden', { setting: settingName(setting, lang), value: String(value), source, by });

const assumption =
  (lang: Lang) =>
  ({ setting, value, why, flag }: PlanData['assumptions'][number]): string =>
    `${settingName(setting, lang)} = ${value}: ${why}${flag === undefined ? '' : ` (${flag})`}`;

function askedOf(data: PlanData, say: Say): [(typeof LABELS)[number], string[]][] {
  const result: [(typeof LABELS)[number], string[]][] = [];
  if (data.max_batch !== undefined)
    result.push([
      'max-batch',
      [data.max_batch === null ? say('no-value') : String(data.max_batch)],
    ]);
  if (data.max_context !== undefined)
    result.push([
      'max-context',
      [data.max_context === null ? say('no-value') : String(data.max_context)],
    ]);
  if (data.max_models !== undefined)
    result.push([
      'max-models',
      data.max_models.length === 0 ? [say('none')] : [...data.max_models],
    ]);
  if (data.smaller_models !== undefined) {
    const names = data.smaller_models.map(
      ({ name, need_bytes: need, fits }) =>
        `${name}: ${formatBytes(need.mid)}, ${VERDICT_WORDS[fits][data.lang]}`,
    );
    result.push(['smaller-models', names.length === 0 ? [say('none')] : names]);
  }
  if (data.which_gpus !== undefined) {
    const names = data.which_gpus.map(
      ({ name, count, fits }) => `${count} × ${name}: ${VERDICT_WORDS[fits][data.lang]}`,
    );
    result.push(['which-gpus', names.length === 0 ? [say('none')] : names]);
  }
  return result;
}

/** A figure with its range where that is wide. */
function ranged({ low, mid, high }: Estimate): string {
  const text = formatBytes(mid);
  return high - low < 0.02 * mid ? text : `${text} (${formatBytes(low)} – ${formatBytes(high)})`;
}

function headline(data: PlanData, withholds = false): string {
  const say = (key: Key, params: Readonly<Record<string, Param>>): string =>
    render(phrase(TEXTS[key], params), data.lang);
  const machine = data.machine.cards
    .map(({ name, count }) => (count === 1 ? name : `${count} × ${name}`))
    .join(' + ');
  // That all layers find room is part of what the card has.
  const isWhole = data.limits.every(({ limit, fits }) => limit !== 'all-layers' || fits === 'yes');
  const limits = data.limits.filter(({ limit }) => !isWhole || limit !== 'all-layers');
  const [first] = limits;
  const worst = limits.reduce(
    (a, b) => (b.left_bytes < a.left_bytes ? b : a),
    first as PlanData['limits'][number],
  );
  const common = {
    model: data.model.name,
    machine,
    verdict: VERDICT_WORDS[data.fits][data.lang],
    need: ranged(worst.need_bytes),
    have: formatBytes(Math.max(0, worst.have_bytes.mid)),
  };
  const layers = data.capacity?.layers;
  if (
    data.fits !== 'no' &&
    layers !== undefined &&
    layers.on_card < layers.of &&
    worst.limit === 'all-layers'
  ) {
    return say('headline-layers', { ...common, ...layerParams(layers) });
  }
  if (worst.limit !== 'card') {
    return say('headline-limit', { ...common, limit: LIMIT_WORDS[worst.limit][data.lang] });
  }
  const rank = data.ranks.find(({ role }) => role === worst.role) ?? data.ranks[0];
  const phase = rank === undefined ? '' : phaseName(rank.peak, data.lang);
  return say(withholds ? 'headline-withheld' : 'headline', {
    ...common,
    purpose: PURPOSE_WORDS[data.workload.purpose][data.lang],
    phase,
  });
}

/** Between words of a list. */
const comma = (lang: Lang): string => (lang === 'zh' ? '，' : ', ');
const layerParams = ({
  on_card: card,
  of,
  host_bytes: host,
}: NonNullable<NonNullable<PlanData['capacity']>['layers']>): Readonly<Record<string, Param>> => ({
  card,
  of,
  host: { size: host.mid },
});

/** A role of ranks in words: "stage 0, other ranks". */
const roleName = (role: string, lang: Lang): string =>
  role
    .split(', ')
    .map((part) => {
      const [, word = '', at] = /^(card|stage) (\d+)$/.exec(part) ?? [];
      const key = word === '' ? part.replace(' ', '-') : word;
      if (!(key in TEXTS)) return part;
      return render(phrase(TEXTS[key as Key], at === undefined ? {} : { at: Number(at) }), lang);
    })
    .join(comma(lang));

/** A moment in words: "backward, first". */
export const phaseName = ({ phase, turn }: Pick<PhaseData, 'phase' | 'turn'>, lang: Lang): string =>
  [PHASE_NAMES[phase][lang], TURN_WORDS[turn][lang]]
    .filter((part) => part !== '')
    .join(comma(lang));

const limitLine = (limit: PlanData['limits'][number], lang: Lang, withholds: boolean): string =>
  render(
    phrase(TEXTS['limit-says'], {
      limit: [
        LIMIT_WORDS[limit.limit][lang],
        limit.role === undefined || limit.role === 'every' ? undefined : roleName(limit.role, lang),
      ]
        .filter((part) => part !== undefined)
        .join(' · '),
      need: ranged(limit.need_bytes),
      have: formatBytes(Math.max(0, limit.have_bytes.mid)),
      verdict: withholds ? TEXTS['not-judged'][lang] : VERDICT_WORDS[limit.fits][lang],
    }),
    lang,
  );

/** A bar of one mark a category, each as long as its share of the highest phase. */
function stacked(phase: PhaseData, most: number): string {
  const byMark = new Map<string, number>();
  for (const { category, bytes, pool } of phase.ledger.atoms) {
    if (pool === 'host') continue;
    const mark = MARKS[category] ?? '·';
    byMark.set(mark, (byMark.get(mark) ?? 0) + bytes.mid);
  }
  let sum = 0;
  let drawn = 0;
  let text = '';
  for (const mark of MARK_ORDER) {
    sum += byMark.get(mark) ?? 0;
    const until = Math.round((sum / most) * BAR);
    text += mark.repeat(Math.max(0, until - drawn));
    drawn = Math.max(drawn, until);
  }
  return text;
}

const MARK_ORDER: readonly string[] = [...new Set([...Object.values(MARKS), '·'])];

/** What lies on the card at the peak, the largest first. */
function atPeak({ timeline, peak }: RankData): readonly PlanAtom[] {
  const phase = timeline.find((one) => one.phase === peak.phase && one.turn === peak.turn);
  return (phase?.ledger.atoms ?? [])
    .filter(({ bytes, pool }) => pool !== 'host' && bytes.mid >= 2 ** 20)
    .toSorted((a, b) => b.bytes.mid - a.bytes.mid);
}

const peakTable = (rank: RankData, say: Say): readonly string[] => [
  `| ${say('at-peak')} | GiB | |`,
  '|---|---:|---|',
  ...atPeak(rank).map(
    (atom) =>
      `| ${escapeMarkdown(atom.title)} | ${escapeMarkdown(ranged(atom.bytes))} | ${escapeMarkdown(formulaOf(atom))} |`,
  ),
  '',
];

/** Roles that look alike are shown once: rank 0 differs from the others on the host only, or while it saves. */
function isNew({ timeline }: RankData, at: number, all: readonly RankData[]): boolean {
  const shown = (phases: RankData['timeline']): string =>
    phases.map(({ device_bytes: { mid } }) => formatBytes(mid)).join(' ');
  return all.slice(0, at).every((other) => shown(other.timeline) !== shown(timeline));
}

function rankLines(
  rank: RankData,
  data: PlanData,
  { say, why, paint }: Pen,
  hasParts: boolean,
): string[] {
  const most = Math.max(1, ...rank.timeline.map(({ device_bytes: { mid } }) => mid));
  const name =
    data.ranks.length === 1 && rank.count === 1
      ? ''
      : ` · ${say('of-ranks', { role: roleName(rank.role, data.lang), count: rank.count })}`;
  const lines = [`  ${paint.strong(`${say('by-phase')}${name}`)}`];
  const names = rank.timeline.map((phase) => phaseName(phase, data.lang));
  const wide = Math.max(...names.map(columns));
  rank.timeline.forEach((phase, at) => {
    const size = padLeft(formatBytes(phase.device_bytes.mid), 11);
    lines.push(`    ${pad(names[at] ?? '', wide)} ${size}  ${stacked(phase, most)}`.trimEnd());
  });
  const atoms = atPeak(rank);
  if (atoms.length === 0 || !hasParts) return lines;
  lines.push(`  ${paint.strong(say('at-peak'))}`);
  const titles = Math.max(0, ...atoms.map(({ title }) => columns(title)));
  for (const { title, bytes, category, ...how } of why ? atoms : atoms.slice(0, 8)) {
    const mark = MARKS[category] ?? '·';
    lines.push(`    ${mark} ${pad(title, titles)} ${padLeft(formatBytes(bytes.mid), 11)}`);
    if (why) lines.push(paint.dim(`        ${formulaOf(how)}`));
  }
  return lines;
}

/** The formula, and with its numbers where it has any. */
const formulaOf = ({ formula, worked }: Pick<PlanAtom, 'formula' | 'worked'>): string =>
  formula === worked ? formula : `${formula} = ${worked}`;

interface PlanPen extends Pen {
  readonly withholds: boolean;
  readonly label: number;
  readonly width: number;
}

/** Host memory below this any machine has. */
const WORTH_TELLING = 8 * 2 ** 30;

function planLines(plan: OnePlan, lang: Lang, pen: PlanPen): string[] {
  const { label, width, paint, say, why, withholds } = pen;
  const names = plan.names.map((name) => PLAN_WORDS[name][lang]).join(comma(lang));
  const verdict = withholds ? '' : `${VERDICT_WORDS[plan.fits][lang]}, `;
  const slower =
    plan.slowdown > 1.005 ? `, ${say('slower', { times: plan.slowdown.toFixed(2) })}` : '';
  const onHost =
    plan.host_bytes >= WORTH_TELLING
      ? `, ${say('on-host', { bytes: { size: plan.host_bytes } })}`
      : '';
  const lines = labelled(
    `  ${pad(say('plan'), label - 2)}`,
    `${names}${lang === 'zh' ? '：' : ': '}${verdict}${ranged(plan.peak_after)}${slower}${onHost}`,
    width,
  );
  plan.steps.forEach((step, index) => {
    lines.push(...labelled(`${' '.repeat(label)}${index + 1} `, stepLine(step, lang, say), width));
    for (const change of step.change) lines.push(`${' '.repeat(label + 2)}${paint.dim(change)}`);
    if (why) lines.push(...labelled(' '.repeat(label + 2), `${step.how} ${step.cost}`, width));
  });
  return lines;
}

function stepLine(step: PlanStepData, lang: Lang, say: Say): string {
  const settings = step.settings.map(
    ({ name, from, to }) => `${settingName(name, lang)} ${from ?? '–'} → ${to}`,
  );
  const { titled, aside, list } = vocabularyOf(lang);
  const bytes = { size: Math.max(0, step.bytes.mid) };
  const { room_at: limit } = step;
  const gained =
    limit === undefined || limit === 'card'
      ? say('saves', { bytes, after: { size: step.peak_after.mid } })
      : say('gives-room', { bytes, limit: LIMIT_WORDS[limit][lang] });
  const what = `${step.title}${aside(list(settings))}`;
  return `${titled(what, gained)} · ${CLASS_WORDS[step.category][lang]}`;
}

export function renderPlanMarkdown(
  found: PlanData,
  { why = false, withholds = false }: Pick<PlanTextOptions, 'why' | 'withholds'> = {},
): string {
  const data = mapStrings(found, printable);
  const { lang } = data;
  const say = (key: Key, params: Readonly<Record<string, Param>> = {}): string =>
    render(phrase(TEXTS[key], params), lang);
  const lines = [`**${escapeMarkdown(headline(data))}**`, ''];
  for (const rank of data.ranks) {
    const name = say('of-ranks', { role: roleName(rank.role, data.lang), count: rank.count });
    lines.push(`### ${say('by-phase')} · ${escapeMarkdown(name)}`, '', '| | GiB |', '|---|---:|');
    for (const phase of rank.timeline) {
      lines.push(`| ${phaseName(phase, lang)} | ${escapeMarkdown(ranged(phase.device_bytes))} |`);
    }
    lines.push('', ...(why ? peakTable(rank, say) : []));
  }
  for (const plan of data.plans) {
    const names = plan.names.map((name) => PLAN_WORDS[name][lang]).join(comma(lang));
    lines.push(
      `### ${say('plan')}: ${names}`,
      '',
      `${VERDICT_WORDS[plan.fits][lang]}, ${escapeMarkdown(ranged(plan.peak_after))}`,
      '',
    );
    plan.steps.forEach((step, index) => {
      lines.push(`${index + 1}. ${escapeMarkdown(stepLine(step, lang, say))}`);
      for (const change of step.change) lines.push(`   \`${change.replaceAll('`', "'")}\``);
    });
    lines.push('');
  }
  if (data.missing_bytes !== undefined) {
    lines.push(escapeMarkdown(noPlanText(data.missing_bytes, data, say)), '');
  }
  const list = (key: Key, texts: readonly string[]): void => {
    if (texts.length === 0) return;
    lines.push(`### ${say(key)}`, '', ...texts.map((text) => `- ${escapeMarkdown(text)}`), '');
  };
  for (const [key, texts] of askedOf(data, say)) list(key, texts);
  list(
    'limits',
    data.limits.map((limit) => limitLine(limit, lang, withholds)),
  );
  list(
    'dead-ends',
    data.dead_ends.map(({ title, why }) => `${title} — ${why}`),
  );
  list('assumed', data.assumptions.map(assumption(data.lang)));
  list(
    'not-counted',
    data.not_counted.map((name) => settingName(name, lang)),
  );
  list('smoke-test', [data.smoke_test]);
  list('note', [
    ...data.workload.overridden.map((one) => overriddenText(one, say, data.lang)),
    ...backNotes(data, say),
    ...pageNotes(data, say),
  ]);
  list(
    'problem',
    data.problems.map(({ text }) => text),
  );
  return `${lines.join('\n').trimEnd()}\n`;
}
