/** NVIDIA DALI allocates for its pipeline beside the training framework; CPU operators take pinned memory. */
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause("Can't allocate {size:size}");
const DEVICE = /bytesondevice(?<index>\d{1,3})/i;
/** A CPU operator allocates page-locked memory of the host with CUDA's own calls. */
const ON_HOST = /executingCPUoperator(?!.{0,200}(?:Mixed|GPU)operator)/i;

export const dali: Reader = {
  id: 'dali',
  code: 'UN482',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'NVIDIA DALI',
      summary:
        'A data pipeline could not allocate: "CUDA allocation failed", "Can\u2019t allocate N bytes on device", nvJPEG\u2019s allocator, or pinned memory of a CPU operator.',
    },
    zh: {
      title: 'NVIDIA DALI 数据管线',
      summary:
        '数据管线分配失败：“CUDA allocation failed”、“Can’t allocate N bytes on device”、nvJPEG 的分配器，或 CPU 算子的锁页内存。',
    },
    ru: {
      title: 'Конвейер данных NVIDIA DALI',
      summary:
        'Конвейер данных не смог выделить память: «CUDA allocation failed», «Can’t allocate N bytes on device», аллокатор nvJPEG или закреплённая память оператора CPU.',
    },
  },
  sources: [
    'DALI@v1.30.0:include/dali/core/cuda_error.h',
    'DALI@v1.30.0:include/dali/core/mm/memory_resource.h',
    'DALI@v0.28.0:include/dali/core/cuda_utils.h',
  ],
  needles: [
    'cuda allocation failed',
    "can't allocate ",
    'nvjpeg_status_alloc',
    'nvjpeg error "5"',
    'error in pipeline',
  ],
  anchor:
    /CUDAallocationfailed|Can'tallocate(?=\d{1,18}bytes(?:ondevice|onhost|of(?:pinned|managed|host)))|NVJPEG_STATUS_ALLOCATOR_FAILURE|nvJPEGerror"5"|Criticalerrorinpipeline:[^\u0001]{0,200}?std::bad_alloc|CUDA(?:runtime|driver)APIerror(?:cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY)\(2\)/gi,
  read(message): Reading {
    const text = message.match[0];
    message.size('requested', REQUESTED);
    const index = message.find(DEVICE)?.groups?.['index'];
    const head = message.text.slice(0, 120);
    const isHost = ON_HOST.test(message.before) || /bytes(?:onhost|of(?:pinned|host))/i.test(head);
    const clues: Clue[] = [];
    if (isHost) clues.push('host-allocator', 'pinned-memory');
    if (/NVJPEG/i.test(text)) clues.push('library-workspace');
    // Plain bad_alloc may as well be the host's memory.
    if (/bad_alloc$/i.test(text)) clues.push('may-be-no-memory');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'dali',
      // A pipeline decodes and copies input to the GPU.
      phase: 'transfer',
      backend: isHost ? 'cpu' : 'cuda',
      facts: message.facts,
      clues,
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
