/** TORCHELASTIC_ERROR_FILE: what a worker wrote of its own exception, with the moment. */
import { eventAt } from '../around.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import { rawOf } from '../status.ts';
import type { Line } from '../text/dress.ts';

export const elasticErrorFile: StatusReader = {
  id: 'elastic-error-file',
  code: 'UN661',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torchrun\u2019s error file',
      summary: 'The exception that a worker recorded (TORCHELASTIC_ERROR_FILE), with its time.',
    },
    zh: {
      title: 'torchrun 的错误文件',
      summary: 'worker 记录的异常（TORCHELASTIC_ERROR_FILE）及其时间。',
    },
    ru: {
      title: 'Файл ошибки torchrun',
      summary: 'Исключение, записанное воркером (TORCHELASTIC_ERROR_FILE), и его время.',
    },
  },
  sources: ['pytorch@v2.6.0:torch/distributed/elastic/multiprocessing/errors/error_handler.py'],
  needles: ['"py_callstack"', '"extrainfo"'],
  read({ lines }: Passage): Sighting[] {
    const found: Sighting[] = [];
    const seen = new Set<number>();
    lines.forEach((line, at) => {
      const raw = rawOf(line);
      if (seen.has(line.number) || !/"extraInfo"|"py_callstack"/.test(raw)) return;
      const record = onOneLine(raw) ?? onSeveral(lines, at);
      if (record === undefined) return;
      for (let n = record.first ?? line.number; n <= (record.last ?? line.number); n++) seen.add(n);
      const event = eventAt(line, 'exit', {
        says: record.message,
        time: record.time,
        exit_code: record.code,
      });
      found.push({
        line: record.first ?? line.number,
        last: record.last ?? line.number,
        ...(record.time !== undefined && { time: record.time }),
        events: [event],
      });
    });
    return found;
  },
};

interface Recorded {
  readonly message: string;
  readonly time?: string;
  readonly code?: number;
  readonly first?: number;
  readonly last?: number;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function onOneLine(raw: string): Recorded | undefined {
  let value: unknown;
  try {
    value = JSON.parse(raw.slice(Math.max(0, raw.indexOf('{"message"'))));
  } catch {
    return undefined;
  }
  const outer = isObject(value) ? value['message'] : undefined;
  if (!isObject(outer)) return undefined;
  const message = outer['message'];
  const extra = isObject(outer['extraInfo']) ? outer['extraInfo'] : {};
  const code = outer['errorCode'] ?? extra['errorCode'];
  const time = extra['timestamp'];
  return {
    message: typeof message === 'string' ? message : 'an exception',
    ...((typeof time === 'string' || typeof time === 'number') && { time: String(time) }),
    ...(typeof code === 'number' && Number.isInteger(code) && { code }),
  };
}

/** Lines of the pretty-printed form on either side of the call stack. */
const REACH = 40;

function onSeveral(lines: readonly Line[], at: number): Recorded | undefined {
  const near = lines.slice(Math.max(0, at - 8), at + REACH);
  const field = (name: string): { value: string; line: number } | undefined => {
    const pattern = new RegExp(
      `^\\s*"${name}": (?:"((?:[^"\\\\]|\\\\.){0,2000})"|(-?\\d{1,12})),?\\s*$`,
    );
    for (const { text, number } of near) {
      const match = pattern.exec(text);
      if (match !== null) return { value: match[1] ?? match[2] ?? '', line: number };
    }
    return undefined;
  };
  const message = field('message');
  if (message === undefined) return undefined;
  const time = field('timestamp');
  const code = field('errorCode');
  return {
    message: message.value,
    first: message.line,
    last: Math.max(message.line, time?.line ?? 0, lines[at]?.number ?? 0),
    ...(time !== undefined && { time: time.value }),
    ...(code !== undefined && { code: Number(code.value) }),
  };
}
