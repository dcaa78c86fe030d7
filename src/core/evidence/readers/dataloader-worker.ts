/** Workers live in host memory; the signal that ended one says what ran out, if anything did. */
import type { Clue, IncidentKind, Reader, Reading } from '../reader.ts';

interface Fate {
  readonly pattern: RegExp;
  readonly kind: IncidentKind;
  readonly clue: Clue;
}

const FATES: readonly Fate[] = [
  { pattern: /Buserror|sharedmemory\(shm\)/i, kind: 'host_oom', clue: 'shared-memory-segment' },
  { pattern: /signal:Killed/i, kind: 'host_oom', clue: 'process-killed' },
  {
    pattern:
      /workersarenolongeralive|6feetunder|exit(?:ed)?unexpectedly|someonedied|unexpectedlyterminated/i,
    kind: 'host_oom',
    clue: 'worker-crashed',
  },
  { pattern: /./, kind: 'look_alike', clue: 'worker-crashed' },
];

/** The sentence is Paddle's own: PyTorch's names no loader and no option. */
const OF_PADDLE = /inDataLoaderworker|use_shared_memory/i;

export const dataloaderWorker: Reader = {
  id: 'dataloader-worker',
  code: 'UN413',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'DataLoader worker died',
      summary:
        'A worker process of a DataLoader, or of a similar pool, ended: killed for host memory, by a full /dev/shm, or by a crash.',
    },
    zh: {
      title: 'DataLoader 的 worker 意外退出',
      summary:
        'DataLoader 或类似进程池的 worker 进程结束：因主机内存不足被杀死、/dev/shm 已满，或自身崩溃。',
    },
    ru: {
      title: 'Воркер DataLoader умер',
      summary:
        'Процесс-воркер DataLoader или похожего пула завершился: убит из-за нехватки памяти хоста, не нашёл места в /dev/shm или упал сам.',
    },
  },
  sources: [
    'pytorch@v2.6.0:torch/utils/data/_utils/signal_handling.py',
    'paddle@v2.6.0:paddle/fluid/imperative/data_loader.cc',
  ],
  needles: [
    'dataloader worker',
    'unexpected bus error',
    'encountered in worker',
    'background workers are no longer',
    'background worker is 6 feet',
    'pin memory thread exited',
    'abort event was set',
    'workers exit unexpectedly',
    'managed by the executor',
  ],
  anchor:
    /DataLoaderworker\(pid(?:\(s\))?[\d,:=[\]]{0,900}\)(?:iskilledbysignal:[A-Za-z]{0,30}|exitedunexpectedly)|Unexpectedbuserrorencounteredin(?:DataLoader)?worker(?:\.Thismightbecausedbyinsufficientsharedmemory\(shm\))?|Unexpected(?:segmentationfault|floating-pointexception)encounteredin(?:DataLoader)?worker|backgroundworkersarenolongeralive|6feetunder|Somebackgroundworkeris6feetunder|DataLoader\d{1,3}workersexitunexpectedly|Aborteventwasset\.Sosomeonedied|Pinmemorythreadexitedunexpectedly|Aworkerprocessmanagedbytheexecutorwasunexpectedlyterminated/gi,
  read(message): Reading | undefined {
    const text = message.match[0];
    const fate = FATES.find(({ pattern }) => pattern.test(text));
    // joblib says how its workers ended; a kill is told by a reader of its own.
    const isOfExecutor = /executor/i.test(text);
    const ends = isOfExecutor ? message.text.slice(0, 700) : '';
    if (/SIGKILL/.test(ends)) return undefined;
    const isFault = /SIG(?:SEGV|ILL|FPE)/.test(ends);
    const clues: Clue[] = [fate?.clue ?? 'worker-crashed'];
    if (clues[0] === 'worker-crashed') clues.push('may-be-no-memory');
    return {
      kind: isFault ? 'look_alike' : (fate?.kind ?? 'look_alike'),
      framework: isOfExecutor
        ? 'system'
        : OF_PADDLE.test(text + message.text.slice(0, 200))
          ? 'paddle'
          : 'pytorch',
      backend: 'cpu',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
