/** WebGPU in a browser, as its implementation Dawn and the programs above it report. */
import type { Clue, Message, Reader, Reading } from '../reader.ts';

const VULKAN =
  'vk(?:AllocateMemory|CreateBuffer|CreateImage|BindBufferMemory)failedwithVK_ERROR_OUT_OF_(?:DEVICE|HOST)_MEMORY';
const D3D = String.raw`(?:ID3D12|D3D12|Create(?:Heap|CommittedResource|PlacedResource))\S{0,60}?(?:failedwith|:)E_OUTOFMEMORY`;
const LIMIT = String.raw`Buffersize\(\d{1,20}\)exceedsthemaxbuffersizelimit\(\d{1,20}\)|Bindingsize\(\d{1,20}\)of\S{1,100}?islargerthanthemaximumbindingsize\(\d{1,20}\)|Requiredlimit\(\d{1,20}\)isgreaterthanthesupportedlimit\(\d{1,20}\)\.?-?Whilevalidatingmax(?:StorageBufferBindingSize|BufferSize)|Requiredlimit\(\d{7,20}\)isgreaterthanthesupportedlimit\(\d{7,20}\)(?!\.?-?Whilevalidating)`;
const BARE = String.raw`(?<!Array)Bufferallocationfailed|GPUOutOfMemoryError|(?:FailedtocreateGPUbuffer|createBuffer\S{0,60}?):?\S{0,20}?(?:OutOfMemory|outofmemory)`;
const MAPPED = String.raw`createBufferfailed,size\(\d{1,20}\)istoolargefortheimplementationwhenmappedAtCreation`;
const RANGE = String.raw`Failedtoexecute'createBuffer'on'GPUDevice':\S{0,120}?Valueisoutsidethe'unsignedlonglong'valuerange`;
const LOST =
  'DXGI_ERROR_DEVICE_(?:HUNG|REMOVED|RESET)|(?:WebGPU|GPU)device(?:was|is|hasbeen)?lost|AvalidexternalInstancereferencenolongerexists|VK_ERROR_DEVICE_LOST|CONTEXT_LOST_WEBGL';

const ANCHOR = new RegExp(`${VULKAN}|${D3D}|${LIMIT}|${BARE}|${MAPPED}|${RANGE}|${LOST}`, 'gi');

const REQUESTED = /(?:Buffersize|Bindingsize|failed,size|Requiredlimit)\((?<size>\d{1,20})\)/i;
const MAXIMUM = /(?:limit|bindingsize|supportedlimit)\((?<size>\d{1,20})\)(?!is|of)/i;

const IN_BROWSER =
  /dawn|webgpu|DOMException|While(?:validating|calling)|GPUDevice|GPUAdapter|requestDevice|WEBGL|GPUBuffer|CheckVk|CheckHRESULT|InvalidBuffer|createBuffer|CreateBuffer|AllocateResourceHeap|web-?llm|tvmjs|onnxruntime|transformers/i;

function frameworkOf(near: string): string {
  if (/web-?llm|tvmjs|mlc/i.test(near)) return 'web-llm';
  if (/transformers(?:\.js|\.min|js)|huggingface/i.test(near)) return 'transformers.js';
  if (/\[[EW]:onnxruntime|ONNXRuntimeError/.test(near)) return 'onnxruntime';
  if (/ort[.-](?:web|wasm|all)|onnxruntime/i.test(near)) return 'onnxruntime-web';
  return 'webgpu';
}

const nearOf = (message: Message): string => message.preceding(1200) + message.text.slice(0, 1200);

function cluesOf(text: string): readonly Clue[] {
  if (/DEVICE_(?:HUNG|REMOVED|RESET|LOST)|lost$|CONTEXT_LOST|Instancereference/i.test(text))
    return ['device-removed'];
  if (/unsignedlonglong/i.test(text)) return ['absurd-request'];
  return /limit|maximumbinding/i.test(text) ? ['per-buffer-limit'] : [];
}

const LOST_BEFORE = /devicelost\(|DXGI_ERROR_DEVICE_(?:HUNG|REMOVED|RESET)|device(?:was|is)lost/i;

export const webgpu: Reader = {
  id: 'webgpu',
  code: 'UN451',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'WebGPU in a browser',
      summary:
        'Dawn cannot allocate a buffer, or one buffer exceeds the adapter’s limit: web-llm, transformers.js, ONNX Runtime Web. A lost or hung device is a look-alike.',
    },
    zh: {
      title: '浏览器中的 WebGPU',
      summary:
        'Dawn 无法分配缓冲区，或单个缓冲区超过适配器的上限：web-llm、transformers.js、ONNX Runtime Web。设备丢失或挂起属于貌似显存不足的错误。',
    },
    ru: {
      title: 'WebGPU в браузере',
      summary:
        'Dawn не может выделить буфер, или один буфер превышает предел адаптера: web-llm, transformers.js, ONNX Runtime Web. Потерянное или зависшее устройство — похожая ошибка.',
    },
  },
  sources: [
    'dawn@chromium/6834:src/dawn/native/vulkan/VulkanError.cpp',
    'dawn@chromium/6834:src/dawn/native/Buffer.cpp',
    'gpuweb@2024: GPUOutOfMemoryError, limits',
  ],
  needles: [
    'failed with vk_error_out_of_',
    'e_outofmemory',
    'exceeds the max buffer size limit',
    'larger than the maximum binding size',
    'than the supported limit',
    'gpuoutofmemoryerror',
    'buffer allocation failed',
    'failed to create gpu buffer',
    'too large for the implementation',
    "'unsigned long long' value range",
    'dxgi_error_device_',
    'device was lost',
    'device is lost',
    'device lost',
    'external instance reference',
    'vk_error_device_lost',
    'context_lost_webgl',
  ],
  anchor: ANCHOR,
  precedence: -1,
  read(message): Reading | undefined {
    const text = message.match[0];
    const near = nearOf(message);
    // wgpu prints sentences of its own; other programs lose devices too.
    if (!IN_BROWSER.test(near) || /wgpu/i.test(near)) return undefined;
    const clues = cluesOf(text);
    const isHost = /mappedAtCreation|OUT_OF_HOST/i.test(text);
    const size = REQUESTED.exec(text);
    const maximum = MAXIMUM.exec(text);
    if (size !== null) message.take('requested', size);
    if (maximum !== null && clues.includes('per-buffer-limit')) message.take('max_alloc', maximum);
    // After a device is lost everything is refused, in whatever words.
    const isLost = LOST_BEFORE.test(message.preceding(1500));
    const isOther = isLost || clues.includes('device-removed') || clues.includes('absurd-request');
    return {
      kind: isOther ? 'look_alike' : isHost ? 'host_oom' : 'gpu_oom',
      framework: frameworkOf(near),
      backend: isHost ? 'cpu' : 'webgpu',
      wording: /CONTEXT_LOST/.test(text)
        ? 'lost-context'
        : isOther && /insufficientmemory/i.test(near)
          ? 'suspended'
          : isOther
            ? 'lost'
            : clues.includes('per-buffer-limit')
              ? 'limit'
              : 'memory',
      facts: message.facts,
      clues: isLost ? ['device-removed'] : clues,
      end: text.length,
    };
  },
};
