/**
 * Headers of safetensors files, and the index beside a checkpoint in several files. Only names, types, shapes and
 * sizes are read; the weights themselves need not be there.
 *
 * A file begins with the length of its header in 8 bytes, little endian; the header is JSON:
 * `{ "name": { "dtype": "BF16", "shape": [4096, 4096], "data_offsets": [0, 33554432] }, "__metadata__": {…} }`.
 * Source: safetensors@0.8.0, the README of the format.
 */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import { SAFETENSORS_BITS } from '../catalog/formats.ts';

/** One stored tensor. */
export interface StoredTensor {
  readonly name: string;
  /** As the file calls it: `BF16`, `Q4_K`. */
  readonly dtype: string;
  /** Outputs first. */
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface SafetensorsHeader {
  readonly tensors: readonly StoredTensor[];
  /** Bytes of all tensors: what the weights take when they are loaded as stored. */
  readonly bytes: number;
  /** Bytes of the file: 8, the header, and the tensors. */
  readonly file_bytes: number;
}

export type SafetensorsReading =
  | { readonly ok: true; readonly header: SafetensorsHeader }
  | {
      readonly ok: false;
      readonly problem: Problem /** Bytes from the start that are needed. */;
      readonly needs?: number;
    };

/** The format's own limit is 100 MB; a header of a hundred thousand tensors has 15. */
const MAX_HEADER = 100_000_000;
const MAX_TENSORS = 1_000_000;
const MAX_DIMENSIONS = 16;
const MAX_NAME = 4096;

/** Bytes that must be at hand before the length of the header is known. */
export const SAFETENSORS_START = 8;

/** How many bytes from the start hold the header. @returns nothing where these bytes do not begin a safetensors file. */
export function safetensorsHeaderEnd(start: Uint8Array): number | undefined {
  if (start.length < SAFETENSORS_START) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (high !== 0 || low < 2 || low > MAX_HEADER) return undefined;
  // JSON's first character, where it is at hand.
  if (start.length > SAFETENSORS_START && start[SAFETENSORS_START] !== 0x7b) return undefined;
  return SAFETENSORS_START + low;
}

/** @param bytes the beginning of the file, at least to the end of the header. */
export function readSafetensors(bytes: Uint8Array, source: string): SafetensorsReading {
  const end = safetensorsHeaderEnd(bytes);
  if (end === undefined) return refused('not_safetensors', source);
  if (bytes.length < end) return { ...refused('cut', source, { needs: end }), needs: end };
  let json: unknown;
  try {
    json = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(SAFETENSORS_START, end)),
    );
  } catch {
    return refused('no_json', source);
  }
  if (!isObject(json)) return refused('no_json', source);
  return readEntries(json, end, source);
}

function readEntries(
  json: Readonly<Record<string, unknown>>,
  end: number,
  source: string,
): SafetensorsReading {
  const tensors: StoredTensor[] = [];
  let last = 0;
  for (const name of Object.keys(json)) {
    if (name === '__metadata__') continue;
    if (tensors.length >= MAX_TENSORS) return refused('too_many', source);
    const tensor = tensorOf(name, json[name]);
    if (tensor === undefined) return refused('bad_tensor', source, { name: shortened(name) });
    tensors.push(tensor.stored);
    last = Math.max(last, tensor.end);
  }
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  // Tensors lie one behind another: more or fewer bytes than the offsets reach over is a contradiction.
  if (bytes !== last || !Number.isSafeInteger(last)) return refused('gaps', source);
  return { ok: true, header: { tensors, bytes, file_bytes: end + last } };
}

function tensorOf(
  name: string,
  entry: unknown,
): { readonly stored: StoredTensor; readonly end: number } | undefined {
  if (name.length > MAX_NAME || !isObject(entry)) return undefined;
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isShape(shape) || !isShape(offsets) || offsets.length !== 2) {
    return undefined;
  }
  const [from = 0, to = 0] = offsets;
  const bits = SAFETENSORS_BITS.get(dtype);
  const bytes = to - from;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (bytes < 0 || (bits !== undefined && Math.ceil((elements * bits) / 8) !== bytes)) {
    return undefined;
  }
  return { stored: { name, dtype, shape, bytes }, end: to };
}

/** What the index of a checkpoint in several files says. */
export interface SafetensorsIndex {
  /** Bytes of all weights, as the index has them; absent where it says nothing. */
  readonly total_bytes?: number;
  readonly names: readonly string[];
  readonly files: readonly string[];
}

export type IndexReading =
  | { readonly ok: true; readonly index: SafetensorsIndex }
  | { readonly ok: false; readonly problem: Problem };

/** Reads a parsed `model.safetensors.index.json`. */
export function readSafetensorsIndex(json: unknown, source: string): IndexReading {
  const map = isObject(json) ? json['weight_map'] : undefined;
  if (!isObject(json) || !isObject(map)) return refused('not_index', source);
  const names = Object.keys(map);
  if (names.length > MAX_TENSORS) return refused('too_many', source);
  const files = new Set<string>();
  for (const name of names) {
    const file = map[name];
    if (typeof file !== 'string') return refused('bad_tensor', source, { name: shortened(name) });
    files.add(file);
  }
  const metadata = json['metadata'];
  const total = isObject(metadata) ? Number(metadata['total_size']) : Number.NaN;
  return {
    ok: true,
    index: {
      ...(Number.isSafeInteger(total) && total > 0 && { total_bytes: total }),
      names,
      files: [...files].sort(),
    },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length <= MAX_DIMENSIONS &&
  value.every((size) => Number.isSafeInteger(size) && size >= 0);

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

type Fault =
  | 'not_safetensors'
  | 'cut'
  | 'no_json'
  | 'too_many'
  | 'bad_tensor'
  | 'gaps'
  | 'not_index';

function refused(
  fault: Fault,
  source: string,
  params: Readonly<Record<string, string | number>> = {},
): { readonly ok: false; readonly problem: Problem } {
  return {
    ok: false,
    problem: {
      code: `safetensors-${fault.replaceAll('_', '-')}`,
      what: say(TEXTS, fault === 'not_index' ? 'index_unread' : 'unread'),
      why: say(TEXTS, fault, params),
      todo: say(TEXTS, fault === 'cut' ? 'todo_whole' : 'todo_again'),
      at: { source },
    },
  };
}

const TEXTS: TextTable<Fault | 'unread' | 'index_unread' | 'todo_again' | 'todo_whole'> = {
  en: {
    unread: 'The header of the safetensors file could not be read.',
    index_unread: 'This is no index of a checkpoint.',
    not_safetensors: 'It does not begin with the length of a header and JSON.',
    cut: 'The header reaches to byte {needs}; the file ends before.',
    no_json: 'The header is no JSON object.',
    too_many: 'It lists more than a million tensors.',
    bad_tensor: 'The entry of {name} contradicts itself or is incomplete.',
    gaps: 'The tensors do not fill the space that their offsets reach over.',
    not_index: 'It has no weight_map.',
    todo_again: 'Fetch the file again; a pointer of Git LFS is not the file.',
    todo_whole: 'Fetch the file again, to its end.',
  },
  zh: {
    unread: '无法读取 safetensors 文件头。',
    index_unread: '这不是检查点的索引文件。',
    not_safetensors: '文件开头不是文件头长度加 JSON。',
    cut: '文件头应到第 {needs} 字节，但文件提前结束。',
    no_json: '文件头不是 JSON 对象。',
    too_many: '列出的张量超过一百万个。',
    bad_tensor: '{name} 的条目不完整或自相矛盾。',
    gaps: '张量没有填满偏移量所覆盖的空间。',
    not_index: '其中没有 weight_map。',
    todo_again: '重新下载文件；Git LFS 指针不是文件本身。',
    todo_whole: '重新下载完整的文件。',
  },
  ru: {
    unread: 'Не удалось прочитать заголовок файла safetensors.',
    index_unread: 'Это не индекс чекпойнта.',
    not_safetensors: 'В начале файла нет длины заголовка и JSON.',
    cut: 'Заголовок занимает {needs} байт, а файл кончается раньше.',
    no_json: 'Заголовок не является объектом JSON.',
    too_many: 'В нём больше миллиона тензоров.',
    bad_tensor: 'Запись {name} неполна или противоречит сама себе.',
    gaps: 'Тензоры не заполняют место, на которое указывают их смещения.',
    not_index: 'В нём нет weight_map.',
    todo_again: 'Скачай файл заново; указатель Git LFS — это не сам файл.',
    todo_whole: 'Скачай файл заново целиком.',
  },
};
