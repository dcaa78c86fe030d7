/**
 * TensorRT's builder tries tactics that need scratch memory and goes on without those that get none; its
 * runtime needs the memory of an execution context. One refusal is printed as several lines.
 */
import { BELOW_ZERO } from '../../base/bytes.ts';
import type { Phase } from '../../base/phase.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

/** The lines of one refusal give the size with and without a unit. */
const SIZES: readonly RegExp[] = [
  /Requestedamountof(?:GPU)?memory\((?<size>\d{1,18})bytes\)/i,
  /Requestedsizewas(?<size>\d{1,18})bytes/i,
  /^TacticDevicerequest:(?<size>\d{1,9})(?<size_unit>[KMG]B)/i,
  /onrequestedsizeof(?<size>\d{1,18})/i,
  /allocating(?<size>\d{1,18})-bytebuffer/i,
];
const AVAILABLE =
  /^TacticDevicerequest:\d{1,9}[KMG]B\)?,?Available:(?<size>\d{1,9})(?<size_unit>[KMG]B)/i;
/** Version 8.4 counts in megabytes here, others in bytes; a small number alone is not told apart. */
const UNIT_IS_OPEN = /^Skipping\S{0,40}?onrequestedsizeof\d{1,6}(?!\d)/i;
const BUILDS =
  /insufficientworkspace|tactic|timeReformat|IBuilder|builder|computeCosts|autotun|tunable/i;
const PREPARES =
  /ExecutionContext::ExecutionContext|initializeExecutionContext|deserializ|CUDAinitializationfailure/i;
const RUNS = /enqueue/i;

function phaseOf(text: string): Phase | undefined {
  if (BUILDS.test(text)) return 'compile';
  if (PREPARES.test(text)) return 'init';
  return RUNS.test(text) ? 'forward' : undefined;
}

function wordingOf(start: string, isSkipped: boolean): string {
  if (isSkipped) return 'tactic';
  return /Errorin|memoryallocation/i.test(start) ? 'old' : 'allocator';
}

export const tensorrt: Reader = {
  id: 'tensorrt',
  code: 'UN433',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TensorRT',
      summary:
        'TensorRT’s builder or runtime was refused device memory, in the wordings of versions 4 to 10, with the size where it is printed.',
    },
    zh: {
      title: 'TensorRT',
      summary:
        'TensorRT 的 builder 或运行时申请显存被拒，涵盖版本 4 到 10 的各种措辞；有大小的一并读出。',
    },
    ru: {
      title: 'TensorRT',
      summary:
        'Билдер или среда выполнения TensorRT не получили память GPU: формулировки версий с 4 по 10, с размером, если он напечатан.',
    },
  },
  sources: [
    'TensorRT@v7.1: rtSafe/safeRuntime.cpp, as logged',
    'TensorRT@v8.4: virtualMemoryBuffer.cpp, defaultAllocator.cpp, as logged',
    'TensorRT@v10.3: defaultAllocator.cpp, as logged',
  ],
  needles: [
    'error code 2: outofmemory',
    'cuda runtime (out of memory)',
    'requested amount of gpu memory',
    'requested amount of memory',
    'due to insufficient memory on',
    'due to insuficient memory on',
    'tactic device request',
    'user allocator error',
    'cuda error in',
    'outofmemory error in',
    'gpu memory allocation error',
    'could not find any implement',
    'insufficient to use tactic',
    'initialization failure with error',
    'during getbesttactic',
  ],
  anchor:
    /ErrorCode2:OutOfMemory|CudaRuntime\(outofmemory\)|Requestedamountof(?:GPU)?memory\(\d+bytes\)couldnotbeallocated|Skippingtactic\S{0,24}?duetoinsuff?icientmemoryon|TacticDevicerequest:\d{1,9}[KMG]B\)?,?Available:\d{1,9}[KMG]B|Userallocatorerrorallocating\d+-byte|CudaErrorin[\w:~<>'`&,*-]{1,120}?:2(?![\d:])|OutOfMemoryErrorin[^\u0001]{1,160}?:\d|GPUmemoryallocationerrorduring|Couldnotfindanyimplementationfornode|CUDAinitializationfailurewitherror:?2(?!\d)|GPUerrorduringgetBestTactic:[^\u0001]{1,200}?:outofmemory/gi,
  read(message): Reading {
    const start = message.match[0];
    // The place in the source stands in front of the code, on its line.
    const place = message.leadOnLine;
    // The line goes on with what it was doing; other lines of the log may follow it.
    const line = message.text.slice(0, start.length + 160);
    const isOpen = UNIT_IS_OPEN.test(line) && !/UNSUPPORTED_STATE\W{0,3}$/i.test(place);
    for (const pattern of isOpen ? [] : SIZES) {
      const size = pattern.exec(line);
      if (size !== null && message.facts.length === 0) message.size('requested', pattern);
    }
    message.size('free', AVAILABLE);
    // The builder goes on with other tactics, unless none is left.
    const isLeft = !/Couldnotfindanyimplementation/i.test(message.text.slice(0, 2000));
    const isSkipped = /^Skipping/i.test(start) || (/^TacticDevice/i.test(start) && isLeft);
    const phase = phaseOf(place + line);
    const clues: Clue[] = phase === 'compile' ? ['tactic-scratch'] : [];
    // The same words for scratch that no tactic got and for a layer that none can compute.
    const isUnsaid =
      /^Couldnotfind/i.test(start) &&
      !/insufficientworkspace|increasingtheworkspacesize/i.test(message.text.slice(0, 600));
    if (isUnsaid) clues.push('may-be-no-memory');
    if (BELOW_ZERO.test(start)) clues.push('absurd-request');
    if (isSkipped) clues.push('only-a-warning');
    if (/^CUDAinit/i.test(start)) clues.push('taken-at-start');
    return {
      kind: 'gpu_oom',
      framework: 'tensorrt',
      backend: 'cuda',
      wording: isUnsaid ? 'no-tactic' : wordingOf(start, isSkipped),
      facts: message.facts,
      clues,
      end: message.end,
      ...(phase !== undefined && { phase }),
    };
  },
};
