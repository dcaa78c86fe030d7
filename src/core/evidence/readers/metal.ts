/** Metal reports a command buffer that failed; the error's number tells memory from other reasons. */
import { programOf } from '../ggml.ts';
import type { Message, Reader, Reading } from '../reader.ts';

/** Who encoded the work: the words around the error. */
function frameworkOf(message: Message): string {
  const near = message.preceding(1500) + message.text.slice(0, 1500);
  if (/ggml_metal|llama_|whisper_/i.test(near)) return programOf(message);
  if (/\[METAL\]|mlx[._/-]|mlx\.core|libmlx/i.test(near)) return 'mlx';
  if (/MetalPerformanceShadersoperations|torch[._/]|MPSStream|aten[/\\]/i.test(near))
    return 'pytorch';
  if (/tensorflow|pluggable_device/i.test(near)) return 'tensorflow';
  if (/wgpu|dawn|WebGPU/i.test(near)) return 'webgpu';
  return /ollama/i.test(message.line.program ?? '') ? 'ollama' : 'metal';
}

/** One array or buffer beyond what the API counts to, however much is free. */
const LARGEST = />2\*\*|mustnotexceed|largeforkernel/i;

const WORKING_SET = /\((?<size>\d{1,9}(?:\.\d{1,3})?)\/\d{1,9}(?:\.\d{1,3})?\),warning:$/i;
const WORKING_LIMIT = /\/(?<size>\d{1,9}(?:\.\d{1,3})?)\),warning:$/i;

export const metal: Reader = {
  id: 'metal',
  code: 'UN448',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Metal command buffer',
      summary:
        'A Metal command buffer was aborted: "Insufficient Memory", or a look-alike such as "Impacting Interactivity" and a GPU timeout.',
    },
    zh: {
      title: 'Metal 命令缓冲区',
      summary:
        '一个 Metal 命令缓冲区被中止：“Insufficient Memory”，或貌似显存不足的错误，如 “Impacting Interactivity” 和 GPU 超时。',
    },
    ru: {
      title: 'Командный буфер Metal',
      summary:
        'Командный буфер Metal прерван: «Insufficient Memory» или похожая ошибка, например «Impacting Interactivity» и тайм-аут GPU.',
    },
  },
  sources: [
    'metal@3:MTLCommandBufferError',
    'llama.cpp@b3600:ggml/src/ggml-metal.m',
    'mlx@v0.22.0',
  ],
  needles: [
    'iogpucommandbuffer',
    'insufficient memory (0',
    'insufficient memory (ioaf',
    'failed: insufficient memory',
    'large for kernel',
    'impacting interactivity',
    'gpu timeout error',
    'total bytes of ndarray',
    'product of dimension sizes',
    'buffer validation',
    'recommended max working set',
  ],
  anchor:
    /(?:\[METAL\]Commandbufferexecutionfailed:)?(?:InsufficientMemory|ImpactingInteractivity|CausedGPUTimeoutError|CausedGPUHangError|GPUTimeoutError|Ignored\S{0,60}?)\((?:[0-9a-f]{8}:|IOAFcode)(?:kIOGPUCommandBufferCallbackError(?<name>\w{1,40})|(?<code>\d{1,3}))\)|kIOGPUCommandBufferCallbackErrorOutOfMemory|Commandbufferexecutionfailed:InsufficientMemory|toolargeforkernel\.Encodefailed|totalbytesofNDArray>2\*\*\d\d|productofdimensionsizes>2\*\*\d\d|currentallocatedsizeisgreaterthantherecommendedmaxworkingsetsize|BufferValidation(?:\s|\u0001)*newBufferWith[\w*]{1,24}:?length0x[0-9a-f]{1,16}mustnotexceed\d{1,19}(?:MB)?/gi,
  precedence: -1,
  read(message): Reading | undefined {
    const text = message.match[0];
    // ggml goes on until a command buffer fails; what was put there are the weights and the cache.
    if (/workingsetsize$/i.test(text)) {
      if (/print_timings|eval time/i.test(message.text)) return undefined;
      const before = message.preceding(120);
      const size = WORKING_SET.exec(before);
      if (size !== null) {
        message.take('program', size, { offset: -before.length, unit: 'MB' });
        const limit = WORKING_LIMIT.exec(before);
        if (limit !== null) message.take('allowed', limit, { offset: -before.length, unit: 'MB' });
      }
      return {
        kind: 'gpu_oom',
        framework: frameworkOf(message),
        backend: 'metal',
        wording: 'working-set',
        phase: 'load',
        facts: message.facts,
        clues: ['only-a-warning', 'may-be-no-memory'],
        end: text.length,
      };
    }
    const isMemory = /OutOfMemory|InsufficientMemory/i.test(text);
    const framework = frameworkOf(message);
    if (LARGEST.test(text)) {
      const isArray = /NDArray|dimension|forkernel/i.test(text);
      return {
        kind: 'gpu_oom',
        framework: isArray && framework === 'metal' ? 'pytorch' : framework,
        backend: isArray ? 'mps' : 'metal',
        wording: 'one-buffer',
        facts: message.facts,
        clues: ['per-buffer-limit'],
        end: text.length,
      };
    }
    const isGgml = !['mlx', 'pytorch', 'tensorflow', 'webgpu', 'metal'].includes(framework);
    return {
      kind: isMemory ? 'gpu_oom' : 'look_alike',
      framework,
      backend: framework === 'pytorch' ? 'mps' : 'metal',
      wording: isMemory ? 'insufficient-memory' : 'interrupted',
      facts: message.facts,
      // The error names the command buffer that was aborted, not what filled the memory.
      clues: isMemory ? ['asynchronous'] : ['device-removed'],
      end: text.length,
      ...(isMemory && isGgml && { phase: 'generate' }),
    };
  },
};
