/** cudarc, the CUDA binding of Rust programs, prints the driver's code as an enum. */
import type { Message, Reader, Reading } from '../reader.ts';

function frameworkOf(message: Message): string {
  const near = message.preceding(2000) + message.text.slice(0, 2000);
  if (/mistralrs|mistral\.rs/i.test(near)) return 'mistral.rs';
  if (/cubecl|burn[-_:](?:cuda|core|tensor)/i.test(near)) return 'burn';
  if (/text[-_]embeddings/i.test(near)) return 'text-embeddings-inference';
  return 'candle';
}

export const candle: Reader = {
  id: 'candle',
  code: 'UN454',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'candle, mistral.rs and other users of cudarc',
      summary:
        'DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory") from a Rust program: candle, mistral.rs, burn.',
    },
    zh: {
      title: 'candle、mistral.rs 及其他使用 cudarc 的程序',
      summary:
        'Rust 程序的 DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")：candle、mistral.rs、burn。',
    },
    ru: {
      title: 'candle, mistral.rs и другие программы на cudarc',
      summary:
        'DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory") от программы на Rust: candle, mistral.rs, burn.',
    },
  },
  sources: ['cudarc@0.13:src/driver/result.rs', 'candle@0.8:candle-core/src/cuda_backend/error.rs'],
  needles: ['drivererror(', 'create metal resource'],
  anchor:
    /(?:DriverError|CudaError|Cuda|Cudarc|Cublas|CublasError)\((?:DriverError\()?(?:CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED)(?:,"outofmemory")?\)|FailedtocreatemetalresourceBuffer|Failedtocreatemetalresource:Buffer/gi,
  read(message): Reading {
    const isLibrary = /CUBLAS/i.test(message.match[0]);
    return {
      kind: 'gpu_oom',
      framework: frameworkOf(message),
      backend: /metal/i.test(message.match[0]) ? 'metal' : 'cuda',
      facts: message.facts,
      clues: isLibrary ? ['library-workspace'] : [],
      end: message.match[0].length,
    };
  },
};
