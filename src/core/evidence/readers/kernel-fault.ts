/** Faults that people take for memory trouble because the word memory is in them. */
import type { Reader, Reading } from '../reader.ts';

const PINS = /\.pin_memory\(|\bpin_memory ?= ?True/;

/** No fault of a kernel: what does not go with what, said outright. */
const NAMED: readonly {
  readonly pattern: RegExp;
  readonly wording: string;
  readonly framework: string;
}[] = [
  { pattern: /^nokernel/i, wording: 'no-kernel-image', framework: 'pytorch' },
  { pattern: /^Loadedruntime/i, wording: 'mismatch', framework: 'cuda' },
  { pattern: /^CUDAdriver/i, wording: 'old-driver', framework: 'cuda' },
  { pattern: /^allCUDA/i, wording: 'busy', framework: 'cuda' },
  { pattern: /TLSblock$/i, wording: 'static-tls', framework: 'system' },
  { pattern: /^no(?:CUDA-cap|CUDAGPUs|device)/i, wording: 'no-device', framework: 'cuda' },
];

export const kernelFault: Reader = {
  id: 'kernel-fault',
  code: 'UN414',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CUDA kernel fault',
      summary:
        'An illegal address, a device-side assertion, or an invalid launch: a fault in a kernel, not a shortage of memory.',
    },
    zh: {
      title: 'CUDA kernel 故障',
      summary: '非法地址、设备端断言或无效启动：是 kernel 的故障，不是显存不足。',
    },
    ru: {
      title: 'Сбой ядра CUDA',
      summary:
        'Недопустимый адрес, сработавшая проверка на устройстве или недопустимый запуск: сбой ядра, а не нехватка памяти.',
    },
  },
  sources: ['cuda@12.4:driver_types.h'],
  needles: [
    'illegal memory access',
    'device-side assert',
    'misaligned address',
    'invalid configuration argument',
    'error: invalid argument',
    'unspecified launch failure',
    'illegal instruction was',
    'memory access fault',
    'illegal address',
    'index out of bounds',
    'requested for launch',
    'assertion `',
    'no kernel image is',
    'devices are busy or',
    'driver version is insufficient',
    'loaded runtime cudnn',
    'memory in static tls',
    'no cuda-capable device',
    'no device available for decoder',
    'no cuda gpus are available',
  ],
  anchor:
    /illegal(?:memoryaccess|instruction)wasencountered|CUDAerrorinfunc'?[\w:]{1,80}'?atline\d{1,6}:unspecifiedlaunchfailure|device-sideasserttriggered|misalignedaddress|(?:CUDA|HIP)error:(?:invalid(?:configuration)?argument|unspecifiedlaunchfailure)|toomanyresourcesrequestedforlaunch|Illegaladdressincu\w{3,40}\(|MemoryaccessfaultbyGPU|CUDA_ERROR_ILLEGAL_ADDRESS|Assertion`(?!Outof(?:CUDA)?(?:pre-?allocated)?memory)[^`]{1,200}?`failed|allCUDA-capabledevicesarebusyorunavailable(?!,?fall)|nokernelimageisavailable|CUDAdriverversionisinsufficient|(?<=pinnedmemory:)noCUDA-capabledeviceisdetected|(?<=RuntimeError:)NoCUDAGPUsareavailable|Nodeviceavailablefordecoder|cannotallocatememoryinstaticTLSblock|LoadedruntimeCuDNNlibrary:[\d.]{1,12}butsourcewascompiledwith/gi,
  read(message): Reading {
    const text = message.match[0];
    const named = NAMED.find(({ pattern }) => pattern.test(text));
    return {
      kind: 'look_alike',
      framework: named?.framework ?? 'pytorch',
      backend: named?.framework === 'system' ? 'cpu' : 'cuda',
      wording: named?.wording ?? text.slice(0, 40),
      facts: message.facts,
      clues: named === undefined ? ['kernel-fault'] : ['may-be-no-memory'],
      end: message.end,
    };
  },
  // Page-locked memory that the machine cannot give is an invalid argument to some drivers.
  refine(reading, frames): Reading {
    const isPinned =
      /error:invalidargument/i.test(reading.wording ?? '') && PINS.test(frames.at(-1)?.code ?? '');
    return isPinned
      ? { ...reading, kind: 'host_oom', backend: 'cpu', clues: ['host-allocator', 'pinned-memory'] }
      : reading;
  },
};
