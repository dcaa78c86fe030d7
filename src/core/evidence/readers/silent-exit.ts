/**
 * A launcher that takes down the other processes of a job, where nothing says why the first one ended:
 * no exception and no exit code. What dies without a word was killed, most often for host memory.
 */
import type { Reader, Reading } from '../reader.ts';

/** Whatever the program itself says of its end makes this no silent one. */
const HAS_A_WORD =
  /Traceback|Error|Exception|Signal|Segmentation|KeyboardInterrupt|exitswithreturncode=|exitcode/;
/** How far the program's own words are looked for, in squeezed characters. */
const FAR = 400_000;

export const silentExit: Reader = {
  id: 'silent-exit',
  code: 'UN493',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'A process that ended without a word',
      summary:
        'A launcher (DeepSpeed) takes down the other processes, and nothing above it says why the first one ended: killed, most often for host memory.',
    },
    zh: {
      title: '无声退出的进程',
      summary:
        '启动器（DeepSpeed）正在终止其余进程，而上文没有说明第一个进程为何退出：它是被杀死的，多半因为主机内存不足。',
    },
    ru: {
      title: 'Процесс завершился молча',
      summary:
        'Лаунчер (DeepSpeed) останавливает остальные процессы, а выше нет причины, по которой завершился первый: его убили, чаще всего из-за нехватки памяти хоста.',
    },
  },
  sources: ['deepspeed@0.14.0:deepspeed/launcher/launch.py (sigkill_handler)'],
  needles: ['killing subprocess'],
  // The logger's prefix is taken off the line; it stands in its raw form.
  anchor: /Killingsubprocess\d{1,10}/g,
  precedence: 8,
  read(message): Reading | undefined {
    const { line } = message;
    if (!/sigkill_handler/.test(line.raw ?? line.text)) return undefined;
    if (HAS_A_WORD.test(message.preceding(FAR)) || HAS_A_WORD.test(message.text)) return undefined;
    return {
      kind: 'host_oom',
      framework: 'deepspeed',
      backend: 'cpu',
      facts: message.facts,
      clues: ['gone-silently'],
      end: message.end,
    };
  },
};
