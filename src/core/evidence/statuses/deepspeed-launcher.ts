/** DeepSpeed's launcher: the process that ended by itself, and those that it ended then. */
import { type EventRule, eventsIn, momentsOf } from '../around.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const HINT = /return code|subprocess|SIGTERM|SIGINT|ssh exited/;

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    pattern: /exits with return code = (?<exit>-?\d{1,10})(?!\d)/,
    more(match, lines, at) {
      const text = lines[at]?.text.slice(0, match.index) ?? '';
      const local = /--local[_-]rank=(\d{1,6})\b/.exec(text)?.[1];
      // ['/usr/bin/python', '-u', 'train.py', …]: the script, else the program.
      const names = [...text.slice(0, 4000).matchAll(/'([^']{1,200})'/g)].map(
        (name) => name[1] ?? '',
      );
      const who = names.find((name) => /\.(?:py|sh)$/.test(name)) ?? names[0];
      return {
        local_rank: local === undefined ? undefined : Number(local),
        who,
        says: local === undefined ? match[0] : `--local_rank=${local} ${match[0]}`,
      };
    },
  },
  { kind: 'killed', pattern: /\bKilling subprocess (?<pid>\d{1,9})\b/ },
  { kind: 'killed', pattern: /Main process received (?<signal>SIG[A-Z0-9]{2,9}), exiting/ },
  {
    kind: 'exit',
    pattern:
      /^(?:pdsh@[\w.-]{1,80}: )?(?<host>[\w.-]{1,80}): ssh exited with exit code (?<exit>\d{1,3})\b/,
  },
  {
    kind: 'exit',
    pattern: /^(?:pdsh@[\w.-]{1,80}: )?ssh exited with exit code (?<exit>\d{1,3})\b/,
  },
];

export const deepspeedLauncher: StatusReader = {
  id: 'deepspeed-launcher',
  code: 'UN662',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'DeepSpeed\u2019s launcher',
      summary: 'The return code of a worker, and the subprocesses that were ended because of it.',
    },
    zh: {
      title: 'DeepSpeed 启动器',
      summary: 'worker 的返回码，以及因此被结束的子进程。',
    },
    ru: {
      title: 'Лаунчер DeepSpeed',
      summary: 'Код возврата воркера и подпроцессы, завершённые из-за него.',
    },
  },
  sources: [
    'deepspeed@v0.14.0:deepspeed/launcher/launch.py',
    'pdsh@2.34: ssh exited with exit code',
  ],
  needles: ['exits with return code', 'killing subprocess', 'ssh exited with exit code'],
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES));
  },
};
