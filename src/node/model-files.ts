/**
 * What a model is made of, read where it lies: the texts of its configs, and names, types and sizes of its weights from
 * the headers of safetensors, GGUF and ONNX files. The weights themselves are never read.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type GgufHeader,
  looksLikeGguf,
  type OnnxGraph,
  type Problem,
  phrase,
  readGguf,
  readOnnx,
  readSafetensors,
  readSafetensorsIndex,
  type StoredTensor,
  safetensorsHeaderEnd,
} from '../core/footprints.ts';

/** Weights as they are stored. */
export interface StoredWeights {
  readonly format: 'safetensors' | 'gguf' | 'onnx';
  readonly tensors: readonly StoredTensor[];
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Files whose headers were read. */
  readonly files: readonly string[];
  /** Files that belong to it and are not there. With these gone `bytes` is what the index says, where it does. */
  readonly missing: readonly string[];
}

export interface ModelFiles {
  /** As the user named it. */
  readonly source: string;
  readonly origin: 'path' | 'cache' | 'network';
  /** The commit, where it is known. */
  readonly revision?: string;
  /** Texts of configs by the name of their file: `config.json`, `adapter_config.json`, `model_index.json` … */
  readonly texts: ReadonlyMap<string, string>;
  readonly weights?: StoredWeights;
  /** Weights of an adapter beside a model. */
  readonly adapter?: StoredWeights;
  /** A GGUF file says in its header what a config says. */
  readonly gguf?: GgufHeader;
  readonly onnx?: OnnxGraph;
  /** Parts of a pipeline by the name of their folder: unet, text_encoder, vae. */
  readonly parts: ReadonlyMap<string, ModelFiles>;
}

export type ModelFilesReading =
  | { readonly ok: true; readonly files: ModelFiles }
  | { readonly ok: false; readonly problem: Problem };

/** Texts beside a model that say something of its memory. */
export const CONFIG_FILES: readonly string[] = [
  'config.json',
  'generation_config.json',
  'adapter_config.json',
  'quantize_config.json',
  'quant_config.json',
  'hf_quant_config.json',
  'model_index.json',
];
export const INDEX_FILE = 'model.safetensors.index.json';

export const MAX_CONFIG: number = 4 * 1024 * 1024;
export const MAX_INDEX: number = 32 * 1024 * 1024;
/** Headers: those of safetensors may have 100 MB by the format; a GGUF's vocabulary has tens of megabytes. */
export const MAX_HEADER: number = 128 * 1024 * 1024;
/** Files of one checkpoint. */
export const MAX_SHARDS = 1024;
/** Names of a folder that are looked at, and parts of a pipeline. */
const MAX_NAMES = 20_000;
const MAX_PARTS = 24;

/** Bytes of something that is not read whole. */
export interface Bytes {
  readonly size: number;
  /** `to` not included; fewer bytes where it ends before. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** What a file of weights holds. */
export type WeightFile =
  | {
      readonly format: 'safetensors';
      readonly tensors: readonly StoredTensor[];
      readonly bytes: number;
    }
  | { readonly format: 'gguf'; readonly header: GgufHeader }
  | { readonly format: 'onnx'; readonly graph: OnnxGraph };

/** A problem stands in the place of what could not be read. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** First bytes asked for; most headers end within them. */
const FIRST = 256 * 1024;

/** Reads the header of a file of weights; what it is its first bytes tell, and its name only for ONNX. */
export async function readWeightFile(bytes: Bytes, source: string): Promise<Read<WeightFile>> {
  const start = await bytes.read(0, Math.min(FIRST, bytes.size));
  if (looksLikeGguf(start)) return ggufIn(bytes, start, source);
  if (/\.onnx$/i.test(source)) return onnxIn(bytes, source);
  const end = safetensorsHeaderEnd(start) ?? 0;
  const head = end > start.length ? await bytes.read(0, Math.min(end, MAX_HEADER)) : start;
  const reading = readSafetensors(head, source);
  if (!reading.ok) return reading;
  const { tensors, bytes: size } = reading.header;
  return { ok: true, value: { format: 'safetensors', tensors, bytes: size } };
}

async function ggufIn(bytes: Bytes, start: Uint8Array, source: string): Promise<Read<WeightFile>> {
  let head = start;
  for (;;) {
    const reading = readGguf(head, source);
    if (reading.ok) return { ok: true, value: { format: 'gguf', header: reading.header } };
    const { needs = 0, problem } = reading;
    // Twice as many each time, so that a long header is not read from its start again and again.
    const to = Math.min(bytes.size, MAX_HEADER, Math.max(needs, 2 * head.length));
    if (to <= head.length) return { ok: false, problem };
    head = await bytes.read(0, to);
  }
}

async function onnxIn(bytes: Bytes, source: string): Promise<Read<WeightFile>> {
  const steps = readOnnx(bytes.size, source);
  let step = steps.next();
  while (step.done !== true) {
    step = steps.next(await bytes.read(step.value.from, step.value.to));
  }
  const reading = step.value;
  if (!reading.ok) return reading;
  return { ok: true, value: { format: 'onnx', graph: reading.graph } };
}

/** What is known of a model before its weights are put to it. */
export type Draft = Pick<ModelFiles, 'source' | 'origin' | 'texts'> & {
  readonly revision?: string;
  readonly parts?: ModelFiles['parts'];
};

/** One model of the files of weights that were read. */
export function modelOf(
  draft: Draft,
  read: readonly (readonly [name: string, file: WeightFile])[],
  missing: readonly string[] = [],
  total?: number,
): ModelFiles {
  const model = { ...draft, parts: draft.parts ?? new Map() };
  const tensors: StoredTensor[] = [];
  const adapter: StoredTensor[] = [];
  const [files, adapterFiles]: [string[], string[]] = [[], []];
  let gguf: GgufHeader | undefined;
  let onnx: OnnxGraph | undefined;
  for (const [name, file] of read) {
    const isAdapter = /^adapter_model\b/.test(basename(name));
    (isAdapter ? adapterFiles : files).push(name);
    const found = file.format === 'gguf' ? file.header : file.format === 'onnx' ? file.graph : file;
    for (const tensor of found.tensors) (isAdapter ? adapter : tensors).push(tensor);
    // The first part has the metadata of all.
    if (file.format === 'gguf') gguf ??= file.header;
    if (file.format === 'onnx') onnx ??= file.graph;
  }
  const format = gguf !== undefined ? 'gguf' : onnx !== undefined ? 'onnx' : 'safetensors';
  const sum = (list: readonly StoredTensor[]): number =>
    list.reduce((all, { bytes }) => all + bytes, 0);
  const bytes = missing.length > 0 && total !== undefined ? total : sum(tensors);
  const isThere = files.length > 0 || (missing.length > 0 && total !== undefined);
  return {
    ...model,
    ...(isThere && { weights: { format, tensors, bytes, files, missing } }),
    ...(adapterFiles.length > 0 && {
      adapter: {
        format: 'safetensors' as const,
        tensors: adapter,
        bytes: sum(adapter),
        files: adapterFiles,
        missing: [],
      },
    }),
    ...(gguf !== undefined && { gguf }),
    ...(onnx !== undefined && { onnx }),
  };
}

/** Of several precisions of one model the one without a variant in its name; of an index, what it lists. */
export function weightNames(names: readonly string[]): readonly string[] {
  const safetensors = names.filter((name) => name.endsWith('.safetensors'));
  const adapters = safetensors.filter((name) => name.startsWith('adapter_model'));
  const named = safetensors.filter((name) =>
    /^(?:model|pytorch_model|diffusion_pytorch_model)(?:-\d+-of-\d+)?\.safetensors$/.test(name),
  );
  const variants = safetensors.filter((name) =>
    /^(?:model|diffusion_pytorch_model)\.(?:fp16|bf16)(?:-\d+-of-\d+)?\.safetensors$/.test(name),
  );
  const others = safetensors.filter(
    (name) => !adapters.includes(name) && !name.startsWith('consolidated'),
  );
  const weights = named.length > 0 ? named : variants.length > 0 ? variants : others;
  return [...weights, ...adapters];
}

/** Files of one GGUF in parts, or one of several. */
export function ggufNames(names: readonly string[]): readonly string[] {
  const all = names.filter((name) => /\.gguf$/i.test(name) && !/mmproj/i.test(name)).sort();
  const [first] = all;
  const part = /^(.*)-00001-of-(\d{5})\.gguf$/i.exec(first ?? '');
  if (part === null) return all.slice(0, 1);
  return all.filter(
    (name) => name.startsWith(`${part[1]}-`) && name.endsWith(`-of-${part[2]}.gguf`),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name of a file inside a repository, as far as it is safe to look it up. */
export const isSafeName = (name: string): boolean =>
  name.length <= 300 && /^[\w][\w .+-]*(?:\/[\w][\w .+-]*)*$/.test(name) && !name.includes('..');

/** What an index says: the files, and the bytes of all. */
export function indexIn(
  text: string,
  source: string,
): Read<{ readonly files: readonly string[]; readonly total?: number }> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const reading = readSafetensorsIndex(json, source);
  if (!reading.ok) return reading;
  const { files, total_bytes: total } = reading.index;
  const safe = files.filter(isSafeName).slice(0, MAX_SHARDS);
  return { ok: true, value: { files: safe, ...(total !== undefined && { total }) } };
}

/**
 * Reads a model from a folder or from one of its files: config.json, an index, .safetensors, .gguf, .onnx,
 * adapter_config.json.
 */
export async function readModelPath(path: string): Promise<ModelFilesReading> {
  try {
    const info = await stat(path);
    return info.isDirectory() ? await readFolder(path, path, 'path', 0) : await readOneFile(path);
  } catch (error) {
    return { ok: false, problem: unopened(path, codeOf(error)) };
  }
}

/** Reads a snapshot of the cache of the hub, which is a folder of links. */
export async function readSnapshotFolder(
  folder: string,
  source: string,
  revision: string,
): Promise<ModelFilesReading> {
  try {
    const reading = await readFolder(folder, source, 'cache', 0);
    return reading.ok ? { ok: true, files: { ...reading.files, revision } } : reading;
  } catch (error) {
    return { ok: false, problem: unopened(folder, codeOf(error)) };
  }
}

async function readOneFile(path: string): Promise<ModelFilesReading> {
  const name = basename(path);
  if (name.endsWith('.json')) {
    // A config lies beside its weights; an index is read with the files that it lists.
    const isKnown = CONFIG_FILES.includes(name) || name === INDEX_FILE;
    if (isKnown) return readFolder(dirname(path), path, 'path', 0);
    const text = await textOf(path, MAX_CONFIG);
    const texts = new Map([['config.json', text]]);
    return { ok: true, files: modelOf({ source: path, origin: 'path', texts }, []) };
  }
  const names = (await readdir(dirname(path))).slice(0, MAX_NAMES);
  const part = /^(.*)-\d{5}-of-(\d{5})\.(gguf|safetensors)$/i.exec(name);
  const all =
    part === null
      ? [name]
      : names.filter(
          (one) => one.startsWith(`${part[1]}-`) && one.endsWith(`-of-${part[2]}.${part[3]}`),
        );
  const texts = await textsBeside(path, names);
  return withWeights({ source: path, origin: 'path', texts }, dirname(path), all.sort());
}

/** Configs beside a file; exporters put graphs into a folder `onnx` below them. */
async function textsBeside(path: string, names: readonly string[]): Promise<Map<string, string>> {
  if (/\.gguf$/i.test(path)) return new Map();
  const beside = await textsIn(dirname(path), names);
  const folder = resolve(dirname(path));
  if (beside.size > 0 || basename(folder) !== 'onnx') return beside;
  const above = dirname(folder);
  return textsIn(above, (await readdir(above)).slice(0, MAX_NAMES));
}

async function readFolder(
  folder: string,
  source: string,
  origin: ModelFiles['origin'],
  depth: number,
): Promise<ModelFilesReading> {
  const names = (await readdir(folder)).slice(0, MAX_NAMES);
  const texts = await textsIn(folder, names);
  const parts =
    depth === 0 && texts.has('model_index.json') ? await partsIn(folder, names, origin) : new Map();
  const draft: Draft = { source, origin, texts, parts };
  if (names.includes(INDEX_FILE)) {
    const index = indexIn(await textOf(join(folder, INDEX_FILE), MAX_INDEX), INDEX_FILE);
    if (!index.ok) return index;
    const { files, total } = index.value;
    const there = files.filter((file) => names.includes(file));
    return withWeights(
      draft,
      folder,
      there,
      files.filter((file) => !names.includes(file)),
      total,
    );
  }
  const weights = weightNames(names);
  if (weights.length > 0) return withWeights(draft, folder, weights.slice(0, MAX_SHARDS));
  const gguf = texts.size === 0 ? ggufNames(names) : [];
  const onnx = await graphsIn(folder, names);
  const found = gguf.length > 0 ? gguf : onnx;
  if (texts.size === 0 && found.length === 0 && parts.size === 0) {
    return { ok: false, problem: noModel(source) };
  }
  return withWeights(draft, folder, found);
}

/** The first graph of a folder, or of the one that an exporter makes below it. */
async function graphsIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const first = (list: readonly string[]): readonly string[] =>
    list
      .filter((name) => /\.onnx$/i.test(name))
      .sort()
      .slice(0, 1);
  const own = first(names);
  if (own.length > 0 || !names.includes('onnx')) return own;
  const below = await readdir(join(folder, 'onnx')).catch(() => []);
  return first(below.slice(0, MAX_NAMES)).map((name) => join('onnx', name));
}

async function partsIn(
  folder: string,
  names: readonly string[],
  origin: ModelFiles['origin'],
): Promise<Map<string, ModelFiles>> {
  const parts = new Map<string, ModelFiles>();
  for (const name of names) {
    if (parts.size >= MAX_PARTS) break;
    const path = join(folder, name);
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) continue;
    const part = await readFolder(path, path, origin, 1);
    if (part.ok) parts.set(name, part.files);
  }
  return parts;
}

async function textsIn(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const name of CONFIG_FILES) {
    if (names.includes(name)) texts.set(name, await textOf(join(folder, name), MAX_CONFIG));
  }
  return texts;
}

async function withWeights(
  draft: Draft,
  folder: string,
  names: readonly string[],
  missing: readonly string[] = [],
  total?: number,
): Promise<ModelFilesReading> {
  const read: [string, WeightFile][] = [];
  for (const name of names) {
    const file = await fileOf(join(folder, name));
    if (!file.ok) return file;
    read.push([name, file.value]);
  }
  return { ok: true, files: modelOf(draft, read, missing, total) };
}

async function fileOf(path: string): Promise<Read<WeightFile>> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const read = async (from: number, to: number): Promise<Uint8Array> => {
      const length = Math.max(0, Math.min(to, size) - from);
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, from);
      return bytes.subarray(0, bytesRead);
    };
    return await readWeightFile({ size, read }, path);
  } finally {
    await handle.close();
  }
}

/** @throws with the code ETOOBIG where it is longer than a text of its kind. */
async function textOf(path: string, most: number): Promise<string> {
  const { size } = await stat(path);
  if (size > most) throw Object.assign(new Error('too big'), { code: 'ETOOBIG' });
  return readFile(path, 'utf8');
}

const codeOf = (error: unknown): string =>
  isObject(error) && typeof error['code'] === 'string' ? error['code'] : 'unreadable';

function unopened(path: string, code: string): Problem {
  const isAbsent = code === 'ENOENT';
  return {
    code: isAbsent ? 'model-absent' : 'model-unreadable',
    what: isAbsent
      ? phrase({ en: 'There is no model here.', zh: '这里没有模型。', ru: 'Модели здесь нет.' })
      : phrase({
          en: 'The model could not be read.',
          zh: '无法读取模型。',
          ru: 'Не удалось прочитать модель.',
        }),
    why: isAbsent
      ? phrase({ en: 'The path names nothing.', zh: '路径不存在。', ru: 'Путь никуда не ведёт.' })
      : phrase(
          {
            en: 'The system answered {code}.',
            zh: '系统返回 {code}。',
            ru: 'Система ответила {code}.',
          },
          { code },
        ),
    todo: phrase({
      en: 'Give a folder with config.json, one of its files, or a name of the hub.',
      zh: '给出含 config.json 的文件夹、其中的一个文件，或 Hub 上的名称。',
      ru: 'Передать папку с config.json, один из её файлов или имя на хабе.',
    }),
    at: { source: path },
  };
}

function noModel(source: string): Problem {
  return {
    code: 'model-absent',
    what: phrase({
      en: 'No model is in this folder.',
      zh: '这个文件夹里没有模型。',
      ru: 'В этой папке нет модели.',
    }),
    why: phrase({
      en: 'It has no config.json, no .safetensors, .gguf or .onnx file.',
      zh: '其中没有 config.json，也没有 .safetensors、.gguf 或 .onnx 文件。',
      ru: 'В ней нет ни config.json, ни файлов .safetensors, .gguf или .onnx.',
    }),
    todo: phrase({
      en: 'Give the folder of a checkpoint, or one of its files.',
      zh: '给出检查点所在的文件夹，或其中的一个文件。',
      ru: 'Передать папку чекпойнта или один из его файлов.',
    }),
    at: { source },
  };
}
