/** A limit of sessions, not of bytes. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A limit on how many, not on bytes',
    summary:
      'The video encoder of consumer cards opens only so many sessions at once and reports that as "out of memory".',
    headline: 'Too many encoder sessions are open; the words "out of memory" mislead.',
    count: 'Objects are counted here: only so many may exist at once, whatever their size.',
    'headline-count': 'Too many objects exist at once; the memory itself need not be full.',
    message: 'The error is that of a session that could not be opened.',
  },
  zh: {
    title: '数量上限，而不是内存上限',
    summary: '消费级显卡的视频编码器只能同时打开有限个会话，超出时报 “out of memory”。',
    headline: '打开的编码会话过多；“out of memory” 一词有误导。',
    count: '这里按个数限制：同时存在的对象有上限，与大小无关。',
    'headline-count': '同时存在的对象太多；内存本身未必已满。',
    message: '这是无法打开会话的错误。',
  },
  ru: {
    title: 'Предел числа, а не памяти',
    summary:
      'Видеокодер потребительских карт открывает лишь несколько сеансов сразу и сообщает о превышении как «out of memory».',
    headline: 'Открыто слишком много сеансов кодера; слова «out of memory» вводят в заблуждение.',
    count:
      'Здесь считают объекты: одновременно их может быть лишь столько, какого бы размера они ни были.',
    'headline-count':
      'Слишком много объектов существует одновременно; сама память может быть не заполнена.',
    message: 'Это ошибка открытия сеанса.',
  },
} as const;

export const sessionLimit: Cause = {
  id: 'session-limit',
  code: 'UN243',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'limit',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'NVIDIA Video Codec SDK: NV_ENC_ERR_OUT_OF_MEMORY from nvEncOpenEncodeSessionEx; encode sessions of consumer cards',
  ],
  assess(c): Assessment | undefined {
    if (!c.has('session-limit')) return undefined;
    if (c.wording === 'resource-limit' || c.wording === 'descriptors') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'count')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-count'),
      };
    }
    const isLookAlike = c.kind === 'look_alike';
    return {
      strength: isLookAlike ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [],
      weight: 9,
    };
  },
};
