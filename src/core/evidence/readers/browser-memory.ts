/** A page's own memory: the JavaScript heap's buffers and the linear memory of WebAssembly. */
import { isAdvice } from '../advice.ts';
import type { Clue, Message, Reader, Reading } from '../reader.ts';

/** ONNX Runtime Web copies the model into the heap of its WebAssembly module; malloc gave 0. */
const SESSION = String.raw`(?:Can'tcreateasession\.)?fail(?:ed|ded)toallocateabufferofsize\d{1,20}`;
const BAD_ALLOC = String.raw`Can'tcreateasession\.\S{0,200}?(?:bad_alloc|Outofmemory)`;
const ARRAY =
  'Arraybufferallocationfailed|Invalidarraybufferlength|Arraybuffertoolarge|Datacannotbecloned,outofmemory';
const WASM = String.raw`WebAssembly\.(?:Memory|instantiate)\S{0,12}?:\S{0,30}?(?:couldnotallocatememory|Outofmemory|Maximummemorysizeexceeded|failedtogrow)|(?:Aborted|abort)\(OOM\)|Cannotenlargememory(?:arrays|,requested\d{1,19}bytes,butthelimitis\d{1,19}bytes)|Outofmemory:Cannotallocate\S{0,20}?WasmMemory`;
const BOUNDS = 'RangeError:(?:offsetisoutofbounds|Outofmemory)';

const ANCHOR = new RegExp(`${SESSION}|${BAD_ALLOC}|${ARRAY}|${WASM}|${BOUNDS}`, 'gi');

const ASKED_OF_HEAP = /memory,requested(?<size>\d{1,19})/i;
const HEAP = /(?:butthelimitis|currentvalue)(?<size>\d{1,19})/i;
const REQUESTED = /bufferofsize(?<size>\d{1,20})/i;

const IN_PAGE = /Error:$|Error:fail|Can'tcreateasession|ort[.-]|onnx|wasm|transformers|\.m?js[:?]/i;

function frameworkOf(message: Message): string {
  const near = message.preceding(1200) + message.text.slice(0, 1200);
  if (/transformers(?:\.js|\.min|js|_)|huggingface|@xenova/i.test(near)) return 'transformers.js';
  if (/web-?llm|tvmjs/i.test(near)) return 'web-llm';
  if (/Can'tcreateasession|ort[.-](?:web|wasm|all)|onnx/i.test(near)) return 'onnxruntime-web';
  return 'browser';
}

export const browserMemory: Reader = {
  id: 'browser-memory',
  code: 'UN452',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Memory of a web page',
      summary:
        'ArrayBuffer and WebAssembly memory of a page are exhausted, as when ONNX Runtime Web copies a model: host memory with a limit per tab, not the GPU’s.',
    },
    zh: {
      title: '网页的内存',
      summary:
        '页面的 ArrayBuffer 和 WebAssembly 内存耗尽，例如 ONNX Runtime Web 复制模型时：这是按标签页限制的主机内存，不是显存。',
    },
    ru: {
      title: 'Память веб-страницы',
      summary:
        'Исчерпана память страницы (ArrayBuffer, WebAssembly), например когда ONNX Runtime Web копирует модель: это память хоста с пределом на вкладку, а не GPU.',
    },
  },
  sources: [
    'onnxruntime@v1.20.1:js/web/lib/wasm/wasm-core-impl.ts',
    'v8@13:src/common/message-template.h',
    'emscripten@3.1:src/preamble.js',
  ],
  needles: [
    'a buffer of size',
    "can't create a session",
    'array buffer allocation failed',
    'invalid array buffer length',
    'array buffer too large',
    'data cannot be cloned, out',
    'webassembly.memory',
    'webassembly.instantiate',
    'aborted(oom)',
    'abort(oom)',
    'cannot enlarge memory',
    'cannot allocate wasm',
    'offset is out of bounds',
    'rangeerror: out of memory',
  ],
  anchor: ANCHOR,
  precedence: -2,
  read(message): Reading | undefined {
    const text = message.match[0];
    const size = REQUESTED.exec(text);
    // Other programs allocate buffers too.
    if (size !== null && !IN_PAGE.test(message.before + text + message.text.slice(0, 400)))
      return undefined;
    if (size !== null) message.take('requested', size);
    else if (isAdvice(message)) return undefined;
    const clues: Clue[] = ['host-allocator', 'page-memory'];
    // A module is compiled with the most that its heap may grow to.
    if (/^Cannotenlarge/i.test(text)) {
      clues.push('arena-limit');
      message.size('requested', ASKED_OF_HEAP);
      message.size('allowed', HEAP);
    }
    if (/outofbounds/i.test(text)) clues.push('may-be-no-memory');
    return {
      kind: 'host_oom',
      framework: frameworkOf(message),
      backend: 'cpu',
      wording: size === null ? 'heap' : 'session',
      facts: message.facts,
      clues,
      end: Math.max(text.length, message.end),
      ...(/session|bufferofsize/i.test(text) && { phase: 'load' }),
    };
  },
};
