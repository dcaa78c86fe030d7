/**
 * SGLang's own messages. At start it shares out `--mem-fraction-static` of the card among weights and
 * the pool of tokens; too small a fraction leaves no pool, too large a fraction leaves no room for
 * CUDA graphs. At run time its pools of tokens and requests run out without the driver being asked.
 */

import type { Phase } from '../../base/phase.ts';
import { isAdvice } from '../advice.ts';
import type { Clue, IncidentKind, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const FRACTION = /mem_fraction_static=(?<count>[01]?\.\d{1,20}|[01])(?!\d)/;
const TOKENS = /Trytoallocate(?<count>\d{1,12})tokens/i;
const HOST_REQUESTED = clause('Requesting {size:size} but only');
const HOST_FREE = clause('but only have {size:size} free');

/** What the capture failed on: what stands between the words and SGLang's list of solutions. */
const SOLUTIONS = /Possiblesolutions|1\.(?:set|disable)|OpenanissueonGitHub/i;
const SAYS_OOM = /outofmemory|OutOfMemory|ALLOC_FAILED|cudaErrorMemoryAllocation/i;
/** These have readers of their own, with figures or a finer kind. */
const ANOTHER_READER =
  /outofmemory\.?Triedtoallocate|illegalmemoryaccess|device-sideassert|outofresource:sharedmemory/i;

interface Wording {
  readonly name: string;
  readonly pattern: RegExp;
  readonly phase?: Phase;
  readonly clues: readonly Clue[];
  readonly kind?: IncidentKind;
}

const WORDINGS: readonly Wording[] = [
  {
    name: 'increase-fraction',
    pattern: /^(?:Notenoughmemory|largerthanthe)/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'state-cache',
    pattern: /^NotenoughGPUmemory/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'host-cache',
    pattern: /^Notenoughhostmemory/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'host-allocator'],
    kind: 'host_oom',
  },
  { name: 'prefill', pattern: /^Prefill/i, phase: 'prefill', clues: ['kv-cache'] },
  { name: 'decode', pattern: /^Decode/i, phase: 'generate', clues: ['kv-cache'] },
  { name: 'token-pool', pattern: /batchsize$/i, clues: ['kv-cache'] },
  { name: 'request-slots', pattern: /smallernumber/i, clues: ['session-limit'] },
  { name: 'unbalanced', pattern: /unbalanced/i, phase: 'init', clues: ['taken-at-start'] },
];

/** Graphs are captured in what the pool has left; the failure may be about something else. */
function captureOf(message: Message): Partial<Reading> | undefined {
  const rest = message.text.slice(message.match[0].length).slice(0, 600);
  const inner = rest.split(SOLUTIONS)[0] ?? '';
  if (ANOTHER_READER.test(inner)) return undefined;
  return SAYS_OOM.test(inner)
    ? { kind: 'gpu_oom', clues: ['engine-budget-too-large'] }
    : { kind: 'look_alike', clues: ['may-be-no-memory'] };
}

export const sglang: Reader = {
  id: 'sglang',
  code: 'UN431',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'SGLang',
      summary:
        'SGLang’s own words: a static fraction too small at start, a token pool that is used up, a failed capture of CUDA graphs, cards that others hold.',
    },
    zh: {
      title: 'SGLang',
      summary:
        'SGLang 自己的报错：启动时静态占比太小、token 池用尽、CUDA graph 捕获失败、显卡被其他进程占用。',
    },
    ru: {
      title: 'SGLang',
      summary:
        'Сообщения самого SGLang: слишком малая статическая доля при запуске, исчерпанный пул токенов, неудачный захват CUDA-графов, карты, занятые другими процессами.',
    },
  },
  sources: [
    'sglang@v0.4.6:python/sglang/srt/model_executor/model_runner.py',
    'sglang@v0.4.6:python/sglang/srt/managers/schedule_batch.py',
    'sglang@v0.5.2:python/sglang/srt/mem_cache/common.py',
    'sglang@v0.4.6:python/sglang/srt/model_executor/cuda_graph_runner.py',
    'sgl-jax@main:python/sgl_jax/srt/managers/schedule_batch.py',
  ],
  needles: [
    'to increase --mem-fraction',
    'try to lower your batch size',
    'set a smaller number for',
    'capture cuda graph failed',
    'memory capacity is unbalanced',
    'not enough host memory available',
    'memory for hybrid state cache',
    'than the profiled value -',
  ],
  anchor:
    /Notenoughmemory[.;]?Pleasetrytoincrease\W{0,2}--mem-fraction|NotenoughGPUmemoryforhybridstatecache|Notenoughhostmemoryavailable\.Requesting|(?:Prefill|Decode)?(?<!CUDA)outofmemory\.Trytoloweryourbatchsize|(?:alloc_req_slotsruns)?outofmemory\.Pleasesetasmallernumberfor\W{0,2}--max-(?:running-requests|total-tokens)|Capturecudagraphfailed|largerthantheprofiledvalue-\d|Thememorycapacityisunbalanced/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const { match } = message;
    const around = message.before + message.text.slice(0, 300);
    const isCapture = /^Capture/i.test(match[0]);
    const wording = isCapture ? undefined : WORDINGS.find(({ pattern }) => pattern.test(match[0]));
    const capture = isCapture ? captureOf(message) : undefined;
    if (wording === undefined && capture === undefined) return undefined;
    message.count('mem_fraction_static', FRACTION);
    if (wording?.name === 'prefill') message.count('prefill_tokens', TOKENS);
    // SGLang divides by 10^9 here.
    if (wording?.name === 'host-cache') {
      message.size('requested', HOST_REQUESTED, { meaning: 'decimal' });
      message.size('host_free', HOST_FREE, { meaning: 'decimal' });
    }
    const kind = capture?.kind ?? wording?.kind ?? 'gpu_oom';
    const phase = isCapture ? 'capture' : wording?.phase;
    const { counts } = message;
    return {
      kind,
      framework: /sgl[-_]jax|sglang-jax/i.test(around) ? 'sglang-jax' : 'sglang',
      backend: kind === 'host_oom' ? 'cpu' : 'cuda',
      wording: wording?.name ?? 'capture',
      facts: message.facts,
      clues: capture?.clues ?? wording?.clues ?? [],
      end: message.end,
      ...(Object.keys(counts).length > 0 && { counts }),
      ...(phase !== undefined && { phase }),
    };
  },
};
