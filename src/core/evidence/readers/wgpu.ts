/** wgpu, the WebGPU of Rust programs: an allocation, one buffer's limit, or a lost device. */
import type { Clue, Reader, Reading } from '../reader.ts';

const SIZE = /(?:Buffersize|range|value)(?<size>\d{1,20})(?:isgreater|exceeds|isbetter)/i;
const TOO_BIG = /BufferTooBig\((?<size>\d{1,20})\)/i;
const MAXIMUM =
  /(?:maximumbuffersize\(|buffer_binding_size[`'‘’]?limit|thanallowed)(?<size>\d{1,20})(?!\d)/i;

export const wgpu: Reader = {
  id: 'wgpu',
  code: 'UN453',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'wgpu (Rust)',
      summary:
        '"Not enough memory left", "wgpu error: Out of Memory", a buffer above the device’s limit, and the look-alike of a lost device.',
    },
    zh: {
      title: 'wgpu（Rust）',
      summary:
        '“Not enough memory left”、“wgpu error: Out of Memory”、超过设备上限的缓冲区，以及貌似显存不足的错误：设备丢失。',
    },
    ru: {
      title: 'wgpu (Rust)',
      summary:
        '«Not enough memory left», «wgpu error: Out of Memory», буфер больше предела устройства и похожая ошибка: потерянное устройство.',
    },
  },
  sources: [
    'wgpu@v0.19:wgpu-core/src/device/mod.rs',
    'wgpu@v26:wgpu/src/api/device.rs',
    'wgpu@v24:wgpu-core/src/resource.rs',
    'wgpu@v24:wgpu-core/src/binding_model.rs',
    'wgpu@v24:wgpu-core/src/instance.rs',
  ],
  needles: [
    'enough memory left',
    'wgpu error: ',
    'is greater than the maximum buffer size',
    'buffer_binding_size',
    'is better than allowed',
    'device is lost',
    'buffertoobig(',
  ],
  anchor:
    /(?:wgpuerror:ValidationError\S{0,200}?)?(?:Notenoughmemoryleft|Buffersize\d{1,20}isgreaterthanthemaximumbuffersize\(\d{1,20}\)|Bufferbinding\d{1,10}range\d{1,20}exceeds`?max_\S{1,20}?buffer_binding_size`?limit\d{1,20}|Limit'max_(?:buffer_size|\w{1,12}_buffer_binding_size)'value\d{1,20}isbetterthanallowed\d{1,20}|(?:Parent)?deviceislost)|(?<![A-Za-z])BufferTooBig\(\d{9,20}\)(?!\S{0,40}(?:ok|expected))|wgpuerror:OutofMemory/gi,
  read(message): Reading | undefined {
    const text = message.match[0];
    const isLost = /deviceislost/i.test(text);
    const near = message.preceding(400) + message.text.slice(0, 600);
    // Short sentences that others print too; wgpu names itself or the call.
    if (
      !/wgpu|Device::|Surface::|Queue::|buffer_binding_size|max_buffer_size|cubecl|burn-/i.test(
        near,
      )
    )
      return undefined;
    const size = SIZE.exec(text) ?? TOO_BIG.exec(text);
    const maximum = MAXIMUM.exec(text);
    if (size !== null) message.take('requested', size);
    if (maximum !== null) message.take('max_alloc', maximum);
    const clues: Clue[] = isLost ? ['device-removed'] : size === null ? [] : ['per-buffer-limit'];
    return {
      kind: isLost ? 'look_alike' : 'gpu_oom',
      framework: 'wgpu',
      backend: 'webgpu',
      wording: isLost ? 'lost' : size === null ? 'memory' : 'limit',
      facts: message.facts,
      clues,
      end: text.length,
    };
  },
};
