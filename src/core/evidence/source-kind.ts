/** What a source is, by its first bytes: text in one of several encodings, or a file handed in by mistake. */
import { concat } from '../base/byte-arrays.ts';
import type { Place, Problem } from '../base/problem.ts';
import { phrase, type Statement, say } from '../base/texts.ts';
import { mayBeSnapshot } from './recording.ts';

const TEXTS = {
  en: {
    binary: 'This is {kind}, not text.',
    'binary-why': 'diagnose reads logs, tracebacks and pasted messages.',
    'pickle-todo':
      'Memory snapshots are read by the command (unoom diagnose FILE) and by the library where it is given their engine; here give the log or the error message of the run.',
    'packed-todo': 'Unpack it first and give the text: {command}',
    'binary-todo': 'Give the log or the error message of the run as text.',
  },
  zh: {
    binary: '这是{kind}，不是文本。',
    'binary-why': 'diagnose 读取日志、traceback 和粘贴的报错。',
    'pickle-todo':
      '显存快照由命令 unoom diagnose FILE 读取，程序库则需要提供快照引擎；这里给出这次运行的日志或报错。',
    'packed-todo': '先解压，再给出文本：{command}',
    'binary-todo': '以文本形式给出这次运行的日志或报错。',
  },
  ru: {
    binary: 'Это {kind}, а не текст.',
    'binary-why': 'diagnose читает логи, traceback и вставленные сообщения.',
    'pickle-todo':
      'Снимки памяти (snapshot) читает команда unoom diagnose FILE, а библиотека — если ей передан их движок; сюда передать лог или сообщение об ошибке этого запуска.',
    'packed-todo': 'Сначала распаковать и передать текст: {command}',
    'binary-todo': 'Передать лог или сообщение об ошибке этого запуска текстом.',
  },
} as const;

const PICKLE = phrase({
  en: 'a pickle (a memory snapshot?)',
  zh: '一个 pickle（显存快照？）',
  ru: 'pickle (снимок памяти?)',
});
const ZIP = phrase({
  en: 'a zip archive (or a PyTorch checkpoint)',
  zh: '一个 zip 压缩包（或 PyTorch 检查点）',
  ru: 'zip-архив (или чекпойнт PyTorch)',
});
const PROGRAM = phrase({ en: 'a program', zh: '一个程序', ru: 'программа' });
const PICTURE = phrase({ en: 'a picture', zh: '一张图片', ru: 'изображение' });
const GGUF = phrase({ en: 'a GGUF model', zh: '一个 GGUF 模型', ru: 'модель GGUF' });
const PDF = phrase({ en: 'a PDF', zh: '一个 PDF 文件', ru: 'документ PDF' });
const BINARY_DATA = phrase({ en: 'binary data', zh: '二进制数据', ru: 'двоичные данные' });
const compressedBy = (tool: string): Statement =>
  phrase(
    { en: '{tool}-compressed', zh: '经 {tool} 压缩的数据', ru: 'данные, сжатые {tool}' },
    { tool },
  );

/** Kinds of files that people hand in by mistake, by their first bytes. */
const MAGIC: readonly {
  readonly bytes: readonly number[];
  readonly kind: Statement;
  readonly command?: string;
}[] = [
  { bytes: [0x80, 2], kind: PICKLE },
  { bytes: [0x80, 3], kind: PICKLE },
  { bytes: [0x80, 4], kind: PICKLE },
  { bytes: [0x80, 5], kind: PICKLE },
  {
    bytes: [0x50, 0x4b, 3, 4],
    kind: ZIP,
    command: 'unzip -p FILE | unoom diagnose -',
  },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    kind: compressedBy('zstd'),
    command: 'zstd -dc FILE | unoom diagnose -',
  },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    kind: compressedBy('xz'),
    command: 'xz -dc FILE | unoom diagnose -',
  },
  {
    bytes: [0x42, 0x5a, 0x68],
    kind: compressedBy('bzip2'),
    command: 'bzip2 -dc FILE | unoom diagnose -',
  },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], kind: PROGRAM },
  { bytes: [0x89, 0x50, 0x4e, 0x47], kind: PICTURE },
  { bytes: [0xff, 0xd8, 0xff], kind: PICTURE },
  { bytes: [0x47, 0x47, 0x55, 0x46], kind: GGUF },
  { bytes: [0x25, 0x50, 0x44, 0x46], kind: PDF },
];

/** Bytes looked at before the kind of a source is decided. */
const HEAD = 4096;

/** Finds out what a source is, from its first bytes however they arrive, and decodes it. */
export class SourceKind {
  encoding: 'utf-16le' | 'utf-16be' | undefined;
  isEmpty = true;
  /** Once the head is decided: it begins like a memory snapshot. */
  isSnapshot = false;
  private head: Uint8Array | undefined = new Uint8Array(0);
  private decided: Uint8Array = new Uint8Array(0);
  private decoder: TextDecoder | undefined;

  /** Takes the next bytes; gives what can be read on, or undefined while the head is still short. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length > 0) this.isEmpty = false;
    if (this.head === undefined) return chunk;
    const head =
      this.head.length === 0 ? chunk : concat([this.head, chunk], this.head.length + chunk.length);
    if (head.length < HEAD) {
      this.head = head === chunk ? chunk.slice() : head;
      return undefined;
    }
    this.decide(head);
    return head;
  }

  /** What was held back when the source ended before its head was full. */
  end(): Uint8Array {
    const head = this.head ?? new Uint8Array(0);
    if (this.head !== undefined) this.decide(head);
    return head;
  }

  problem(at: Place): Problem | undefined {
    return binaryProblem(this.decided, this.encoding !== undefined, at);
  }

  decode(bytes: Uint8Array): Uint8Array {
    return this.decoder === undefined
      ? bytes
      : new TextEncoder().encode(this.decoder.decode(bytes, { stream: true }));
  }

  private decide(head: Uint8Array): void {
    this.decided = head.slice(0, HEAD);
    this.head = undefined;
    this.isSnapshot = mayBeSnapshot(this.decided);
    if (this.isSnapshot) return;
    this.encoding = utf16Of(head);
    if (this.encoding !== undefined) this.decoder = new TextDecoder(this.encoding);
  }
}

/** A run of zeros of at least this length is a hole in a file (log rotation, a crash), no text. */
const HOLE = 16;

/** Length of the hole at the start. */
function leadingHole(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at >= HOLE ? at : 0;
}

/** The bytes without their holes. */
function withoutHoles(bytes: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const hole = bytes[at] === 0 ? leadingHole(bytes.subarray(at)) : 0;
    if (hole > 0) at += hole - 1;
    else kept.push(bytes[at] ?? 0);
  }
  return Uint8Array.from(kept);
}

function binaryProblem(whole: Uint8Array, isUtf16: boolean, at: Place): Problem | undefined {
  if (isUtf16) return undefined;
  const head = withoutHoles(whole);
  const zeros = head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const controls = head.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  // A log can begin with the letters of a magic number; binary data has more than letters.
  const hit =
    controls > 0
      ? MAGIC.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))
      : undefined;
  const isBinary =
    zeros > Math.max(4, head.length * 0.1) || controls > Math.max(8, head.length * 0.05);
  if (hit === undefined && !isBinary) return undefined;
  const kind = hit?.kind ?? BINARY_DATA;
  const todo =
    hit?.command === undefined
      ? say(TEXTS, kind === PICKLE ? 'pickle-todo' : 'binary-todo')
      : say(TEXTS, 'packed-todo', { command: hit.command });
  return {
    code: 'not-text',
    what: say(TEXTS, 'binary', { kind }),
    why: say(TEXTS, 'binary-why'),
    todo,
    at,
  };
}

/** Control characters that no terminal output has; ESC, backspace and bell it does have. */
const isControl = (byte: number): boolean =>
  byte < 7 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32) || byte === 11;

/** UTF-16 by its mark, or by zero bytes on one side of every pair. */
function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 1024);
  if (sample.length < 16) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    if (sample[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  const half = sample.length / 2;
  if (odd > half * 0.6 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.6 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}
