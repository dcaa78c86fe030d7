/**
 * The report's own words, and how a language puts parts together. What units say is written in the
 * units; names of figures, events and the like are in words/.
 */
import { joinSentences, render } from '../base/render.ts';
import { type Lang, type Param, phrase, type Words } from '../base/texts.ts';

const TEXTS = {
  cause: { en: 'Cause', zh: '原因', ru: 'Причина' },
  causes: { en: 'Causes', zh: '原因', ru: 'Причины' },
  'could-help': { en: 'Could help', zh: '可以尝试', ru: 'Может помочь' },
  'not-enough': { en: 'Not enough', zh: '作用有限', ru: 'Недостаточно' },
  'dead-ends': { en: 'Dead ends', zh: '无效做法', ru: 'Тупики' },
  'to-settle': { en: 'To settle', zh: '待确认', ru: 'Выяснить' },
  'held-by': { en: 'Held by', zh: '占用处', ru: 'Держат' },
  grows: { en: 'Grows', zh: '增长', ru: 'Растёт' },
  replayed: { en: 'Replayed', zh: '重放', ru: 'Повтор' },
  anchored: { en: 'Anchored', zh: '对照', ru: 'Сверка' },
  job: { en: 'Job', zh: '任务', ru: 'Задача' },
  request: { en: 'Request', zh: '申请的是', ru: 'Запрос' },
  phase: { en: 'Phase', zh: '阶段', ru: 'Этап' },
  'your-line': { en: 'Your line', zh: '代码位置', ru: 'Место в коде' },
  moment: { en: 'Moment', zh: '时刻', ru: 'Момент' },
  figures: { en: 'Figures', zh: '数值', ru: 'Величины' },
  format: { en: 'Format', zh: '格式', ru: 'Формат' },
  also: { en: 'Also', zh: '其他失败', ru: 'Другие сбои' },
  'also-seen': { en: 'Also seen', zh: '还看到', ru: 'Видно также' },
  finding: { en: 'Finding', zh: '发现', ru: 'Находка' },
  findings: { en: 'Findings', zh: '发现', ru: 'Находки' },
  happened: { en: 'Happened', zh: '事件', ru: 'События' },
  note: { en: 'Note', zh: '说明', ru: 'Примечание' },
  problem: { en: 'Problem', zh: '问题', ru: 'Проблема' },

  'at-the-failure': { en: 'at the failure', zh: '失败时', ru: 'в момент сбоя' },
  'at-the-peak': { en: 'at the peak', zh: '峰值时刻', ru: 'на пике' },
  'as-taken': { en: 'as taken', zh: '采集时刻', ru: 'в момент снимка' },
  'event-of': {
    en: '{source} event {event}',
    zh: '{source} 事件 {event}',
    ru: '{source} событие {event}',
  },
  'asked-at': {
    en: 'Asked for {size} more in one piece at {line}.',
    zh: '在 {line} 再申请一整块 {size} 时失败。',
    ru: 'Запрошено ещё {size} одним куском в {line}.',
  },
  'each-step': {
    en: '{line} {each} each step, {bytes} by the end',
    zh: '{line} 每步 {each}，到最后 {bytes}',
    ru: '{line} — {each} за шаг, к концу {bytes}',
  },
  'reserved-at-most': {
    en: '{size} reserved at most',
    zh: '最多保留 {size}',
    ru: 'зарезервировано до {size}',
  },
  'as-recorded': { en: 'as recorded', zh: '按记录的设置', ru: 'как записано' },
  'as-recorded-anew': {
    en: 'as recorded, placed anew',
    zh: '按记录的设置，重新放置',
    ru: 'как записано, размещено заново',
  },
  'with-model': {
    en: 'With the model {model}',
    zh: '结合模型 {model}',
    ru: 'С моделью {model}',
  },
  'tensor-named': {
    en: '{what} ({dimensions}): its size and the frames of the traceback agree',
    zh: '{what}（{dimensions}）：大小与调用栈一致',
    ru: '{what} ({dimensions}): сходятся и размер, и кадры трассировки',
  },
  'tensor-consistent': {
    en: 'its size is consistent with {what} ({dimensions})',
    zh: '大小与{what}相符（{dimensions}）',
    ru: 'по размеру подходит {what} ({dimensions})',
  },
  'price-them': {
    en: 'Priced with a model: --model NAME, or the files of the job beside the log.',
    zh: '给出模型即可算出各项节省：--model NAME，或把任务的文件与日志一起给出。',
    ru: 'С моделью будет известна цена каждой: --model ИМЯ либо файлы задачи рядом с логом.',
  },
  'fits-then': {
    en: 'saves {size}, then it fits',
    zh: '节省 {size}，随后放得下',
    ru: 'экономит {size}, и помещается',
  },
  'gives-room': {
    en: '{size} more room: {limit}',
    zh: '余量增加 {size}：{limit}',
    ru: 'места больше на {size}: {limit}',
  },
  'room-then': {
    en: '{size} more room, then it fits: {limit}',
    zh: '余量增加 {size}，随后放得下：{limit}',
    ru: 'места больше на {size}, и помещается: {limit}',
  },
  served: { en: 'serves the request', zh: '能满足该申请', ru: 'запрос выполняется' },
  'not-served': { en: 'the request fails too', zh: '该申请仍失败', ru: 'запрос не выполняется' },
  'fails-before': {
    en: 'fails at event {event}',
    zh: '在事件 {event} 失败',
    ru: 'отказ на событии {event}',
  },
  best: { en: 'best', zh: '最佳', ru: 'лучшее' },
  saves: { en: 'saves {size}', zh: '节省 {size}', ru: 'экономит {size}' },
  'event-in-file': {
    en: 'event {event} of {events}',
    zh: '事件 {event}（共 {events} 个）',
    ru: 'событие {event} из {events}',
  },
  reproduced: {
    en: '{equal} of {all} allocations at the recorded address',
    zh: '{all} 次分配中有 {equal} 次地址与记录一致',
    ru: 'по записанному адресу {equal} выделений из {all}',
  },
  times: { en: '{count} times', zh: '共 {count} 次', ru: 'повторений: {count}' },
  allowed: { en: '{size} allowed', zh: '上限 {size}', ru: 'предел {size}' },
  'up-to-version': {
    en: '{name} up to {version}',
    zh: '{name} {version} 及更早版本',
    ru: '{name} до {version}',
  },
  'standard-input': { en: 'standard input', zh: '标准输入', ru: 'стандартный ввод' },
  asked: {
    en: 'Asked for {size} more in one piece.',
    zh: '再申请一整块 {size} 时失败。',
    ru: 'Запрошено ещё {size} одним куском.',
  },
  'asked-host': {
    en: 'Asked for {size} of host memory.',
    zh: '申请 {size} 主机内存。',
    ru: 'Запрошено {size} памяти хоста.',
  },
  'asked-plainly': { en: 'Asked for {size}.', zh: '申请 {size}。', ru: 'Запрошено {size}.' },
  'asked-for': { en: 'asked for {size}', zh: '申请 {size}', ru: 'запрошено {size}' },
  'asked-unknown': {
    en: 'Asked for {raw}: {why}.',
    zh: '申请 {raw}：{why}。',
    ru: 'Запрошено {raw}: {why}.',
  },
  'frees-at-most': {
    en: 'frees at most {size}',
    zh: '最多释放 {size}',
    ru: 'освободит не более {size}',
  },
  'each-at-most': {
    en: 'each at most {size}',
    zh: '每项最多 {size}',
    ru: 'каждая мера — не более {size}',
  },
  cost: { en: 'Cost: {cost}', zh: '代价：{cost}', ru: 'Цена: {cost}' },
  alters: { en: 'It alters {what}.', zh: '改变：{what}。', ru: 'Меняет: {what}.' },
  'more-with-why': {
    en: '{count} more with --why',
    zh: '另有 {count} 项，加 --why 查看',
    ru: 'ещё {count} — с ключом --why',
  },
  'more-processes': {
    en: '{count} more processes with --why',
    zh: '另有 {count} 个进程，加 --why 查看',
    ru: 'ещё процессов: {count} — с ключом --why',
  },
  range: {
    en: '{low} to {high}, {kind}',
    zh: '{low} 至 {high}，{kind}',
    ru: 'от {low} до {high}, {kind}',
  },
  unknown: { en: 'unknown', zh: '未知', ru: 'неизвестно' },
  'at-most': { en: 'at most {size}', zh: '最多 {size}', ru: 'не более {size}' },
  rank: { en: 'rank {rank}', zh: 'rank {rank}', ru: 'ранг {rank}' },

  'in-use': {
    en: '{name}: {use} in use.',
    zh: '{name}：已用 {use}。',
    ru: '{name}: занято {use}.',
  },
  'cards-in-use': {
    en: '{count} cards; the fullest is {name}: {use} in use.',
    zh: '共 {count} 张显卡；占用最多的是 {name}：已用 {use}。',
    ru: 'Карт: {count}; больше всех занята {name}: {use}.',
  },
  'used-of': { en: '{used} of {total}', zh: '{used} / {total}', ru: '{used} из {total}' },
  'use-not-shown': {
    en: '{total}, use not shown',
    zh: '{total}，未显示用量',
    ru: '{total}, сколько занято — не показано',
  },
  'not-shown': { en: 'not shown', zh: '未显示', ru: 'не показано' },
  busy: { en: '{percent} % busy', zh: '利用率 {percent} %', ru: 'загрузка {percent} %' },
  processes: { en: '{count} processes', zh: '{count} 个进程', ru: 'процессов: {count}' },
  'last-of-moments': {
    en: 'the last of {count} moments',
    zh: '{count} 个时刻中的最后一个',
    ru: 'последний момент из {count}',
  },
  'on-host': { en: 'on {host}', zh: '主机 {host}', ru: 'на {host}' },
  'exit-code': { en: 'exit code {code}', zh: '退出码 {code}', ru: 'код выхода {code}' },
  sure: { en: '{text} {strength}', zh: '{text}（{strength}）', ru: '{text} ({strength})' },
  'named-first': { en: 'named as the first', zh: '被指为首个', ru: 'назван первым' },

  where: { en: 'where', zh: '位置', ru: 'где' },
  what: { en: 'what', zh: '内容', ru: 'что' },
  bytes: { en: 'bytes', zh: '大小', ru: 'объём' },
  shows: { en: 'shows', zh: '显示', ru: 'показывает' },
  seen: { en: 'Seen', zh: '观测', ru: 'Наблюдения' },
  'earlier-moments': {
    en: '{count} earlier moments are in the JSON.',
    zh: '更早的 {count} 个时刻见 JSON。',
    ru: 'Более ранние моменты ({count}) — в JSON.',
  },
  against: { en: 'Against: {reasons}', zh: '反证：{reasons}', ru: 'Против: {reasons}' },
  'to-settle-it': { en: 'To settle it', zh: '待确认', ru: 'Что выяснить' },
  'to-tell': {
    en: '{what}, to tell {settles}',
    zh: '{what}，以确定{settles}',
    ru: '{what}, чтобы понять, {settles}',
  },
} as const;

type Text = keyof typeof TEXTS;

/** The labels of paragraphs, which stand in a column of their own. */
const LABELS = [
  'cause',
  'causes',
  'could-help',
  'not-enough',
  'dead-ends',
  'to-settle',
  'held-by',
  'grows',
  'replayed',
  'anchored',
  'job',
  'request',
  'phase',
  'your-line',
  'moment',
  'figures',
  'format',
  'also',
  'also-seen',
  'finding',
  'findings',
  'happened',
  'note',
  'problem',
] as const;

export type Label = (typeof LABELS)[number];

/** How one language says what a report says. */
export interface Vocabulary {
  readonly lang: Lang;
  /** A text of the report's own. */
  readonly say: (text: Text, params?: Readonly<Record<string, Param>>) => string;
  /** Words of a table that has every language. */
  readonly word: (words: Words) => string;
  /** "name: text" */
  readonly titled: (name: string, text: string) => string;
  /** " (text)", to be put after something. */
  readonly aside: (text: string) => string;
  /** "a, b, c" */
  readonly list: (parts: readonly string[]) => string;
  /** "a; b; c" */
  readonly series: (parts: readonly string[]) => string;
  readonly sentences: (sentences: readonly string[]) => string;
  /** Ends a sentence. */
  readonly stop: string;
  /** All labels, for the width of their column. */
  readonly labels: readonly string[];
}

export function vocabularyOf(lang: Lang): Vocabulary {
  const isWide = lang === 'zh';
  const word = (words: Words): string => words[lang];
  return {
    lang,
    say: (text, params = {}) => render(phrase(TEXTS[text], params), lang),
    word,
    titled: (name, text) => `${name}${isWide ? '：' : ': '}${text}`,
    aside: (text) => (isWide ? `（${text}）` : ` (${text})`),
    list: (parts) => parts.join(isWide ? '，' : ', '),
    series: (parts) => parts.join(isWide ? '；' : '; '),
    sentences: joinSentences,
    stop: isWide ? '。' : '.',
    labels: LABELS.map((label) => word(TEXTS[label])),
  };
}
