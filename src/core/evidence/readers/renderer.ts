/** Renderers, game engines and graphics APIs: what each prints when the card is full. */
import type { Backend, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

interface Program {
  readonly framework: string;
  readonly backend: Backend;
  readonly pattern: RegExp;
}

const PROGRAMS: readonly Program[] = [
  {
    framework: 'blender',
    backend: 'cuda',
    pattern:
      /SystemisoutofGPU(?:andsharedhost)?memory|Outofmemoryincu\w{3,40}\(|CUDAerroratcu\w{3,40}:Outofmemory|Couldnotallocate[^.\u0001]{3,40}\.MostlikelyoutofGPUmemory/i,
  },
  { framework: 'optix', backend: 'cuda', pattern: /OPTIX_ERROR_DEVICE_OUT_OF_MEMORY/i },
  {
    framework: 'mitsuba',
    backend: 'cuda',
    pattern:
      /(?:cuda|jit)_malloc\(\):outofmemory|cuda_check\(\):APIerror0*2\b\S{0,80}?outofmemory/i,
  },
  {
    framework: 'luxcore',
    backend: 'cuda',
    pattern: /CUDAdriverAPIerroroutofmemory|CUDADriverAPIerror\w{0,40}\(?code:?2/i,
  },
  {
    framework: 'octane',
    backend: 'cuda',
    pattern:
      /CUDAerror2ondevice\d{1,3}:\S{0,60}?memory|Notenoughdevicememory|outofdevicememoryondevice/i,
  },
  {
    framework: 'unreal',
    backend: 'direct3d',
    pattern: /Outofvideomemorytryingtoallocate|DXGI_ERROR_OUT_OF_MEMORY/i,
  },
  {
    framework: 'direct3d',
    backend: 'direct3d',
    pattern:
      /(?:D3D1[12]|Direct3D|ID3D1[12]\w{1,40}|CreateCommittedResource|CreateTexture2D|CreatePlacedResource)[^\u0001]{0,100}?E_OUTOFMEMORY|failedwitherrorE_OUTOFMEMORY|d3d1[12]:failedtocreate[^\u0001]{1,160}?(?:\[(?:D3Derrorwas)?(?:0x)?8007000e\]|error0x8007000e)/i,
  },
  {
    framework: 'redshift',
    backend: 'cuda',
    pattern: /Redshiftcannotoperatewithlessthan\d{1,6}MBoffreeVRAM/i,
  },
  { framework: 'opengl', backend: 'opengl', pattern: /GL_OUT_OF_MEMORY/i },
];

const LOST_CONTEXT = /Invalid(?:context|value)incuCtx\w{3,30}\(/i;

/** Cycles prints its own device memory behind the first bar, Blender's host memory in front of it. */
const HOST_MEMORY = clause('Mem : {size:size}');
const DEVICE_MEMORY = clause('| Mem : {size:size}');
const DEVICE_PEAK = clause(', Peak : {size:size}');

export const renderer: Reader = {
  id: 'renderer',
  code: 'UN484',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Renderers and graphics APIs',
      summary:
        'Blender Cycles, OptiX, Mitsuba, LuxCore, Octane, Unreal Engine, Direct3D and OpenGL out of video memory.',
    },
    zh: {
      title: '渲染器与图形 API',
      summary:
        'Blender Cycles、OptiX、Mitsuba、LuxCore、Octane、Unreal Engine、Direct3D 和 OpenGL 的显存不足。',
    },
    ru: {
      title: 'Рендереры и графические API',
      summary:
        'Нехватка памяти GPU в Blender Cycles, OptiX, Mitsuba, LuxCore, Octane, Unreal Engine, Direct3D и OpenGL.',
    },
  },
  sources: [
    'blender@v4.1.0:intern/cycles/device/device.cpp',
    'blender@v4.1.0:intern/cycles/blender/session.cpp',
    'UnrealEngine@4.27:Engine/Source/Runtime/Windows/D3D11RHI/Private/D3D11Util.cpp',
    'drjit-core@v0.4.4:src/malloc.cpp',
  ],
  needles: [
    'system is out of gpu',
    'out of memory in cu',
    'cuda error at cu',
    'likely out of gpu',
    'optix_error_device_out',
    '_malloc(): out',
    'cuda_check(): ',
    'cuda driver api error',
    'not enough device memory',
    'cuda error 2 on device',
    'out of video memory',
    'error_out_of_memory',
    'e_outofmemory',
    '8007000e',
    'of free vram',
    'gl_out_of_memory',
  ],
  anchor: new RegExp(PROGRAMS.map(({ pattern }) => pattern.source).join('|'), 'gi'),
  precedence: 4,
  read(message): Reading | undefined {
    const text = message.match[0];
    const program = PROGRAMS.find(({ pattern }) => pattern.test(text));
    if (program === undefined) return undefined;
    // The program's source: set_error("…").
    if (/\w\(\s*["']$/.test(message.lead)) return undefined;
    const isBlender = program.framework === 'blender';
    // Without a context nothing can be allocated, and Cycles says of it what it says of a full card.
    if (isBlender && LOST_CONTEXT.test(message.preceding(400))) {
      return {
        kind: 'look_alike',
        framework: program.framework,
        backend: program.backend,
        wording: 'context',
        facts: [],
        clues: ['may-be-no-memory'],
        end: message.end,
      };
    }
    if (isBlender && /Fra:\d/.test(message.text.slice(0, 200))) {
      message.size('host_process', HOST_MEMORY);
      message.size('allocated', DEVICE_MEMORY);
      message.size('peak', DEVICE_PEAK);
    }
    // Said before anything of the scene is there.
    const isAtStart = program.framework === 'redshift';
    return {
      kind: 'gpu_oom',
      framework: program.framework,
      backend: program.backend,
      wording: isAtStart ? 'said' : text.slice(0, 40),
      facts: message.facts,
      clues: isAtStart ? ['taken-at-start'] : [],
      end: message.end,
    };
  },
};
