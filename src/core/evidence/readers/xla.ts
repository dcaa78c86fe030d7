/** JAX and other programs on XLA: a buffer, a program or a constant that did not fit. */
import { isAdvice } from '../advice.ts';
import { phaseOfFrames } from '../phase-of.ts';
import type { Clue, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';
import {
  ASYNC_FULL,
  DRIVER_FREE,
  DRIVER_TOTAL,
  DUMP_LINES,
  deviceIn,
  FROM_DEVICE,
  isHostPool,
  isPlainXla,
  NO_ROOM_FOR_KERNEL,
  POOL_FULL,
  POOL_STATS,
  REPORT_LINES,
} from '../xla-log.ts';

const OUT = 'Outofmemory(?:while)?tryingtoallocate(?:[\\d.,]{1,24}(?:bytes|[KMGT]i?B)|[XN]bytes)';
const ON_CPU = 'RESOURCE_EXHAUSTED:Outofmemoryallocating\\d{1,19}bytes';
const REQUEST = 'Failedtoallocaterequestfor[\\d.]{1,20}[KMGT]?i?B(?:\\(\\d{1,19}B\\))?';
const CONSTANT = 'Failedtoallocate\\d{1,19}bytesfornewconstant';
const BLOCK = 'BufferAssignmentstats:|Peakbuffers:(?:Buffer\\d{1,3}:Size:)?|Buffer\\d{1,3}:Size:';
/** The compiler computed again what it could and is still above what the device has. */
const ABOVE_LIMIT = 'Can.?treducememoryusebelow[^\\u0001;]{1,60}?byrematerialization;onlyreducedto';
const GRAPH =
  '(?:CUDAdriver|Underlyingbackend)ranoutofmemorytryingtoinstantiate(?:CUDA)?graph|FailedtoinstantiateCUDAgraph:?CUDA_ERROR_OUT_OF_MEMORY';
const CODE = '(?:XlaRuntimeError|JaxRuntimeError):[^\\u0001"\']{0,120}?CUDA_ERROR_OUT_OF_MEMORY';

const ANCHOR = new RegExp(
  [
    OUT,
    ON_CPU,
    REQUEST,
    CONSTANT,
    BLOCK,
    POOL_FULL,
    FROM_DEVICE,
    POOL_STATS,
    ASYNC_FULL,
    NO_ROOM_FOR_KERNEL,
    ABOVE_LIMIT,
    GRAPH,
    CODE,
  ].join('|'),
  'gi',
);

const REQUESTED = clause('trying to allocate {size:size}');
const IN_BRACKETS = /^.{0,60}?\((?<size>\d{1,19})(?<size_unit>bytes|B)\)/i;
const REQUEST_FOR = clause('request for {size:size}');
const COUNTED = /failedtoallocate(?<size>\d{1,19})bytes/i;
const ALLOCATING = /memoryallocating(?<size>\d{1,19})/i;
const PROGRAM = clause('total allocation: {size:size}');
const BUFFER =
  /^(?:Peakbuffers:)?Buffer\d{1,3}:Size:(?<size>\d{1,12}(?:\.\d{1,3})?)(?<size_unit>[KMGT]i?B|B)/i;
const LABEL = /^.{0,1200}?XLALabel:(?<label>[\w.-]{1,60}?)(?=Shape:|=|$)/i;
const ALLOWED = clause('use below {size:size}');
const REDUCED = clause('only reduced to {size:size}');
/** Zero stands for none. */
const LIMIT = /Limit:(?<size>[1-9]\d{0,18})InUse/i;
const IN_USE = /(?<!Max)InUse:(?<size>\d{1,19})/i;
const PEAK = /MaxInUse:(?<size>\d{1,19})/i;

/** Whose program XLA compiled. */
function frameworkOf(message: Message): string {
  const around = message.before + message.text.slice(0, 400);
  if (/XRTExecute|torch_xla|xla_client|BadStatusOraccess/.test(around)) return 'torch_xla';
  return /\[Op:|\{\{node|tensorflow\.python|local_(?:xla|tsl)/.test(around) ? 'tensorflow' : 'jax';
}

/** Reverse-mode differentiation is a transpose. */
const isBackward = (text: string): boolean => /op_name=\S{0,300}?transpose\(jvp\(/.test(text);
const isForward = (text: string): boolean => /op_name=\S{0,300}?jvp\(/.test(text);

function wordingOf(anchor: string): string {
  if (/^(?:Buffer|Peak)/i.test(anchor)) return 'buffers';
  if (/CUBIN/i.test(anchor)) return 'kernel';
  if (/instantiate/i.test(anchor)) return 'graph';
  return /rematerialization/i.test(anchor) ? 'above-limit' : 'request';
}

/** The part of the message that the anchor found. False when it belongs to another reader. */
function take(message: Message, clues: Clue[]): boolean {
  const text = message.match[0];
  const plain = isPlainXla(message);
  if (/ranoutofmemory|fromdevice$|^cuMem|CUBIN|^Limit/i.test(text) && plain !== true) return false;
  if (/^Limit/i.test(text)) {
    message.size('allowed', LIMIT);
    message.size('allocated', IN_USE);
    message.size('peak', PEAK);
  } else if (/fromdevice$/i.test(text)) {
    message.size('requested', IN_BRACKETS);
    clues.push('retries-smaller');
  } else if (/^cuMem|fornewconstant/i.test(text)) {
    message.size('requested', COUNTED);
    message.size('free', DRIVER_FREE);
    message.size('total', DRIVER_TOTAL);
  } else if (/^Failedtoallocaterequest/i.test(text)) {
    message.size('requested', IN_BRACKETS) ?? message.size('requested', REQUEST_FOR);
  } else if (/^(?:Buffer|Peak)/i.test(text)) {
    message.size('program', PROGRAM);
    // One buffer after another follows; the list begins with the largest.
    const size = BUFFER.exec(message.text);
    if (size !== null) {
      const buffer = LABEL.exec(message.text)?.groups?.['label'] ?? 'Buffer 1';
      message.take('buffer', size, { scope: { buffer, role: 'other' } });
    }
  } else if (/rematerialization/i.test(text)) {
    message.size('allowed', ALLOWED);
    message.size('program', REDUCED);
    clues.push('only-a-warning', 'may-be-no-memory');
  } else if (/memoryallocating/i.test(text)) message.size('requested', ALLOCATING);
  else if (/tryingtoallocate/i.test(text)) message.size('requested', REQUESTED);
  if (/indicatesthatthisisnotafailure/i.test(message.text.slice(0, 300)))
    clues.push('only-a-warning');
  return true;
}

export const xla: Reader = {
  id: 'xla',
  code: 'UN461',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'XLA and JAX',
      summary:
        'RESOURCE_EXHAUSTED from a program that XLA compiled, mostly with JAX: the request, the program\u2019s needs (BufferAssignment), its largest buffers, and the pool\u2019s lines.',
    },
    zh: {
      title: 'XLA 与 JAX',
      summary:
        'XLA 编译的程序（多为 JAX）报 RESOURCE_EXHAUSTED：申请的大小、程序的需求（BufferAssignment）、最大的缓冲区，以及内存池的日志行。',
    },
    ru: {
      title: 'XLA и JAX',
      summary:
        'RESOURCE_EXHAUSTED от программы, которую скомпилировал XLA, чаще всего с JAX: запрос, потребности программы (BufferAssignment), её самые большие буферы и строки пула.',
    },
  },
  sources: [
    'xla@2024-03:xla/stream_executor/stream_executor_memory_allocator.cc',
    'xla@2024-03:xla/service/gpu/gpu_executable.cc',
    'xla@2024-03:xla/pjrt/pjrt_stream_executor_client.cc',
    'xla@2024-03:xla/service/buffer_assignment.cc',
  ],
  needles: [
    'memory while trying to alloc',
    'out of memory trying to alloc',
    'exhausted: out of memory all',
    'ran out of memory trying',
    'failed to allocate request',
    'bytes for new constant',
    'by rematerialization; only',
    'to instantiate cuda graph',
    'to instantiate graph',
    'bufferassignment stats',
    'peak buffers:',
    'xla label:',
    'bytes) from device',
    'maxinuse:',
    'cumemallocasync',
    'in-memory cubin',
    'xlaruntimeerror',
    'jaxruntimeerror',
  ],
  anchor: ANCHOR,
  read(message): Reading | undefined {
    const text = message.match[0];
    // Of the list of buffers the first one is read.
    if (
      /^Buffer\d/i.test(text) &&
      /Buffer\d{1,3}:Size:|Peakbuffers:$/i.test(message.preceding(6000))
    )
      return undefined;
    if (/^Peakbuffers:$/i.test(text)) return undefined;
    if (isAdvice(message)) return undefined;
    const clues: Clue[] = [];
    if (!take(message, clues)) return undefined;
    const name = /\(([^()]*)\)/.exec(text)?.[1] ?? '';
    const isPool = /ranout/i.test(text) && isHostPool(name);
    const isHost = isPool || /memoryallocating/i.test(text);
    if (isHost) clues.push('host-allocator');
    if (isPool) clues.push('pinned-memory');
    const isDriver = /^cuMem/i.test(text);
    const device = deviceIn(
      (isDriver ? message.before.slice(-40) : '') + message.text.slice(0, 200),
    );
    const exception = /([\w.]{0,40}(?:Xla|Jax)RuntimeError): /.exec(message.leadOnLine)?.[1];
    const isWarning = clues.includes('only-a-warning');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: frameworkOf(message),
      backend: isHost ? 'cpu' : /^.{0,200}?hipError/i.test(message.text) ? 'hip' : 'cuda',
      wording: wordingOf(text),
      facts: message.facts,
      clues,
      end: message.end,
      ...(device !== undefined && !isHost && { device }),
      ...(exception !== undefined && { exception }),
      ...(/instantiate(?:CUDA)?graph$/i.test(text) && { phase: 'capture' as const }),
      ...(isBackward(message.text)
        ? { phase: 'backward' as const }
        : isForward(message.text) && { phase: 'forward' as const }),
      ...(!isWarning && { reportLines: /ranout/i.test(text) ? DUMP_LINES : REPORT_LINES }),
    };
  },
  refine(reading, frames): Reading {
    if (reading.phase !== 'forward' || phaseOfFrames(frames) === undefined) return reading;
    const { phase: _, ...rest } = reading;
    return rest;
  },
};
