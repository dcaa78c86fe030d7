/** Programs that check CUDA's result codes themselves: one row for each, what it prints and its figures. */
import { BELOW_ZERO } from '../../base/bytes.ts';
import { isAdvice } from '../advice.ts';
import type { Clue, IncidentKind, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

interface Program {
  readonly framework: string;
  readonly pattern: RegExp;
  readonly figures?: (message: Message) => void;
  readonly clues?: readonly Clue[];
  readonly wording?: string;
  readonly kind?: (text: string, message: Message) => IncidentKind | undefined;
}

const size =
  (pattern: RegExp) =>
  (message: Message): void => {
    message.size('requested', pattern);
  };

const MIB_FLOOR = { rounding: 'floor' } as const;

/** Miners say what the table needs in front of the failure, and what was free behind it. */
function dagFigures(message: Message): void {
  const asked = /AllocatingDAG\((?<size>\d{1,3}(?:\.\d{1,3})?)\)(?<size_unit>GB)/i;
  const before = message.preceding(300);
  const match = asked.exec(before);
  if (match !== null) message.take('requested', match, { offset: -before.length });
  else {
    message.size('requested', clause('required : {size:size}')) ??
      message.size('requested', clause('required {size:size}')) ??
      message.size('requested', clause('needed : {size:size}'));
  }
  message.size('total', clause('CUDA memory : {size:size} total'));
  message.size('free', clause('total , {size:size} free')) ??
    message.size('free', clause('free : {size:size}')) ??
    message.size('free', clause('available : {size:size}')) ??
    message.size('free', clause('available {size:size}'));
}

const PROGRAMS: readonly Program[] = [
  {
    framework: 'relion',
    pattern: /CudaCustomAllocatoroutofmemory|ERROR:outofmemoryin[^\u0001]{1,200}?atline\d/i,
    figures: (message) => {
      message.size('requested', clause('requestedSpace : {size:size}'));
      message.size('reserved_unallocated', clause('totalFreeSpace : {size:size}'));
    },
  },
  {
    framework: 'kaldi',
    pattern:
      /Failedtoallocateamemoryregionof\d{1,18}bytes|Cannotallocatetherequestedmemory\([^()]{1,80}bytes\)/i,
    figures: (message) => {
      message.size('requested', /(?<size>\d{1,18})(?<size_unit>bytes)/i);
      message.size('free', clause('free : {size:size}'), MIB_FLOOR);
      message.size('used', clause('used : {size:size}'), MIB_FLOOR);
      message.size('total', clause('total : {size:size}'), MIB_FLOOR);
    },
  },
  {
    framework: 'openmm',
    pattern:
      /Error(?:creating|initializing|resizing)array\S{1,60}?:(?:CUDA_ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory|outofmemory|clCreateBuffer)/i,
  },
  {
    framework: 'openmm',
    pattern: /ErrorinitializingFFT:2(?!\d)/i,
    clues: ['library-workspace'],
  },
  {
    framework: 'amber',
    pattern: /GpuBuffer[^\s:]{0,20}::Allocatefailed(?:outofmemory)?/i,
  },
  {
    framework: 'gromacs',
    pattern:
      /CUDAerror#2\(cudaErrorMemoryAllocation\)(?::outofmemory)?|cudaMalloc(?:Host)?ofsize\d{1,18}bytesfailed/i,
    figures: size(/ofsize(?<size>\d{1,18})(?<size_unit>bytes)/i),
    kind: (text, message) =>
      /allCUDA-capabledevicesarebusy/i.test(message.text.slice(0, 300))
        ? 'look_alike'
        : /cudaMallocHost/i.test(text)
          ? 'host_oom'
          : undefined,
  },
  { framework: 'lammps', pattern: /Insufficientmemoryonaccelerator/i },
  {
    framework: 'kokkos',
    pattern: /Allocationofsize[\d.]{1,14}[KMGT]?i?B?failed,likelyduetoinsufficientmemory/i,
    figures: size(
      /Allocationofsize(?<size>\d{1,9}(?:\.\d{0,6})?)(?<size_unit>[KMGT]?i?B|[KMGT])?failed/i,
    ),
    kind: (_, message) =>
      /MemorySpacenamed"(?:Host|HostSpace|CudaHostPinned)"/i.test(message.before)
        ? 'host_oom'
        : undefined,
  },
  {
    framework: 'tflite-micro',
    pattern: /Failedtoresizebuffer\.Requested:\d{1,12},available\d{1,12}/i,
    figures: (message) => {
      message.size('requested', /Requested:(?<size>\d{1,12})/i);
      message.size('arena_free', /available(?<size>\d{1,12})/i);
    },
    clues: ['arena-limit'],
    kind: () => 'look_alike',
  },
  { framework: 'dorado', pattern: /Insufficientmemorytoruninferenceoncuda/i },
  { framework: 'alicevision', pattern: /Can'tallocateCUDA(?:array|buffer|memory)/i },
  { framework: 'deepstream', pattern: /Failedtoallocatethebuffersinsidethe\w{3,24}outputpool/i },
  { framework: 'resolve', pattern: /YourGPUmemoryisfull|GPU-Speicheristvoll(?![a-zäöü])/i },
  { framework: 'miner', pattern: /Notenoughmemoryformining(?:\.?\(?needed:?[\d.]{1,8}GB)?/i },
  {
    framework: 'openacc',
    pattern: /Outofmemoryallocating\d{1,18}bytesofdevicememory/i,
    figures: (message) => {
      message.size('requested', /allocating(?<size>\d{1,18})(?<size_unit>bytes)/i);
      message.size('total', /total\/freeCUDAmemory:(?<size>\d{1,18})\//i);
      message.size('free', /total\/freeCUDAmemory:\d{1,18}\/(?<size>\d{1,18})/i);
    },
  },
  { framework: 'namd', pattern: /FATALERROR:CUDAerror[^\u0001]{0,200}?outofmemory/i },
  {
    framework: 'physx',
    pattern: /PxgCudaDeviceMemoryAllocatorfailtoallocatememory\d{1,18}bytes/i,
    figures: size(/memory(?<size>\d{1,18})(?<size_unit>bytes)/i),
  },
  {
    // Buffers of a fixed size that the scene's settings give.
    framework: 'physx',
    pattern: /PxgDynamicsMemoryConfig::\w{1,60}bufferoverflowdetected/i,
    wording: 'scene-buffer',
    clues: ['arena-limit'],
    kind: () => 'look_alike',
    figures: size(/sizetoatleast(?<size>\d{1,18})/i),
  },
  { framework: 'amrex', pattern: /CUDAerror2infile[^\u0001]{1,200}?line\d{1,6}:outofmemory/i },
  {
    framework: 'arrayfire',
    pattern:
      /Deviceoutofmemory:101|Error\(101\):Deviceoutofmemory|AF_ERR_NO_MEM(?=in)|memorywithnativeallocforsize\d{1,18}bytes/i,
    figures: size(/forsize(?<size>\d{1,18})(?<size_unit>bytes)/i),
  },
  {
    framework: 'opencv',
    pattern: /\(-217(?::GpuAPIcall)?\)outofmemory|GpuAPIcall\(outofmemory\)/i,
    kind: (_, message) => (/cuda_host_mem/i.test(message.before) ? 'host_oom' : undefined),
  },
  // Miners keep one table, the DAG, which grows with every epoch.
  {
    framework: 'ethminer',
    pattern:
      /CUDAerrorinfunc\S{1,100}?atline\d{1,6}:?outofmemory|CUDAerror'outofmemory'infunc\S{1,100}?line\d{1,6}|cannotallocatebigbufferforDAG|Failedtoallocateethash(?:DAG)?buffer/i,
    figures: dagFigures,
  },
  {
    framework: 'ethminer',
    pattern:
      /(?:(?:not(?:have)?|n['’]t(?:have)?)enough|insufficient)(?:free|available)?(?:GPU|device|video|graphics)?(?:memory|VRAM)(?:to(?:place|hold|store|fit|keep|create|generate|allocate)|for)(?:the)?DAG|(?:fail(?:ed)?|unable|couldnot|cannot|can't)(?:to)?allocate(?:memory(?:for)?|buffers?for)?(?:the)?DAG|Allocating(?:the)?DAG(?:buffers?)?(?:\([\d.]{1,8}\)?[GM]B\)?)?failed|DAG[-:]{1,2}outofmemory|(?:(?:not|n['’]t)enough|insufficient)(?:GPU|video)?memorytomine|CudaProgram\.cu:\d{1,5}:outofmemory|initMinererror:outofmemory/i,
    figures: dagFigures,
  },
  {
    framework: 'ethminer',
    pattern: /GPUcan'tallocatetheDAGinasinglechunk/i,
    clues: ['per-buffer-limit'],
  },
  {
    framework: 'colmap',
    pattern:
      /NotenoughGPUmemoryto(?:match|extract)\d{0,9}|patch_match_cuda\.cu:\d{1,6}[^\u0001]{0,40}?outofmemory/i,
  },
  {
    framework: 'tiny-cuda-nn',
    pattern: /(?:tiny-cuda-nn|tinycudann)[^\u0001]{0,200}?failed(?:witherror)?:?outofmemor/i,
  },
  {
    framework: 'spconv',
    pattern: /\[Exception\|(?:implicit_gemm|native_pair|indice_conv)\w{0,12}\]feat=/i,
  },
  { framework: 'spconv', pattern: /cuda(?:execution)?failedwitherror2(?!\d)(?:outofmemory)?/i },
  {
    // Layers that share a card between containers count for it, and refuse in its place.
    framework: 'hami',
    pattern: /Device\d{1,3}OOM\d{1,20}\/[1-9]\d{0,18}/i,
    // A count that fell below zero: the layer refuses, whatever is free.
    kind: (text) => (BELOW_ZERO.test(text) ? 'look_alike' : undefined),
    figures: (message) => {
      message.size('allowed', /OOM\d{1,20}\/(?<size>[1-9]\d{0,18})/i);
    },
    clues: ['arena-limit'],
  },
  {
    framework: 'warp',
    pattern: /Failedtoallocate\d{1,18}bytesondevice'(?:cuda|hip):\d{1,3}'/i,
    figures: size(/allocate(?<size>\d{1,18})(?<size_unit>bytes)/i),
  },
  {
    // The framebuffer that Legate reserves when it starts.
    framework: 'legate',
    pattern: /insufficientmemoryongpu\d{1,3}:\d{1,18}bytesneeded\(from-ll:fsize\)/i,
    figures: (message) => {
      message.size('budget', /gpu\d{1,3}:(?<size>\d{1,18})(?<size_unit>bytes)/i);
    },
    clues: ['engine-budget-too-large'],
  },
  // A pool whose size the program sets when it starts.
  { framework: 'taichi', pattern: /OutofCUDApre-allocatedmemory/i, wording: 'fixed-pool' },
  // Kernels of DeepSpeed's inference work in a part of the card that they take at the first call.
  {
    framework: 'deepspeed',
    pattern: /Workspacecan'tbeallocated,noenoughmemory/i,
    clues: ['library-workspace'],
  },
  // Quantum simulators hold the amplitudes of all states: 2 to the number of qubits.
  { framework: 'custatevec', pattern: /\[custatevec\]%?outofmemoryin\w{1,60}/i, wording: 'state' },
  {
    framework: 'qiskit-aer',
    kind: (_, message) => (/\(GPU\)/.test(message.text.slice(0, 400)) ? undefined : 'host_oom'),
    pattern: /Insufficientmemorytoruncircuit/i,
    wording: 'state',
    figures: (message) => {
      message.size('requested', /Requiredmemory:(?<size>\d{1,12})(?<size_unit>M)/i, {
        unit: 'MiB',
      });
      message.size('total', /\+(?<size>\d{1,9})(?<size_unit>M)\(GPU\)/i);
    },
  },
  // A kernel's own heap, which a setting makes larger.
  {
    framework: 'julia',
    pattern: /OutofdynamicGPUmemory\(tryingtoallocate\d{1,18}bytes\)/i,
    clues: ['arena-limit'],
    kind: () => 'look_alike',
  },
  // The workspace of a translator, whose size a setting gives.
  {
    framework: 'marian',
    pattern: /(?<=AllocationException\S{0,40})Attemptedallocationof\d{1,18},butonly\d{1,18}free/i,
    wording: 'fixed-pool',
    figures: (message) => {
      message.size('requested', /allocationof(?<size>\d{1,18})/i);
      message.size('arena_free', /only(?<size>\d{1,18})/i);
    },
  },
  // Pools whose size --dynet-mem gives, and which grow by as much.
  {
    framework: 'dynet',
    pattern:
      /GPUmemoryallocationfailedn=\d{1,18}|(?:dynet|cnn)isoutofmemory,tryincreasingwith--\w{3,5}-mem/i,
    wording: 'fixed-pool',
    figures: size(/failedn=(?<size>\d{1,18})/i),
  },
  // FlashInfer carves its temporaries from a buffer of a fixed size that the engine hands it.
  {
    framework: 'flashinfer',
    pattern:
      /OutofworkspacememoryinAlignedAll\w{4,7}|Failedtoallocatememoryfor\w{1,60}withsize\d{1,18}andalignment\d{1,6}inAlignedAll\w{4,7}/i,
    figures: size(/withsize(?<size>\d{1,18})/i),
    clues: ['library-workspace'],
  },
  {
    framework: 'colossalai',
    pattern: /Adjustlayoutfailed!NoenoughCUDAmemory!Need\d{1,18}/i,
    figures: size(/Need(?<size>\d{1,18})/i),
  },
  {
    framework: 'ethminer',
    pattern: /Epoch:?\d{1,4}requires[\d.]{1,6}GBmemory\.Only[\d.]{1,6}GBavailable/i,
    figures: (message) => {
      message.size('requested', clause('requires {size:size}'));
      message.size('total', clause('Only {size:size} available'));
    },
  },
  { framework: 'nd4j', pattern: /\[DEVICE\]allocationfailed;Errorcode:\[2\]/i },
  { framework: 'spark-rapids', pattern: /Gpu(?:SplitAnd)?RetryOOM:GPUOutOfMemory/i },
  { framework: 'jittor', pattern: /GPUmemoryisoverflow,pleasereduceyour/i },
  {
    framework: 'kaldi',
    pattern: /FailedtocreateCUDAcontext,nomoreunusedGPUs/i,
    wording: 'said',
    clues: ['taken-at-start'],
  },
  { framework: 'nnabla', pattern: /Failedtoallocate\.Freeingmemorycacheandretrying/i },
  {
    framework: 'hashcat',
    pattern:
      /Notenoughallocatabledevicememoryforthisattack|Devicedoesnotprovideenoughallocatabledevice-?memory/i,
    // It counts what OpenCL allows in one buffer, a quarter of many cards.
    clues: ['per-buffer-limit'],
  },
  { framework: 'hashcat', pattern: /cuMemAlloc\(\):outofmemory/i },
  {
    // The table of RandomX lies in memory of the host, which the card is to read.
    framework: 'xmrig',
    pattern: /DatasetHost::reg>:\d{1,5}"outofmemory"/i,
    kind: () => 'host_oom',
  },
  {
    framework: 'darknet',
    pattern:
      /CUDAError(?:Prev)?:outofmemory:(?:Fileexists|Success|Nosuchfile|Resourcetemporarily|Unknownerror)|CUDAstatusError:file:[^\u0001]{1,160}?outofmemory/i,
  },
  {
    framework: 'dlib',
    pattern:
      /Errorwhilecallingcuda\w{1,40}\([^()]{0,60}\)infile[^\u0001]{1,200}?reason:outofmemory/i,
  },
  { framework: 'matlab', pattern: /Outofmemoryondevice\.(?=To|You|$)/i },
  {
    framework: 'tvm',
    pattern: /e==cudaErrorCudartUnloading\)?(?:isfalse)?:CUDA:outofmemory/i,
  },
  { framework: 'cuda', pattern: /CUDAerrorat(?!:)[^\u0001]{1,200}?[-:]'?outofmemory/i },
];

export const computeProgram: Reader = {
  id: 'compute-program',
  code: 'UN485',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Simulation, vision and speech programs',
      summary:
        'RELION, Kaldi, OpenMM, AMBER, GROMACS, LAMMPS, Kokkos, PhysX, AMReX, ArrayFire, OpenCV, COLMAP, ethminer, Darknet, dlib, MATLAB and others, each with the figures it prints.',
    },
    zh: {
      title: '仿真、视觉和语音程序',
      summary:
        'RELION、Kaldi、OpenMM、AMBER、GROMACS、LAMMPS、Kokkos、PhysX、AMReX、ArrayFire、OpenCV、COLMAP、ethminer、Darknet、dlib、MATLAB 等，连同各自打印的数字。',
    },
    ru: {
      title: 'Программы моделирования, компьютерного зрения и обработки речи',
      summary:
        'RELION, Kaldi, OpenMM, AMBER, GROMACS, LAMMPS, Kokkos, PhysX, AMReX, ArrayFire, OpenCV, COLMAP, ethminer, Darknet, dlib, MATLAB и другие, с числами, которые они печатают.',
    },
  },
  sources: [
    'relion@5.0:src/acc/cuda/custom_allocator.cuh',
    'kaldi@5.5:src/cudamatrix/cu-allocator.cc',
    'openmm@8.1:platforms/cuda/src/CudaArray.cpp',
    'gromacs@v2023:src/gromacs/gpu_utils/devicebuffer.cuh',
    'kokkos@4.2:core/src/impl/Kokkos_Error.cpp',
    'PhysX@5.3:physx/source/gpucommon/src/PxgCudaMemoryAllocator.cpp',
    'amrex@23.03:Src/Base/AMReX_GpuError.H',
    'arrayfire@v3.8:src/backend/cuda/memory.cpp',
    'opencv@4.9:modules/core/src/cuda/gpu_mat.cu',
    'ethminer@v0.18:libethash-cuda/CUDAMiner.cpp',
    'colmap@3.9:src/colmap/util/cuda.cc',
  ],
  needles: [
    'insufficient memory on gpu',
    'in alignedall',
    'mining suspended',
    'attempted allocation of',
    'try increasing with --',
    'allocation failed n=',
    'adjust layout failed',
    'memory to run inference',
    'to resize buffer. req',
    "can't allocate cuda",
    'output pool',
    'gpu memory is full',
    'gpu-speicher ist voll',
    'memory for mining',
    "workspace can't be",
    '[custatevec]',
    'memory to run circuit',
    'customallocator out',
    'error: out of memory in',
    'a memory region of',
    'the requested memory (',
    'initializing fft: 2',
    'pxgdynamicsmemoryconfig',
    'bytes of device memory',
    '[exception|',
    'out of dynamic gpu',
    '[device] allocation failed',
    'retryoom: gpu outofmemory',
    'gpu memory is overflow',
    'no more unused gpus',
    'ting array ',
    'zing array ',
    'gpubuffer',
    '#2 (cudaerrormemory',
    'bytes failed',
    'memory on accelerator',
    'due to insufficient memory',
    'fatal error: cuda',
    'pxgcudadevicememory',
    'cuda error 2 in file',
    'device out of memory:101',
    'error (101): device',
    'af_err_no_mem',
    'with native alloc',
    'gpu api call',
    'error: (-217',
    'cuda error in func',
    'buffer for dag',
    'ethash dag',
    'allocate the dag',
    'allocating dag',
    'allocate dag',
    'memory for dag',
    'memory for the dag',
    'to place dag',
    'place the dag',
    'hold the dag',
    'hold dag',
    'store the dag',
    'fit the dag',
    'generate dag',
    'memory to mine',
    'cudaprogram.cu',
    'initminer error',
    "'out of memory' in func",
    'enough gpu memory to',
    'patch_match_cuda',
    'error out of mem',
    'execution failed with error 2',
    'cuda failed with error 2',
    'freeing memory cache',
    'tiny-cuda-nn',
    'tinycudann',
    "bytes on device 'cuda",
    'cuda pre-allocated memory',
    'allocator.c:',
    'hami-core error',
    'vgpu error',
    'cumemalloc(): out',
    'allocatable device memory',
    'allocatable device-memory',
    'cuda error: out of memory:',
    'cuda error prev: out',
    'cuda status error',
    'reason: out of memory',
    'out of memory on device',
    'datasethost::reg',
    'cuda error at ',
    'cudartunloading',
  ],
  anchor: new RegExp(PROGRAMS.map(({ pattern }) => pattern.source).join('|'), 'gi'),
  precedence: 4,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const program = PROGRAMS.find(({ pattern }) => pattern.test(text));
    if (program === undefined) return undefined;
    // After a fault every call fails, with the fault's own number.
    const result = /Result=(?<code>\d{1,4})/i.exec(message.text.slice(0, 200))?.groups?.['code'];
    if (program.framework === 'physx' && result !== undefined && result !== '2') return undefined;
    program.figures?.(message);
    const kind = program.kind?.(text, message) ?? 'gpu_oom';
    // Refused for another reason, which stands behind it.
    if (kind === 'look_alike' && program.framework === 'gromacs') return undefined;
    const isHost = kind === 'host_oom';
    const isMiscounted = program.framework === 'hami' && kind === 'look_alike';
    return {
      kind,
      framework: program.framework,
      backend: isHost ? 'cpu' : 'cuda',
      ...(program.wording !== undefined && { wording: program.wording }),
      facts: message.facts,
      clues: isHost
        ? ['host-allocator', 'pinned-memory']
        : isMiscounted
          ? ['may-be-no-memory']
          : (program.clues ?? []),
      end: message.end,
    };
  },
};
