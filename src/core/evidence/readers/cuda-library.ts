/** Libraries take device memory of their own, outside the caching allocator. */
import { valueIn } from '../../ledger/observe.ts';
import type { Clue, Message, Reader, Reading } from '../reader.ts';

/** Who called the library, where the text in front says so. */
const CALLERS: readonly (readonly [string, RegExp])[] = [
  ['tensorflow', /tensorflow|stream_executor|cuda_(?:dnn|blas|fft)\.cc/i],
  [
    'jax',
    /jaxlib|xla_extension|XlaRuntimeError|RET_CHECK|Failuretoinitializecublas|xla[\\/]service|bestcudnnconvolution/i,
  ],
  ['mxnet', /mxnet|mshadow|Checkfailed:err==$/i],
  ['paddle', /paddle|Externalerror/i],
  ['cupy', /[Cc]u[Pp]y|CU(?:BLAS|SOLVER|SPARSE|FFT)Error/],
  ['onnxruntime', /onnxruntime|(?:CUBLAS|CUDNN)failure\d/i],
  ['llama.cpp', /ggml|llama/i],
  ['darknet', /darknet/i],
];

/** MIOpen names the scratch memory that a convolution was to have. */
const BUFFER = /(?:allocatebuffer:?|creatingbuffer:?)(?<size>[1-9]\d{2,17})(?!\d)/i;

/** The call that failed, in brackets behind the code. */
const SEARCHING = /^\W{0,3}cudnn(?:Find\w{1,60}|Get\w{1,60})Algorithm/i;

/** Algorithms are tried, each with a workspace of its own: said after the error, or by the call that failed. */
const isSearching = ({ before, match, text }: Message): boolean =>
  SEARCHING.test(text.slice(match[0].length, match[0].length + 80)) ||
  /cudnnFind\w{0,40}Algorithm\w{0,6}(?:\(\S{0,60}?\))?[:\s\d]{0,12}$/i.test(before);

/** What the runtime, or the library's caller, prints of the card beside the status. */
const FREE_THERE = /AvailableFreemem:(?<size>\d{1,9})(?<size_unit>MB)/i;
const FREE_OF = /Memoryusage:(?<size>\d{1,18})bytesfree/i;
const TOTAL_OF = /bytesfree,(?<size>\d{1,18})bytestotal/i;
/** Less than this and the card is full, whatever the status says. */
const LITTLE_FREE = 256 * 2 ** 20;

/** The figures stand behind the status, or a line above it. */
function takeFree(message: Message): void {
  if (message.size('free', FREE_THERE) !== undefined) return;
  if (message.size('free', FREE_OF) !== undefined) {
    message.size('total', TOTAL_OF);
    return;
  }
  const before = message.preceding(600);
  const [free, total] = [FREE_OF.exec(before), TOTAL_OF.exec(before)];
  if (free === null || total === null) return;
  message.take('free', free, { offset: -before.length });
  message.take('total', total, { offset: -before.length });
}

export const cudaLibrary: Reader = {
  id: 'cuda-library',
  code: 'UN407',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'cuBLAS, cuDNN or cuFFT without memory',
      summary:
        'A CUDA library could not create a handle or get a workspace: usually the allocator has taken the whole card, sometimes the install or an earlier fault.',
    },
    zh: {
      title: 'cuBLAS、cuDNN 或 cuFFT 申请不到显存',
      summary:
        '某个 CUDA 库无法创建句柄或申请不到工作区（workspace）：通常是分配器已占满整张显卡，有时是安装问题或此前的故障。',
    },
    ru: {
      title: 'Памяти не хватило cuBLAS, cuDNN или cuFFT',
      summary:
        'Библиотека CUDA не смогла создать дескриптор или получить рабочую область (workspace): обычно аллокатор занял всю карту, иногда дело в установке или в более раннем сбое.',
    },
  },
  sources: ['pytorch@v2.6.0:aten/src/ATen/cuda/CublasHandlePool.cpp'],
  needles: [
    '_alloc_failed',
    '_not_initialized',
    '_allocation_failed',
    '_insufficient_resources',
    'cufft_internal_error',
    'cudnn algorithm',
    'available in cudnn',
    'convolution algorithm. ',
    'insufficient resources when',
    'cusolverdncreate(',
    'status_memory_error',
    'cublas_status_success (',
    'cudnn_status_success (',
    'statusallocfailed',
    'find an engine to execute',
    'cublas runtime error',
    'cudnn convolution algorithm',
    'dnn library initialization failed',
    'get convolution algorithm.',
    'available to allocate buffer',
    'error creating buffer',
    ' dnn != nullptr',
    'cufftallocfailed',
    "cudnn isn't found",
    'cufft_success (',
    'cufft failed to allocate',
    'hsa_status_error_out_of',
    'miopenstatus',
    'failure to initialize cublas',
  ],
  anchor:
    /(?:CUBLAS|CUDNN|CUSOLVER|CUSPARSE|CUTENSOR|HIPBLAS|HIPSPARSE|HIPSOLVER|ROCBLAS|MIOPEN)_STATUS_(?:ALLOC_FAILED|NOT_INITIALIZED)|CUDNN_STATUS_INTERNAL_ERROR_(?:DEVICE|HOST)_ALLOCATION_FAILED|(?:CU|HIP)FFT_(?:ALLOC_FAILED|INTERNAL_ERROR)|(?:CURAND|HIPRAND)_STATUS_ALLOCATION_FAILED|CUBLAS_STATUS_SUCCESS\((?:1|3)vs\.0\)|CUDNN_STATUS_SUCCESS\((?:1|2)vs\.0\)|rocblas_status_memory_error|miopenStatusAllocFailed|Memorynotavailabletoallocatebuffer(?::?\d{1,18}(?!\d))?|(?:Hip|OpenCL)errorcreatingbuffer:?\d{0,18}:?(?:outofmemory)?|cufftAllocFailed|cuDNNisn'tfound(?:FWD|BWD)\w{0,8}algo|CUFFT_SUCCESS\(2vs\.0\)|CUFFTError\(code2,cuFFTfailedtoallocate(?:GPUorCPU)?memory|HSA_STATUS_ERROR_OUT_OF_RESOURCES|miopenStatus(?:Unknown|Internal)Error|RET_CHECKfailure\([^()]{1,200}\)dnn!=nullptr|(?:CUSPARSE|CUSOLVER)_STATUS_INSUFFICIENT_RESOURCES|(?:unabletofinda(?:valid|proper)|novalid)cuDNNalgorithm|novalidconvolutionalgorithmsavailableinCuDNN|Failedtofindany(?:forward|backward\w{0,8})convolutionalgorithm|cusolverDnCreate\(&?\w{1,20}\)failed:?(?:cuSolverinternalerror)?|CUDAerror:insufficientresourceswhencalling|Unabletofindanenginetoexecute|Failedtodeterminebestcudnnconvolutionalgorithm|DNNlibraryinitializationfailed|Failuretoinitializecublas(?=maybeduetoOOM)|Failedtogetconvolutionalgorithm\.|cublasruntimeerror:(?:librarynotinitialized|resourceallocationfailed)/gi,
  precedence: 2,
  read(message): Reading | undefined {
    const text = message.match[0];
    // Said outright a few lines above: no memory has to do with it.
    if (!/ALLOC/i.test(text) && /sourcewascompiledwith/i.test(message.preceding(1500)))
      return undefined;
    message.size('requested', BUFFER);
    takeFree(message);
    const isFull = (valueIn(message.facts, 'free')?.high ?? Number.POSITIVE_INFINITY) < LITTLE_FREE;
    const clues: Clue[] = ['library-workspace'];
    if (
      !isFull &&
      !/ALLOC|CUFFT_SUCCESS|memory_error|resourceallocation|creatingbuffer|CUBLAS\w+\(3|CUDNN\w+\(2/i.test(
        text,
      )
    )
      clues.push('may-be-no-memory');
    const isHost = /HOST_ALLOCATION/i.test(text);
    if (isHost) clues.push('host-allocator');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework:
        CALLERS.find(([, pattern]) => pattern.test(message.before + text))?.[0] ?? 'pytorch',
      backend: isHost
        ? 'cpu'
        : /hip|roc|miopen|HSA_|allocatebuffer|creatingbuffer/i.test(text)
          ? 'hip'
          : 'cuda',
      wording: isSearching(message) ? 'algorithm-search' : text.slice(0, 40),
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
