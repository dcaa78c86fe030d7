/** Look-alike: a process that was ended from outside, for something else than memory. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Ended by somebody, or by another rule',
    summary:
      'A supervisor, a time limit, a health check or a person ended the process; the kernel ends one for memory with the same signal.',
    headline: 'The process was ended from outside; the text does not say that it was for memory.',
    signal:
      'SIGKILL and exit code 137 say that a process was ended, not why: supervisors, time limits and health checks send the same signal.',
    rule: 'The text says what ended it: {place}.',
    unsaid: 'The text shows neither a line of the kernel nor one of such a rule.',
  },
  zh: {
    title: '被人或其他规则终止',
    summary: '进程被监管程序、时限、健康检查或人终止；内核因内存终止进程时用的是同一信号。',
    headline: '进程是被外部终止的；文本没有说是因为内存。',
    signal:
      'SIGKILL 和退出码 137 只说明进程被终止，不说明原因：监管程序、时限和健康检查发的是同一信号。',
    rule: '文本说明了终止它的是什么：{place}。',
    unsaid: '文本中既没有内核的日志，也没有此类规则的日志。',
  },
  ru: {
    title: 'Завершён человеком или по другому правилу',
    summary:
      'Процесс завершил супервизор, лимит времени, проверка состояния или человек; ядро из-за памяти посылает тот же сигнал.',
    headline: 'Процесс завершён извне; что дело в памяти, текст не говорит.',
    signal:
      'SIGKILL и код 137 говорят, что процесс завершили, но не почему: супервизоры, лимиты времени и проверки состояния шлют тот же сигнал.',
    rule: 'Текст говорит, что его завершило: {place}.',
    unsaid: 'В тексте нет ни строки ядра, ни строки такого правила.',
  },
} as const;

export const endedOtherwise: Cause = {
  id: 'ended-otherwise',
  code: 'UN250',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'other',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['signal(7): SIGKILL', 'gunicorn@23.0.0: gunicorn/arbiter.py: reap_workers'],
  assess(c): Assessment | undefined {
    if (c.kind === 'gpu_oom' || !c.has('process-killed') || c.has('killed-for-memory')) {
      return undefined;
    }
    // The kernel, or whoever counts for it, says for what it was.
    if (/oom[-_]?kill/i.test(c.wording ?? '')) return undefined;
    const rule = c.shows('ended-by-rule');
    if (rule !== undefined) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'rule', { place: placeText(rule) })],
        against: [],
        weight: 10,
      };
    }
    return {
      strength: 'possible',
      because: [say(TEXTS, 'signal')],
      against: [say(TEXTS, 'unsaid')],
      weight: 2,
    };
  },
};
