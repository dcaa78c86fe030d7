/**
 * The weights of an ONNX graph: names, types, shapes and sizes of its initialisers and constants, and the shapes of its
 * inputs and outputs. Data is passed over, not read, so a file of gigabytes costs a few reads.
 *
 * The reader asks for ranges of bytes and is given them, whoever has the file. Source: onnx@1.23.2:onnx/onnx.proto.
 */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import type { StoredTensor } from './safetensors.ts';

/** Bytes of the file that are needed next: as many of them as there are. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** What goes into a graph or comes out. A name stands for a size that is open: `batch_size`. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  /** Initialisers, and constants of nodes. */
  readonly tensors: readonly StoredTensor[];
  readonly bytes: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: number;
  /** True where weights lie in files beside it. */
  readonly external: boolean;
}

export type OnnxReading =
  | { readonly ok: true; readonly graph: OnnxGraph }
  | { readonly ok: false; readonly problem: Problem };

/** Types of elements by their number; the names are those of safetensors where it has the type. */
const TYPES: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map([
  [1, ['F32', 32]],
  [2, ['U8', 8]],
  [3, ['I8', 8]],
  [4, ['U16', 16]],
  [5, ['I16', 16]],
  [6, ['I32', 32]],
  [7, ['I64', 64]],
  [9, ['BOOL', 8]],
  [10, ['F16', 16]],
  [11, ['F64', 64]],
  [12, ['U32', 32]],
  [13, ['U64', 64]],
  [14, ['COMPLEX64', 64]],
  [15, ['COMPLEX128', 128]],
  [16, ['BF16', 16]],
  [17, ['F8_E4M3', 8]],
  [18, ['F8_E4M3FNUZ', 8]],
  [19, ['F8_E5M2', 8]],
  [20, ['F8_E5M2FNUZ', 8]],
  [21, ['UINT4', 4]],
  [22, ['INT4', 4]],
  [23, ['F4', 4]],
  [24, ['F8_E8M0', 8]],
  [25, ['UINT2', 2]],
  [26, ['INT2', 2]],
  [27, ['F6_E2M3', 6]],
  [28, ['F6_E3M2', 6]],
]);

const MAX_TENSORS = 1_000_000;
const MAX_NODES = 2_000_000;
const MAX_DIMENSIONS = 32;
const MAX_NAME = 4096;
/** A node or a description of a value is read whole up to this size; constants in larger ones are passed over. */
const MAX_SMALL = 256 * 1024;
/** Bytes asked for at once, at least. */
const PIECE = 64 * 1024;

/** Field numbers of the messages. */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const NODE = { output: 2, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5 } as const;
const TENSOR = { dims: 1, type: 2, name: 8, external: 13, location: 14 } as const;
const VALUE = { name: 1, type: 2 } as const;

/**
 * Reads an ONNX file of `size` bytes. Each step yields the bytes that are needed; the caller hands them over.
 * @param source where it came from, as the user named it
 */
export function* readOnnx(
  size: number,
  source: string,
): Generator<ByteRange, OnnxReading, Uint8Array> {
  const graph = new Graph();
  try {
    yield* readModel(new Pages(size), graph);
  } catch (error) {
    if (error instanceof Broken) return refused(error.fault, error.at, source);
    throw error;
  }
  if (!graph.seen) return refused('not_onnx', 0, source);
  const { tensors, inputs, outputs, nodes, external } = graph;
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  return { ok: true, graph: { tensors, bytes, inputs, outputs, nodes, external } };
}

class Graph {
  readonly tensors: StoredTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  nodes = 0;
  external = false;
  seen = false;
}

type Fault = 'not_onnx' | 'cut' | 'bad_field' | 'bad_tensor' | 'too_many';

class Broken extends Error {
  readonly fault: Fault;
  readonly at: number;
  constructor(fault: Fault, at: number) {
    super(fault);
    this.fault = fault;
    this.at = at;
  }
}

/** The piece of the file that is at hand. */
class Pages {
  readonly size: number;
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Makes `length` bytes from `at` be at hand, or as many as the file has. */
  *need(at: number, length: number): Generator<ByteRange, void, Uint8Array> {
    const to = Math.min(this.size, at + length);
    if (at >= this.from && to <= this.from + this.bytes.length) return;
    this.bytes = yield { from: at, to: Math.min(this.size, at + Math.max(length, PIECE)) };
    this.from = at;
    if (to > at + this.bytes.length) throw new Broken('cut', at + this.bytes.length);
  }

  /** A view of bytes at hand. */
  slice(at: number, length: number): Uint8Array {
    if (at + length > this.size) throw new Broken('cut', this.size);
    return this.bytes.subarray(at - this.from, at - this.from + length);
  }
}

/** A field of a message: its number, and where its value lies. A plain number is its own value. */
interface Field {
  readonly id: number;
  readonly at: number;
  readonly length: number;
  /** Of a varint. */
  readonly value?: number;
  /** Where the next field begins. */
  readonly next: number;
}

/** The field that begins at `at` in bytes whose first is at `base` of the file. */
function fieldAt(bytes: Uint8Array, at: number, base: number): Field {
  const key = varint(bytes, at, base);
  const [id, wire] = [Math.floor(key.value / 8), key.value % 8];
  if (id < 1) throw new Broken('bad_field', base + at);
  if (wire === 0) {
    const { value, next } = varint(bytes, key.next, base);
    return { id, at: key.next, length: next - key.next, value, next };
  }
  if (wire === 1 || wire === 5) {
    const length = wire === 1 ? 8 : 4;
    return { id, at: key.next, length, next: key.next + length };
  }
  if (wire !== 2) throw new Broken('bad_field', base + at);
  const { value: length, next } = varint(bytes, key.next, base);
  return { id, at: next, length, next: next + length };
}

/** Base 128, least first. What is beyond 2^53 is no size: it is taken as rounded. */
function varint(
  bytes: Uint8Array,
  at: number,
  base: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new Broken('cut', base + at + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw new Broken('bad_field', base + at);
}

/** Fields of a message of the file, whose values are passed over unless they are asked for. */
function* fields(
  pages: Pages,
  from: number,
  to: number,
  each: (field: Field) => Generator<ByteRange, void, Uint8Array>,
): Generator<ByteRange, void, Uint8Array> {
  let at = from;
  while (at < to) {
    yield* pages.need(at, Math.min(20, to - at));
    const head = pages.slice(at, Math.min(20, to - at));
    const field = fieldAt(head, 0, at);
    const shifted = { ...field, at: at + field.at, next: at + field.next };
    if (shifted.next > to) throw new Broken('cut', to);
    yield* each(shifted);
    at = shifted.next;
  }
}

function* readModel(pages: Pages, graph: Graph): Generator<ByteRange, void, Uint8Array> {
  yield* fields(pages, 0, pages.size, function* (field) {
    if (field.id !== MODEL.graph || field.value !== undefined) return;
    graph.seen = true;
    yield* readGraph(pages, field, graph);
  });
}

function* readGraph(
  pages: Pages,
  { at, next }: Field,
  graph: Graph,
): Generator<ByteRange, void, Uint8Array> {
  yield* fields(pages, at, next, function* (field) {
    if (field.value !== undefined) return;
    if (field.id === GRAPH.initializer) {
      yield* addTensor(pages, field, '', graph);
    } else if (field.id === GRAPH.node) {
      if (++graph.nodes > MAX_NODES) throw new Broken('too_many', field.at);
      if (field.length <= MAX_SMALL) yield* readNode(pages, field, graph);
    } else if (
      (field.id === GRAPH.input || field.id === GRAPH.output) &&
      field.length <= MAX_SMALL
    ) {
      yield* pages.need(field.at, field.length);
      const list = field.id === GRAPH.input ? graph.inputs : graph.outputs;
      if (list.length >= MAX_TENSORS) throw new Broken('too_many', field.at);
      list.push(valueIn(pages.slice(field.at, field.length), field.at));
    }
  });
}

/** A node is looked at for the tensor that it carries: a Constant is a weight as well. */
function* readNode(
  pages: Pages,
  field: Field,
  graph: Graph,
): Generator<ByteRange, void, Uint8Array> {
  yield* pages.need(field.at, field.length);
  const bytes = pages.slice(field.at, field.length);
  let name = '';
  const found: Field[] = [];
  for (const part of fieldsIn(bytes, field.at)) {
    if (part.id === NODE.output) name ||= textIn(bytes, part);
    if (part.id !== NODE.attribute) continue;
    const attribute = bytes.subarray(part.at, part.next);
    for (const inner of fieldsIn(attribute, field.at + part.at)) {
      if (inner.id !== ATTRIBUTE.tensor || inner.value !== undefined) continue;
      const at = field.at + part.at + inner.at;
      found.push({ ...inner, at, next: at + inner.length });
    }
  }
  for (const tensor of found) yield* addTensor(pages, tensor, name, graph);
}

/** Fields of a message that is at hand; positions count from its first byte. */
function* fieldsIn(bytes: Uint8Array, base: number): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const field = fieldAt(bytes, at, base);
    if (field.next > bytes.length) throw new Broken('cut', base + bytes.length);
    yield field;
    at = field.next;
  }
}

const decoder = new TextDecoder();

function textIn(bytes: Uint8Array, { at, length }: Field): string {
  return decoder.decode(bytes.subarray(at, at + Math.min(length, MAX_NAME)));
}

function* addTensor(
  pages: Pages,
  { at, next }: Field,
  otherwise: string,
  graph: Graph,
): Generator<ByteRange, void, Uint8Array> {
  if (graph.tensors.length >= MAX_TENSORS) throw new Broken('too_many', at);
  const shape: number[] = [];
  let [name, type] = [otherwise, 0];
  yield* fields(pages, at, next, function* (field) {
    if (field.id === TENSOR.type && field.value !== undefined) type = field.value;
    else if (field.id === TENSOR.external || (field.id === TENSOR.location && field.value === 1))
      graph.external = true;
    else if (field.id === TENSOR.dims) {
      if (field.value !== undefined) shape.push(field.value);
      else if (field.length > MAX_DIMENSIONS * 10) throw new Broken('bad_tensor', field.at);
      else {
        yield* pages.need(field.at, field.length);
        shape.push(...packed(pages.slice(field.at, field.length), field.at));
      }
    } else if (field.id === TENSOR.name && field.length > 0) {
      const length = Math.min(field.length, MAX_NAME);
      yield* pages.need(field.at, length);
      name = decoder.decode(pages.slice(field.at, length));
    }
    if (shape.length > MAX_DIMENSIONS) throw new Broken('bad_tensor', field.at);
  });
  const format = TYPES.get(type);
  // Strings have no size that counts here.
  if (format === undefined) return;
  const elements = shape.reduce((product, one) => product * one, 1);
  const bytes = Math.ceil((elements * format[1]) / 8);
  if (!Number.isSafeInteger(bytes)) throw new Broken('bad_tensor', at);
  graph.tensors.push({ name, dtype: format[0], shape, bytes });
}

function packed(bytes: Uint8Array, base: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, next } = varint(bytes, at, base);
    found.push(value);
    at = next;
  }
  return found;
}

/** ValueInfoProto: name, and of its type the tensor's element and dimensions. */
function valueIn(bytes: Uint8Array, base: number): OnnxValue {
  let name = '';
  let dtype = '?';
  const shape: (number | string)[] = [];
  for (const field of fieldsIn(bytes, base)) {
    if (field.id === VALUE.name) name = textIn(bytes, field);
    if (field.id !== VALUE.type) continue;
    for (const [tensor, at] of within(bytes, field, base, 1)) {
      for (const part of fieldsIn(tensor, at)) {
        if (part.id === 1 && part.value !== undefined) dtype = TYPES.get(part.value)?.[0] ?? '?';
        if (part.id !== 2) continue;
        for (const [dimension, where] of within(tensor, part, at, 1)) {
          if (shape.length >= MAX_DIMENSIONS) throw new Broken('bad_tensor', where);
          shape.push(dimensionIn(dimension, where));
        }
      }
    }
  }
  return { name, dtype, shape };
}

/** The messages of number `id` in a message. */
function* within(
  bytes: Uint8Array,
  { at, next }: Field,
  base: number,
  id: number,
): Generator<readonly [bytes: Uint8Array, base: number]> {
  const inside = bytes.subarray(at, next);
  for (const field of fieldsIn(inside, base + at)) {
    if (field.id !== id || field.value !== undefined) continue;
    yield [inside.subarray(field.at, field.next), base + at + field.at];
  }
}

/** A size, or the name of one that is open. */
function dimensionIn(bytes: Uint8Array, base: number): number | string {
  let size: number | string = '?';
  for (const field of fieldsIn(bytes, base)) {
    if (field.id === 1 && field.value !== undefined) size = field.value;
    if (field.id === 2) size = textIn(bytes, field);
  }
  return size;
}

function refused(
  fault: Fault,
  offset: number,
  source: string,
): { readonly ok: false; readonly problem: Problem } {
  return {
    ok: false,
    problem: {
      code: `onnx-${fault.replaceAll('_', '-')}`,
      what: say(TEXTS, 'unread'),
      why: say(TEXTS, fault, { offset }),
      todo: say(TEXTS, 'todo'),
      at: { source },
    },
  };
}

const TEXTS: TextTable<Fault | 'unread' | 'todo'> = {
  en: {
    unread: 'The ONNX file could not be read.',
    not_onnx: 'It holds no graph.',
    cut: 'It ends at byte {offset}, in the middle of a message.',
    bad_field: 'At byte {offset} stands no field of a message.',
    bad_tensor: 'The tensor at byte {offset} has sizes that no tensor has.',
    too_many: 'It lists more tensors or nodes than are read ({offset}).',
    todo: 'Export it again; a pointer of Git LFS is not the file.',
  },
  zh: {
    unread: '无法读取 ONNX 文件。',
    not_onnx: '其中没有计算图。',
    cut: '文件在第 {offset} 字节处中断，消息不完整。',
    bad_field: '第 {offset} 字节处不是消息的字段。',
    bad_tensor: '第 {offset} 字节处的张量尺寸不合理。',
    too_many: '张量或节点太多，超出读取上限（{offset}）。',
    todo: '重新导出；Git LFS 指针不是文件本身。',
  },
  ru: {
    unread: 'Не удалось прочитать файл ONNX.',
    not_onnx: 'В нём нет графа.',
    cut: 'Он обрывается на байте {offset}, посреди сообщения.',
    bad_field: 'На байте {offset} нет поля сообщения.',
    bad_tensor: 'У тензора на байте {offset} размеры, каких не бывает.',
    too_many: 'Тензоров или узлов больше, чем читается ({offset}).',
    todo: 'Экспортируй заново; указатель Git LFS — это не сам файл.',
  },
};
