/**
 * The header of a GGUF file: metadata and the table of tensors. Weights need not be there.
 *
 * Little endian: `GGUF`, version (2 or 3), number of tensors, number of pairs; the pairs (key, type, value); for each
 * tensor its name, dimensions (inputs first), type and offset; then, aligned, the data. Source:
 * gguf@0.19.0:gguf/gguf_reader.py, gguf/constants.py.
 */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import { bytesInBlocks, GGML_TYPES } from '../catalog/formats.ts';
import type { StoredTensor } from './safetensors.ts';

/** A value of the metadata. Long arrays are counted, not kept: vocabularies have hundreds of thousands of entries. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[] | GgufLongArray;

export interface GgufLongArray {
  readonly length: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly StoredTensor[];
  /** Bytes of all tensors, without what aligns them. */
  readonly bytes: number;
  /** Where the first tensor begins. */
  readonly data_start: number;
  /** Of how many files this is one. */
  readonly parts: number;
}

export type GgufReading =
  | { readonly ok: true; readonly header: GgufHeader }
  | {
      readonly ok: false;
      readonly problem: Problem /** Bytes that would let it go on. */;
      readonly needs?: number;
    };

const MAGIC = 0x46554747;
const MAX_TENSORS = 200_000;
const MAX_PAIRS = 100_000;
const MAX_STRING = 64 * 1024 * 1024;
const MAX_DEPTH = 4;
const MAX_DIMENSIONS = 4;
/** Longer arrays are only counted. */
const KEPT_ARRAY = 1024;

/** What may be asked for at once when the header goes on behind the bytes at hand. */
const NEXT = 4 * 1024 * 1024;

export const looksLikeGguf = (start: Uint8Array): boolean =>
  start.length >= 4 && new DataView(start.buffer, start.byteOffset, 4).getUint32(0, true) === MAGIC;

/**
 * @param bytes the beginning of the file. Where it ends inside the header the problem says how many more bytes to
 * come with; a header with a vocabulary has some megabytes.
 */
export function readGguf(bytes: Uint8Array, source: string): GgufReading {
  try {
    return { ok: true, header: readHeader(new Cursor(bytes)) };
  } catch (error) {
    if (error instanceof Cut)
      return { ...refused('cut', source, { offset: error.at }), needs: bytes.length + NEXT };
    if (error instanceof Broken) return refused(error.fault, source, { offset: error.at });
    throw error;
  }
}

function readHeader(cursor: Cursor): GgufHeader {
  if (cursor.u32() !== MAGIC) throw new Broken('not_gguf', 0);
  const version = cursor.u32();
  // A big-endian file has its version in the other bytes.
  if (version !== 2 && version !== 3) throw new Broken('version', 4);
  const count = cursor.count(MAX_TENSORS, 'too_many_tensors');
  const pairs = cursor.count(MAX_PAIRS, 'too_many_pairs');
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < pairs; i++) {
    const key = cursor.text();
    metadata.set(key, cursor.value(cursor.u32(), 0));
  }
  const tensors: StoredTensor[] = [];
  for (let i = 0; i < count; i++) tensors.push(readTensor(cursor));
  const alignment = metadata.get('general.alignment');
  const align = typeof alignment === 'number' && alignment > 0 ? alignment : 32;
  const parts = metadata.get('split.count');
  return {
    version,
    metadata,
    tensors,
    bytes: tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
    data_start: Math.ceil(cursor.at / align) * align,
    parts: typeof parts === 'number' && parts > 0 ? parts : 1,
  };
}

function readTensor(cursor: Cursor): StoredTensor {
  const start = cursor.at;
  const name = cursor.text();
  const dimensions = cursor.u32();
  if (dimensions > MAX_DIMENSIONS) throw new Broken('bad_tensor', start);
  const sizes: number[] = [];
  for (let i = 0; i < dimensions; i++)
    sizes.push(cursor.count(Number.MAX_SAFE_INTEGER, 'bad_tensor'));
  const format = GGML_TYPES.get(cursor.u32());
  cursor.skip(8);
  if (format === undefined) throw new Broken('unknown_type', start);
  const [columns = 1, ...rest] = sizes;
  const rows = rest.reduce((product, size) => product * size, 1);
  const bytes = bytesInBlocks(format, rows, columns);
  if (bytes === undefined || !Number.isSafeInteger(bytes)) throw new Broken('bad_tensor', start);
  return { name, dtype: format.id, shape: sizes.reverse(), bytes };
}

/** The bytes at hand end inside the header. */
class Cut extends Error {
  readonly at: number;
  constructor(at: number) {
    super('cut');
    this.at = at;
  }
}

class Broken extends Error {
  readonly fault: Exclude<Fault, 'cut'>;
  readonly at: number;
  constructor(fault: Exclude<Fault, 'cut'>, at: number) {
    super(fault);
    this.fault = fault;
    this.at = at;
  }
}

/** Types of values, by their number: bytes of one, and how it is read. */
const SCALARS: ReadonlyMap<
  number,
  readonly [bytes: number, read: (view: DataView, at: number) => GgufValue]
> = new Map([
  [0, [1, (view, at) => view.getUint8(at)]],
  [1, [1, (view, at) => view.getInt8(at)]],
  [2, [2, (view, at) => view.getUint16(at, true)]],
  [3, [2, (view, at) => view.getInt16(at, true)]],
  [4, [4, (view, at) => view.getUint32(at, true)]],
  [5, [4, (view, at) => view.getInt32(at, true)]],
  [6, [4, (view, at) => view.getFloat32(at, true)]],
  [7, [1, (view, at) => view.getUint8(at) !== 0]],
  [10, [8, (view, at) => safe(view.getBigUint64(at, true))]],
  [11, [8, (view, at) => safe(view.getBigInt64(at, true))]],
  [12, [8, (view, at) => view.getFloat64(at, true)]],
]);
const STRING = 8;
const ARRAY = 9;

const safe = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;

class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  skip(size: number): number {
    const at = this.at;
    if (size > this.#bytes.length - at) throw new Cut(at);
    this.at += size;
    return at;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A 64-bit count. */
  count(most: number, fault: Exclude<Fault, 'cut'>): number {
    const at = this.skip(8);
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(most)) throw new Broken(fault, at);
    return Number(value);
  }

  text(): string {
    const size = this.count(MAX_STRING, 'long_string');
    const at = this.skip(size);
    return this.#decoder.decode(this.#bytes.subarray(at, at + size));
  }

  value(type: number, depth: number): GgufValue {
    if (type === STRING) return this.text();
    if (type === ARRAY) return this.#array(depth);
    const scalar = SCALARS.get(type);
    if (scalar === undefined) throw new Broken('unknown_value', this.at);
    const [bytes, read] = scalar;
    return read(this.#view, this.skip(bytes));
  }

  #array(depth: number): GgufValue {
    const start = this.at;
    if (depth >= MAX_DEPTH) throw new Broken('deep', start);
    const type = this.u32();
    const length = this.count(Number.MAX_SAFE_INTEGER, 'long_string');
    const scalar = SCALARS.get(type);
    if (length > KEPT_ARRAY) {
      if (scalar !== undefined) this.skip(length * scalar[0]);
      // Each text has at least its length before it, so that the bytes at hand bound the loop.
      else for (let i = 0; i < length; i++) this.#pass(type, depth + 1);
      return { length };
    }
    const values: GgufValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.value(type, depth + 1));
    return values;
  }

  /** Goes over a value without keeping it. */
  #pass(type: number, depth: number): void {
    if (type === STRING) this.skip(this.count(MAX_STRING, 'long_string'));
    else this.value(type, depth);
  }
}

type Fault =
  | 'not_gguf'
  | 'version'
  | 'cut'
  | 'too_many_tensors'
  | 'too_many_pairs'
  | 'long_string'
  | 'deep'
  | 'unknown_value'
  | 'unknown_type'
  | 'bad_tensor';

function refused(
  fault: Fault,
  source: string,
  params: Readonly<Record<string, number>>,
): { readonly ok: false; readonly problem: Problem } {
  return {
    ok: false,
    problem: {
      code: `gguf-${fault.replaceAll('_', '-')}`,
      what: say(TEXTS, 'unread'),
      why: say(TEXTS, fault, params),
      todo: say(
        TEXTS,
        fault === 'unknown_type' || fault === 'version' ? 'todo_report' : 'todo_again',
      ),
      at: { source },
    },
  };
}

const TEXTS: TextTable<Fault | 'unread' | 'todo_again' | 'todo_report'> = {
  en: {
    unread: 'The header of the GGUF file could not be read.',
    not_gguf: 'It does not begin with GGUF.',
    version: 'Its version is neither 2 nor 3, or it is big-endian.',
    cut: 'It ends inside the header, at byte {offset}.',
    too_many_tensors: 'It announces more tensors than any model has (byte {offset}).',
    too_many_pairs: 'It announces more metadata than any model has (byte {offset}).',
    long_string: 'It announces a text or list that is too long (byte {offset}).',
    deep: 'Its lists are nested too deep (byte {offset}).',
    unknown_value: 'It has a kind of value that the format does not know (byte {offset}).',
    unknown_type: 'It has a tensor type that is not known here (byte {offset}).',
    bad_tensor: 'A tensor contradicts itself (byte {offset}).',
    todo_again: 'Fetch the file again; a pointer of Git LFS is not the file.',
    todo_report: 'If llama.cpp loads the file, please report it with the place named here.',
  },
  zh: {
    unread: '无法读取 GGUF 文件头。',
    not_gguf: '文件开头不是 GGUF。',
    version: '版本既不是 2 也不是 3，或者是大端格式。',
    cut: '文件在文件头内的第 {offset} 字节处结束。',
    too_many_tensors: '声明的张量数量超过任何模型（第 {offset} 字节）。',
    too_many_pairs: '声明的元数据数量超过任何模型（第 {offset} 字节）。',
    long_string: '声明的字符串或列表过长（第 {offset} 字节）。',
    deep: '列表嵌套过深（第 {offset} 字节）。',
    unknown_value: '包含该格式中不存在的值类型（第 {offset} 字节）。',
    unknown_type: '包含无法识别的张量类型（第 {offset} 字节）。',
    bad_tensor: '有一个张量自相矛盾（第 {offset} 字节）。',
    todo_again: '重新下载文件；Git LFS 指针不是文件本身。',
    todo_report: '如果 llama.cpp 能加载该文件，附上这里给出的位置反馈给我们。',
  },
  ru: {
    unread: 'Не удалось прочитать заголовок файла GGUF.',
    not_gguf: 'Файл начинается не с GGUF.',
    version: 'Версия не 2 и не 3, или порядок байтов обратный.',
    cut: 'Файл обрывается внутри заголовка, на байте {offset}.',
    too_many_tensors: 'Заявлено больше тензоров, чем бывает у моделей (байт {offset}).',
    too_many_pairs: 'Заявлено больше метаданных, чем бывает у моделей (байт {offset}).',
    long_string: 'Заявлена слишком длинная строка или список (байт {offset}).',
    deep: 'Списки вложены слишком глубоко (байт {offset}).',
    unknown_value: 'Встретился вид значения, которого в формате нет (байт {offset}).',
    unknown_type: 'Встретился неизвестный тип тензора (байт {offset}).',
    bad_tensor: 'Описание тензора противоречит само себе (байт {offset}).',
    todo_again: 'Скачай файл заново; указатель Git LFS — это не сам файл.',
    todo_report: 'Если llama.cpp загружает этот файл, сообщи нам, указав это место.',
  },
};
