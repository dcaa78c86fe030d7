/**
 * ONNX Runtime: its arena, the calls of its CUDA, ROCm and DirectML providers, and plain host
 * allocations. The arena prints one line for all kinds of memory; the text around it tells which.
 */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Message, Reader, Reading } from '../reader.ts';

const ARENA = String.raw`Failedtoallocatememoryforrequestedbufferofsize\d{1,20}`;
const CAP = String.raw`Availablememoryof\d{1,20}issmallerthanrequestedbytesof\d{1,20}`;
/** The class and its signature, where the sentence behind it was cut off, or within. */
const CUT = String.raw`BFCArena::AllocateRawInternal(?:(?:\(\S{0,160}?\))?Failedtoalloc(?!atememoryforrequestedbufferofsize\d)|\([^)]{0,160}$)`;
const CALL = String.raw`(?:CUDA|HIP|ROCM)failure2:outofmemory;GPU=\d{1,3}`;
const LIBRARY = String.raw`(?:CUBLAS|CUDNN|ROCBLAS|MIOPEN)failure\d{1,5}:\w{1,40}ALLOC_FAILED;GPU=\d{1,3}`;
const HOST = String.raw`(?:node\.Name:'[^']{0,200}'StatusMessage:|Exceptionduringinitialization:|ERROR_MESSAGE:|RUNTIME_EXCEPTION:)"?(?:std::)?bad_?alloc(?:ation)?`;
/** Windows prints the words of the code in its own language; the thread's number stands before it. */
const DIRECTX = String.raw`8007000E(?:Notenough(?:memoryresources|storage)|tonotenough|toenoughmemory)|887A00(?:05|06|07|20)(?:TheGPU|TheGraphics|Thedevice|The\S{1,40}device)|tid\([0-9a-f]{1,8}\)(?:8007000E|887A00(?:05|06|07|20))`;

const ANCHOR = new RegExp(`${CAP}|${ARENA}|${CUT}|${CALL}|${LIBRARY}|${HOST}|${DIRECTX}`, 'gi');

const SIZES: readonly RegExp[] = [
  /requestedbytesof(?<size>\d{1,20})/i,
  /requestedbufferofsize(?<size>\d{1,20})/i,
];
const LEFT = /Availablememoryof(?<size>\d{1,20})is/i;
const GPU = /;GPU=(?<index>\d{1,3})/i;
/** No card has so much: the shape that it was computed from is corrupt. */
const ABSURD = 2 ** 50;

const ON_DEVICE =
  /CUDAExecutionProvider|TensorrtExecutionProvider|ROCMExecutionProvider|MIGraphX|DmlExecutionProvider|BFCArenaforCuda|providers[/\\](?:cuda|rocm|dml|tensorrt)|onnxruntime-gpu|cuda|nvidia/i;
/** The CPU provider's own arena, and node names of a layout that only it has. */
const ON_HOST = /CPUExecutionProvider|BFCArenaforCpu|Name:'[^']{0,80}_nchwc'/i;

function nearOf(message: Message): string {
  return message.preceding(1500) + message.text.slice(0, 1200);
}

function backendOf(message: Message, near: string): Backend {
  if (/hip|rocm|MIOPEN/i.test(message.match[0])) return 'hip';
  if (/8007000E|887A00/i.test(message.match[0])) return 'directml';
  if (/bad_?alloc/i.test(message.match[0])) return 'cpu';
  if (/AllocateRaw|requestedbuffer|Availablememory/i.test(message.match[0])) {
    if (ON_HOST.test(near) && !ON_DEVICE.test(near)) return 'cpu';
    if (/ROCMExecutionProvider|providers[/\\]rocm/i.test(near)) return 'hip';
    if (/DmlExecutionProvider|providers[/\\]dml/i.test(near)) return 'directml';
  }
  return 'cuda';
}

function phaseOf(near: string, isCall: boolean): Reading['phase'] {
  if (
    /Exceptionduringinitialization|creatingserver|Can'tcreateasession|InferenceSession::Initialize/i.test(
      near,
    )
  )
    return 'load';
  return !isCall && /statuscodereturnedwhilerunning\w{1,60}node/i.test(near)
    ? 'forward'
    : undefined;
}

const codeOf = (text: string): string =>
  (/8007000E|887A00\d\d/i.exec(text)?.[0] ?? '').toUpperCase();

export const onnxruntime: Reader = {
  id: 'onnxruntime',
  code: 'UN450',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'ONNX Runtime',
      summary:
        'The BFC arena cannot extend, a provider’s CUDA call fails, DirectML is out of memory, or host memory is short; and the look-alike of a removed DirectX device.',
    },
    zh: {
      title: 'ONNX Runtime',
      summary:
        'BFC arena 无法扩展、某个 provider 的 CUDA 调用失败、DirectML 显存不足，或主机内存不够；还有貌似显存不足的错误：DirectX 设备被移除。',
    },
    ru: {
      title: 'ONNX Runtime',
      summary:
        'BFC-арена не может расшириться, вызов CUDA у провайдера завершился ошибкой, DirectML не хватает памяти или мало памяти хоста; а также похожая ошибка: отключённое устройство DirectX.',
    },
  },
  sources: [
    'onnxruntime@v1.9.0:onnxruntime/core/framework/bfc_arena.cc',
    'onnxruntime@v1.20.1:onnxruntime/core/framework/bfc_arena.cc',
    'onnxruntime@v1.20.1:onnxruntime/core/providers/cuda/cuda_call.cc',
    'onnxruntime@v1.20.1:onnxruntime/core/providers/dml/DmlExecutionProvider/src/ErrorHandling.h',
  ],
  needles: [
    'requested buffer of size',
    'smaller than requested bytes',
    'allocaterawinternal',
    'failure 2: out of memory',
    'alloc_failed ; gpu',
    'bad_alloc',
    'bad allocation',
    '8007000e',
    '887a0005',
    '887a0006',
    '887a0007',
    '887a0020',
  ],
  anchor: ANCHOR,
  precedence: -1,
  read(message): Reading | undefined {
    const text = message.match[0];
    const near = nearOf(message);
    const isCall = /failure\d/i.test(text);
    const isRemoved = /887A00/i.test(text);
    const isDirectX = /8007000E|887A00/i.test(text);
    // CNTK prints the calls of ONNX Runtime without the file; std::bad_alloc is everybody's.
    if (isCall && !/onnx|;file=/i.test(near)) return undefined;
    if (
      /bad_?alloc/i.test(text) &&
      !/onnx|ort[.-]|Can'tcreateasession|statuscodereturned/i.test(near)
    )
      return undefined;
    if (isDirectX && !/onnx|dml|direct[mx]|d3d|dxgi|torch|GPUdevice/i.test(near)) return undefined;
    for (const pattern of SIZES) {
      const match = pattern.exec(text);
      if (match !== null) message.take('requested', match);
    }
    const left = LEFT.exec(text);
    if (left !== null) message.take('arena_free', left);

    if (message.facts.length === 0 && isAdvice(message)) return undefined;
    const backend = backendOf(message, near);
    const size = message.facts[0]?.value;
    const clues: Clue[] = [];
    if (size !== undefined && ('unknown' in size || size.mid > ABSURD))
      clues.push('absurd-request');
    // Only an arena that was given a limit says how much of it is left.
    if (left !== null) clues.push('arena-limit');
    if (/ALLOC_FAILED/i.test(text)) clues.push('library-workspace');
    if (isRemoved) clues.push('device-removed');
    if (backend === 'cpu') clues.push('host-allocator');
    const index = GPU.exec(text)?.groups?.['index'];
    const phase = phaseOf(near, isCall);
    return {
      kind: isRemoved ? 'look_alike' : backend === 'cpu' ? 'host_oom' : 'gpu_oom',
      framework: isDirectX && !/onnx|dml/i.test(near) ? 'directml' : 'onnxruntime',
      backend,
      wording: isDirectX ? codeOf(text) : isCall ? 'call' : 'arena',
      facts: message.facts,
      clues,
      end: text.length,
      ...(index !== undefined && { device: Number(index) }),
      ...(phase !== undefined && { phase }),
    };
  },
};
