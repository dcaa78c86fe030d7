/**
 * TensorFlow 1 and 2. One event is told in several lines: the driver refuses to let the pool grow, the
 * pool has no block, a dump of the pool, the operation, and the exception in Python.
 */
import type { Phase } from '../../base/phase.ts';
import { isAdvice } from '../advice.ts';
import { phaseOfFrames } from '../phase-of.ts';
import type { Backend, Clue, IncidentKind, Message, Reader, Reading } from '../reader.ts';
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

const TENSOR = 'OOMwhenallocatingtensor(?:with|of)shape\\[[\\d,?]{0,200}\\]';
const ON_HOST =
  'failedtoalloc\\d{1,19}bytesonhost|couldnotallocatepinnedhostmemoryofsize:\\d{1,19}';
const COPY = 'Dsttensorisnotinitialized';
const PLAIN =
  '(?:ResourceExhaustedError:|Resource_?exhausted:)(?:(?!OOMwhen)[^\\u0001]){0,400}?failedtoallocatememory';
const REQUIRED =
  'OP_?REQUIRESfailedat[\\w./]{1,60}:\\d{1,6}[.:]Resource_?exhausted(?!:|[^\\u0001]{0,80}(?:Nospace|openfiles|quota))';
const EIGEN = '(?:EigenAllocatorforGPUranoutofmemory|RanoutofGPUmemory)whenallocating\\d{1,19}';
const CONTEXT =
  'failedcalltocu[a-z]{4,30}:CUDA_ERROR_OUT_OF_MEMORY|CUDAruntimeimplicitinitializationonGPU:\\d{1,3}failed\\.Status:outofmemory';
const DIRECTML = 'DMLallocatoroutofmemory';
const LIBRARY =
  "could(?:n't|not)createcudnnhandle|failedtocreatecublashandle|Failedtogetconvolutionalgorithm\\.Thisisprobablybecause|Blasx?[SDHC]?GEMM(?:Batched|StridedBatched)?launchfailed|DNNlibraryinitializationfailed|FailedtocallThenRnn(?:Forward|Backward)|Noalgorithmworked!";

const ANCHOR = new RegExp(
  [
    TENSOR,
    POOL_FULL,
    FROM_DEVICE,
    ON_HOST,
    POOL_STATS,
    ASYNC_FULL,
    NO_ROOM_FOR_KERNEL,
    COPY,
    PLAIN,
    REQUIRED,
    EIGEN,
    CONTEXT,
    LIBRARY,
    DIRECTML,
  ].join('|'),
  'gi',
);

const REQUESTED = clause('trying to allocate {size:size}');
const ROUGH = clause('failed to allocate {size:size} from');
const EXACT = /\((?<size>\d{1,19})(?<size_unit>bytes)\)from/i;
const COUNTED = /(?:failedtoalloc|ofsize:|whenallocating|failedtoallocate)(?<size>\d{1,19})/i;
/** Zero stands for none. */
const LIMIT = /Limit:(?<size>[1-9]\d{0,18})InUse/i;
const IN_USE = /(?<!Max)InUse:(?<size>\d{1,19})/i;
const PEAK = /MaxInUse:(?<size>\d{1,19})/i;
const REPORTED = /^.{0,80}?totalmemoryreported:(?<size>\d{1,19})/i;

const DTYPES: Readonly<Record<string, string>> = {
  float: 'float32',
  half: 'float16',
  double: 'float64',
};

interface Draft {
  readonly kind: IncidentKind;
  readonly wording: string;
  readonly clues: readonly Clue[];
  readonly tensor?: { readonly shape: readonly number[]; readonly dtype?: string };
  readonly device?: number;
  readonly phase?: Phase;
  readonly reportLines?: number;
}

/** The operation's name in the graph says which part of the step it belongs to. */
function phaseOfNode(name: string): Phase | undefined {
  // Slots of an optimizer are set with the weights, before any step.
  if (/\/Initializer\//.test(name)) return 'init';
  if (/gradient|_grad(?:\/|$)|Backprop/i.test(name)) return 'backward';
  if (
    /(?:^|\/)(?:\w*optimizer|(?:training\/)?(?:Adam|RMSprop|Momentum|Adagrad|Adadelta|SGD|Nadam|Ftrl))\w*\/|Apply(?:Adam|Momentum|RMSProp|GradientDescent)/i.test(
      name,
    )
  )
    return 'optimizer';
  if (/Initializer\/|(?:^|\/)Assign(?:_\d+)?$|random_(?:uniform|normal)$/.test(name)) return 'init';
  if (/^save\//.test(name)) return /RestoreV2|Assign/.test(name) ? 'load' : 'save';
  return 'forward';
}

/** Longer than batches are; chosen, no source. */
const LONG_SIDE = 512;

function tensorOf(message: Message): Draft {
  const head = message.text.slice(0, 900);
  const dims = /shape\[([\d,?]*)\]/.exec(message.match[0])?.[1] ?? '';
  const shape = dims === '' ? [] : dims.split(',').map(Number);
  const word = /^.{0,240}?\]andtype([a-z]+\d*)(?=on\/|by|\[|\W|$)/i.exec(head)?.[1]?.toLowerCase();
  const type = word?.replace(/on$/, '');
  const allocator = message.find(
    /^.{0,420}?byallocator(?<name>\w{1,40}?(?:_bfc|cpu|async_\d|(?=\W|$)))/i,
  );
  const place = /(?:device:|\/)(GPU|CPU):\d/i.exec(head.slice(0, 420))?.[1]?.toUpperCase();
  const node = (
    /^.{0,520}?\[\[(?:Node:|\{\{node|node(?!:))(?<name>[\w./-]{1,160})/.exec(head) ??
    // Eager execution has an operation, and at times a name behind it.
    /^.{0,420}?\[Op:\w{1,40}\]name:(?<name>\w[\w./-]{1,160})/.exec(head)
  )?.groups?.['name'];
  // Noise and dropout draw uniform numbers as well, of the shape of a batch; a matrix that is long both ways is a weight.
  const drawn =
    /^.{0,420}?\[Op:(?:Stateless)?(?<law>RandomUniform|(?:Parameterized)?TruncatedNormal)\w{0,4}\]/;
  const law = drawn.exec(head)?.groups?.['law'];
  const isMatrix = shape.length === 2 && shape.every((side) => side >= LONG_SIDE);
  const isInitial = law !== undefined && (law !== 'RandomUniform' || isMatrix);
  const isHost = isHostPool(allocator?.groups?.['name'] ?? '') || place === 'CPU';
  const device = deviceIn(head.slice(0, 900));
  const isOfOptimizer = /^.{0,700}?definedat\S{0,200}?[\\/]optimizers?[\\/]/i.test(head);
  const ofNode = node === undefined ? (isInitial ? 'init' : undefined) : phaseOfNode(node);
  const phase = isOfOptimizer ? 'optimizer' : ofNode;
  return {
    kind: isHost ? 'host_oom' : 'gpu_oom',
    wording: 'tensor',
    clues: isHost ? ['host-allocator'] : [],
    ...(shape.every(Number.isSafeInteger) && {
      tensor: { shape, ...(type !== undefined && { dtype: DTYPES[type] ?? type }) },
    }),
    ...(device !== undefined && !isHost && { device }),
    ...(phase !== undefined && { phase }),
    reportLines: REPORT_LINES,
  };
}

function poolOf(message: Message): Draft {
  message.size('requested', REQUESTED);
  const isWarning = message.find(/^.{0,200}?indicatesthatthisisnotafailure/i) !== undefined;
  const name = /\(([^()]*)\)/.exec(message.match[0])?.[1] ?? '';
  const isHost = isHostPool(name);
  const clues: Clue[] = isHost ? ['host-allocator'] : ['caching-allocator'];
  if (/host_bfc/i.test(name)) clues.push('pinned-memory');
  const device = deviceIn(name);
  return {
    kind: isHost ? 'host_oom' : 'gpu_oom',
    wording: isWarning ? 'pool-warning' : 'pool',
    clues: isWarning ? [...clues, 'only-a-warning'] : clues,
    ...(device !== undefined && { device }),
    ...(!isWarning && { reportLines: DUMP_LINES }),
  };
}

const LISTED = [
  ['total', /Totalmemory:(?<size>\d{1,5}(?:\.\d{1,3})?)(?<size_unit>[KMGT]i?B)/gi],
  ['free', /Freememory:(?<size>\d{1,5}(?:\.\d{1,3})?)(?<size_unit>[KMGT]i?B)/gi],
] as const;

function statsOf(message: Message): Draft {
  message.size('allowed', LIMIT);
  message.size('allocated', IN_USE);
  message.size('peak', PEAK);
  return {
    kind: 'gpu_oom',
    wording: 'stats',
    clues: ['caching-allocator'],
    reportLines: REPORT_LINES,
  };
}

/** Older versions list each device right above: "Total memory: 8.00GiB", "Free memory: 7.75GiB". */
function takeDevice(message: Message): void {
  const before = message.preceding(300);
  for (const [quantity, pattern] of LISTED) {
    const match = [...before.matchAll(pattern)].at(-1);
    if (match !== undefined) message.take(quantity, match, { offset: -before.length });
  }
}

function draftOf(message: Message): Draft | undefined {
  const text = message.match[0];
  if (/^OOMwhen/i.test(text)) return tensorOf(message);
  if (/tryingtoallocate/i.test(text)) return poolOf(message);
  if (/^Limit:/i.test(text)) return statsOf(message);
  if (/fromdevice$/i.test(text)) {
    message.size('requested', EXACT) ?? message.size('requested', ROUGH);
    takeDevice(message);
    return {
      kind: 'gpu_oom',
      wording: 'device',
      clues: ['retries-smaller'],
      reportLines: REPORT_LINES,
    };
  }
  if (/onhost$|pinnedhostmemory/i.test(text)) {
    message.size('requested', COUNTED);
    return {
      kind: 'host_oom',
      wording: 'host',
      clues: ['host-allocator', 'pinned-memory', 'retries-smaller'],
      reportLines: REPORT_LINES,
    };
  }
  if (/^cuMemAllocAsync/i.test(text)) {
    message.size('requested', COUNTED);
    message.size('free', DRIVER_FREE);
    message.size('total', DRIVER_TOTAL);
    const device = deviceIn(message.before.slice(-40));
    return {
      kind: 'gpu_oom',
      wording: 'async',
      clues: [],
      ...(device !== undefined && { device }),
      reportLines: REPORT_LINES,
    };
  }
  if (/whenallocating\d/i.test(text)) {
    message.size('requested', COUNTED);
    return { kind: 'gpu_oom', wording: 'eigen', clues: [], reportLines: REPORT_LINES };
  }
  if (/^failedcallto|^CUDAruntime/i.test(text)) {
    message.size('total', REPORTED);
    return {
      kind: 'gpu_oom',
      wording: 'context',
      clues: ['taken-at-start', 'context-creation'],
      phase: 'init',
    };
  }
  if (/^Dst/i.test(text))
    return {
      kind: 'gpu_oom',
      wording: 'copy',
      clues: [],
      phase: 'transfer',
      reportLines: REPORT_LINES,
    };
  if (/^DML/i.test(text))
    return { kind: 'gpu_oom', wording: 'directml', clues: [], reportLines: REPORT_LINES };
  if (/failedtoallocatememory$|CUBIN|exhausted$/i.test(text))
    return {
      kind: 'gpu_oom',
      wording: /CUBIN/i.test(text) ? 'kernel' : 'plain',
      clues: [],
      reportLines: REPORT_LINES,
    };
  const status = message.find(/^.{0,80}?(?:CUDNN|CUBLAS)_STATUS_[A-Z_]{4,30}/)?.[0] ?? '';
  const isSure =
    /ALLOC_FAILED/.test(status) || message.find(/^.{0,400}?RESOURCE_EXHAUSTED/) !== undefined;
  // Said outright a few lines above: no memory has to do with it.
  if (!isSure && /sourcewascompiledwith/i.test(message.preceding(1500))) return undefined;
  return {
    kind: 'gpu_oom',
    wording: 'library',
    clues: isSure ? ['library-workspace'] : ['library-workspace', 'may-be-no-memory'],
    reportLines: REPORT_LINES,
  };
}

function backendOf(message: Message, kind: IncidentKind): Backend {
  if (kind === 'host_oom') return 'cpu';
  if (/itex\//.test(message.before)) return 'xpu';
  if (/^DML/i.test(message.match[0])) return 'directml';
  return /^.{0,120}?hipError/i.test(message.text) ? 'hip' : 'cuda';
}

export const tensorflow: Reader = {
  id: 'tensorflow',
  code: 'UN460',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TensorFlow',
      summary:
        'TensorFlow and Keras: "OOM when allocating tensor", the pool (BFC) with its dump, requests to the driver, host pools, and libraries that the pool has left nothing.',
    },
    zh: {
      title: 'TensorFlow',
      summary:
        'TensorFlow 和 Keras：“OOM when allocating tensor”、内存池（BFC）及其转储、向驱动的申请、主机内存池，以及因内存池占满而得不到显存的库。',
    },
    ru: {
      title: 'TensorFlow',
      summary:
        'TensorFlow и Keras: «OOM when allocating tensor», пул (BFC) с его дампом, запросы к драйверу, пулы на хосте и библиотеки, которым пул ничего не оставил.',
    },
  },
  sources: [
    'tensorflow@v1.15.5:tensorflow/core/framework/op_kernel.cc',
    'tensorflow@v2.4.0:tensorflow/core/common_runtime/bfc_allocator.cc',
    'tensorflow@v2.4.0:tensorflow/stream_executor/cuda/cuda_driver.cc',
    'tensorflow@v2.4.0:tensorflow/stream_executor/cuda/cuda_dnn.cc',
  ],
  needles: [
    'oom when allocating',
    'ran out of memory trying',
    'bytes) from device',
    'op_requires failed at',
    'from device: hip',
    'from device: cuda',
    'bytes on host',
    'pinned host memory of',
    'maxinuse:',
    'cumemallocasync',
    'in-memory cubin',
    'dst tensor is not',
    'failed to allocate memory',
    'allocator for gpu ran',
    'ran out of gpu memory',
    'failed call to cu',
    'implicit initialization',
    'cudnn handle',
    'cublas handle',
    'get convolution algorithm',
    'launch failed',
    'dnn library init',
    'call thenrnn',
    'no algorithm worked!',
    'dml allocator out of',
  ],
  anchor: ANCHOR,
  read(message): Reading | undefined {
    if (isPlainXla(message) === true || isAdvice(message)) return undefined;
    const draft = draftOf(message);
    if (draft === undefined) return undefined;
    return {
      ...draft,
      framework: 'tensorflow',
      backend: backendOf(message, draft.kind),
      facts: message.facts,
      end: message.end,
    };
  },
  // A model that only predicts runs the same operations: frames know better than a node's name.
  refine(reading, frames): Reading {
    if (reading.phase !== 'forward' || phaseOfFrames(frames) === undefined) return reading;
    const { phase: _, ...rest } = reading;
    return rest;
  },
};
