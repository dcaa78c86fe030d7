/**
 * Models of the Hugging Face Hub: from its cache on this machine, or, only when the user asks for it, over the network.
 * Configs are fetched whole, of weights the headers alone (ranges of bytes); what was fetched is kept.
 *
 * Environment: HF_ENDPOINT, HF_TOKEN (or the token file of `hf auth login`), HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type GgufHeader,
  type GgufValue,
  type OnnxGraph,
  type Problem,
  phrase,
} from '../core/footprints.ts';
import {
  type Bytes,
  CONFIG_FILES,
  ggufNames,
  INDEX_FILE,
  indexIn,
  isSafeName,
  MAX_CONFIG,
  MAX_HEADER,
  MAX_INDEX,
  MAX_SHARDS,
  type ModelFiles,
  type ModelFilesReading,
  modelOf,
  type Read,
  readSnapshotFolder,
  readWeightFile,
  type StoredWeights,
  type WeightFile,
  weightNames,
} from './model-files.ts';

export interface HubOptions {
  /** Where the hub is; HF_ENDPOINT or https://huggingface.co. */
  readonly endpoint?: string;
  /** Sent to the host of the endpoint and nowhere else; HF_TOKEN or the token file. */
  readonly token?: string;
  /** Where unoom keeps what it fetched; `$XDG_CACHE_HOME/unoom/hub`. */
  readonly cacheDir?: string;
  /** Never go to the network; HF_HUB_OFFLINE=1. */
  readonly offline?: boolean;
  /** A branch, a tag or a commit; `main`. */
  readonly revision?: string;
  /** One file of a repository with several, such as a GGUF. */
  readonly file?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds for one request; 20 s. */
  readonly timeoutMs?: number;
  /** Instead of the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 5;
const MAX_LISTING = 16 * 1024 * 1024;
/** Requests at once. */
const PARALLEL = 8;

interface Setup {
  readonly id: string;
  readonly endpoint: URL;
  readonly token?: string;
  readonly revision: string;
  readonly file?: string;
  readonly ours: string;
  readonly theirs: string;
  readonly offline: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * A model that was fetched before, by unoom or by a library of Hugging Face: no network is used.
 * @returns undefined where no cache has it.
 */
export async function cachedModel(
  id: string,
  options: HubOptions = {},
): Promise<ModelFilesReading | undefined> {
  const setup = await setupOf(id, options);
  return 'problem' in setup ? undefined : inCaches(setup);
}

/** A model by its id on the hub: from a cache where one has it, else from the network. */
export async function fetchModel(id: string, options: HubOptions = {}): Promise<ModelFilesReading> {
  const setup = await setupOf(id, options);
  if ('problem' in setup) return { ok: false, problem: setup.problem };
  const cached = await inCaches(setup);
  if (cached !== undefined) return cached;
  if (setup.offline) return { ok: false, problem: refusal('offline', setup) };
  try {
    const files = await fromNetwork(setup);
    await keep(setup, files);
    return { ok: true, files };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}

class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

const isRepository = (id: string): boolean =>
  id.length <= 200 && /^[\w][\w.-]*(?:\/[\w][\w.-]*)?$/.test(id) && !id.includes('..');

async function setupOf(
  id: string,
  options: HubOptions,
): Promise<Setup | { readonly problem: Problem }> {
  const env = options.env ?? process.env;
  const revision = options.revision ?? 'main';
  const at = { id, revision };
  if (!isRepository(id) || !isSafeName(revision)) return { problem: refusal('bad-id', at) };
  if (options.file !== undefined && !isSafeName(options.file)) {
    return { problem: refusal('bad-id', at) };
  }
  const address = options.endpoint ?? env['HF_ENDPOINT'] ?? DEFAULT_ENDPOINT;
  const endpoint = URL.canParse(address) ? new URL(address) : undefined;
  if (endpoint === undefined || !/^https?:$/.test(endpoint.protocol)) {
    return { problem: refusal('bad-endpoint', at, { address: address.slice(0, 100) }) };
  }
  const home =
    env['HF_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'huggingface');
  const token = options.token ?? (await tokenOf(env, home));
  return {
    id,
    revision,
    endpoint,
    ...(token !== undefined && token !== '' && { token }),
    ...(options.file !== undefined && { file: options.file }),
    ours:
      options.cacheDir ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'unoom', 'hub'),
    theirs: env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? join(home, 'hub'),
    offline: options.offline ?? (isOn(env['HF_HUB_OFFLINE']) || isOn(env['TRANSFORMERS_OFFLINE'])),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    ...(options.signal !== undefined && { signal: options.signal }),
  };
}

/** As huggingface_hub reads its switches. */
const isOn = (value: string | undefined): boolean => /^(?:1|on|yes|true)$/i.test(value ?? '');

/** The token of the environment, else the one that `hf auth login` left; neither where the user forbids it. */
async function tokenOf(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<string | undefined> {
  if (isOn(env['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  const named = env['HF_TOKEN'] ?? env['HUGGING_FACE_HUB_TOKEN'];
  if (named !== undefined) return named.trim();
  try {
    return (await readFile(env['HF_TOKEN_PATH'] ?? join(home, 'token'), 'utf8'))
      .slice(0, 1000)
      .trim();
  } catch {
    return undefined;
  }
}

// Caches.

async function inCaches(setup: Setup): Promise<ModelFilesReading | undefined> {
  const theirs = setup.file === undefined ? await inHubCache(setup) : undefined;
  if (theirs?.ok === true) return theirs;
  const ours = await kept(setup);
  return ours === undefined ? undefined : { ok: true, files: ours };
}

/** `models--org--name/refs/main` has the commit, `snapshots/COMMIT/` links to the files that were fetched. */
async function inHubCache({ id, revision, theirs }: Setup): Promise<ModelFilesReading | undefined> {
  const folder = join(theirs, `models--${id.replaceAll('/', '--')}`);
  const commit = await readFile(join(folder, 'refs', revision), 'utf8').then(
    (text) => text.slice(0, 100).trim(),
    () => revision,
  );
  if (!isSafeName(commit)) return undefined;
  const snapshot = join(folder, 'snapshots', commit);
  const names = await readdir(snapshot).catch(() => []);
  // A tokenizer alone is no model.
  const isModel = names.some(
    (name) => CONFIG_FILES.includes(name) || /\.(?:gguf|safetensors)$/.test(name),
  );
  return isModel ? readSnapshotFolder(snapshot, id, commit) : undefined;
}

const keptAt = ({ ours, id, revision, file }: Setup): string =>
  join(
    ours,
    ...`${id}@${revision}${file === undefined ? '' : `@${file}`}`
      .split('/')
      .map(encodeURIComponent),
  ).concat('.json');

/** What a record of our own cache holds. */
interface Kept {
  readonly version: 1;
  readonly revision?: string;
  readonly texts: readonly (readonly [string, string])[];
  readonly weights?: StoredWeights;
  readonly adapter?: StoredWeights;
  readonly gguf?: Omit<GgufHeader, 'metadata'> & {
    readonly metadata: readonly (readonly [string, GgufValue])[];
  };
  readonly onnx?: OnnxGraph;
  readonly parts: readonly (readonly [string, Kept])[];
}

const recordOf = ({ source: _, origin: __, texts, gguf, parts, ...rest }: ModelFiles): Kept => ({
  ...rest,
  version: 1,
  texts: [...texts],
  ...(gguf !== undefined && { gguf: { ...gguf, metadata: [...gguf.metadata] } }),
  parts: [...parts].map(([name, part]) => [name, recordOf(part)]),
});

/** JSON has no long integers; a GGUF's metadata can. */
const LONG = 'long integer';
const written = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? { [LONG]: String(value) } : value;
const revived = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && LONG in value
    ? BigInt(String(value[LONG]))
    : value;

/** Keeps what was fetched. A cache that cannot be written is no fault of the plan. */
async function keep(setup: Setup, files: ModelFiles): Promise<void> {
  const path = keptAt(setup);
  try {
    await mkdir(dirname(path), { recursive: true });
    // A reader sees the old file or the new one, never half of it.
    const draft = `${path}.${process.pid}.tmp`;
    await writeFile(draft, JSON.stringify(recordOf(files), written), { mode: 0o600 });
    await rename(draft, path);
  } catch {
    return;
  }
}

async function kept(setup: Setup): Promise<ModelFiles | undefined> {
  try {
    const record = JSON.parse(await readFile(keptAt(setup), 'utf8'), revived) as Kept;
    return record.version === 1 ? ofRecord(record, setup.id) : undefined;
  } catch {
    return undefined;
  }
}

const ofRecord = (
  { version: _, texts, gguf, parts, ...rest }: Kept,
  source: string,
): ModelFiles => ({
  ...rest,
  source,
  origin: 'cache',
  texts: new Map(texts),
  ...(gguf !== undefined && { gguf: { ...gguf, metadata: new Map(gguf.metadata) } }),
  parts: new Map(parts.map(([name, part]) => [name, ofRecord(part, `${source}/${name}`)])),
});

// The network.

async function fromNetwork(setup: Setup): Promise<ModelFiles> {
  const { names, commit } = await listingOf(setup);
  const pinned: Setup = commit === undefined ? setup : { ...setup, revision: commit };
  const model = await folderOf(pinned, '', names);
  const parts = new Map<string, ModelFiles>();
  if (model.texts.has('model_index.json')) {
    const folders = new Set(
      names.flatMap((name) => /^([\w-]+)\/config\.json$/.exec(name)?.[1] ?? []),
    );
    for (const folder of [...folders].slice(0, 24)) {
      parts.set(folder, await folderOf(pinned, `${folder}/`, names));
    }
  }
  if (model.texts.size === 0 && model.weights === undefined && parts.size === 0) {
    throw new Refused(refusal('no-model', setup));
  }
  return { ...model, parts };
}

/** Names of the files and the commit. A mirror without the API is asked for the usual names. */
async function listingOf(
  setup: Setup,
): Promise<{ readonly names: readonly string[]; readonly commit?: string }> {
  const path = `api/models/${setup.id}/revision/${encodeURIComponent(setup.revision)}`;
  const answer = await get(setup, path, 0, MAX_LISTING);
  if (answer.kind === 'absent' && answer.code !== undefined) {
    throw new Refused(
      refusal(answer.code === 'RevisionNotFound' ? 'no-revision' : 'no-repository', setup),
    );
  }
  const json = answer.kind === 'bytes' ? jsonOf(answer.bytes) : undefined;
  if (
    typeof json !== 'object' ||
    json === null ||
    !('siblings' in json) ||
    !Array.isArray(json.siblings)
  ) {
    return {
      names: [...CONFIG_FILES, INDEX_FILE, 'model.safetensors', 'adapter_model.safetensors'],
    };
  }
  const names = json.siblings.flatMap((one: unknown) => {
    const name =
      typeof one === 'object' && one !== null && 'rfilename' in one ? one.rfilename : undefined;
    return typeof name === 'string' && isSafeName(name) ? [name] : [];
  });
  const commit =
    'sha' in json && typeof json.sha === 'string' && /^[0-9a-f]{40}$/.test(json.sha)
      ? json.sha
      : undefined;
  return { names, ...(commit !== undefined && { commit }) };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The model in one folder of a repository; `prefix` is empty or ends in a slash. */
async function folderOf(setup: Setup, prefix: string, all: readonly string[]): Promise<ModelFiles> {
  const names = all.flatMap((name) => {
    const rest = name.slice(prefix.length);
    return name.startsWith(prefix) && !rest.includes('/') ? [rest] : [];
  });
  const texts = new Map<string, string>();
  await each(
    CONFIG_FILES.filter((name) => names.includes(name)),
    async (name) => {
      const text = await textOf(setup, prefix + name, MAX_CONFIG);
      if (text !== undefined) texts.set(name, text);
    },
  );
  const draft = {
    source: prefix === '' ? setup.id : `${setup.id}/${prefix.slice(0, -1)}`,
    origin: 'network' as const,
    revision: setup.revision,
    texts: new Map(
      CONFIG_FILES.flatMap((name) => (texts.has(name) ? [[name, texts.get(name) ?? '']] : [])),
    ),
  };
  const { wanted, total } = await weightsWanted(setup, prefix, names, texts.size === 0);
  const read: [string, WeightFile][] = [];
  const missing: string[] = [];
  await each(wanted.slice(0, MAX_SHARDS), async (name) => {
    const file = await headerOf(setup, prefix + name);
    if (file === undefined) missing.push(name);
    else read.push([name, file]);
  });
  read.sort(([a], [b]) => (a < b ? -1 : 1));
  // Of names that were only guessed nothing is missing.
  return modelOf(draft, read, total === undefined ? [] : missing, total);
}

async function weightsWanted(
  setup: Setup,
  prefix: string,
  names: readonly string[],
  isBare: boolean,
): Promise<{ readonly wanted: readonly string[]; readonly total?: number }> {
  if (setup.file !== undefined) return { wanted: prefix === '' ? partsOf(setup.file, names) : [] };
  if (names.includes(INDEX_FILE)) {
    const text = await textOf(setup, prefix + INDEX_FILE, MAX_INDEX);
    if (text !== undefined) {
      const index = indexIn(text, `${prefix}${INDEX_FILE}`);
      if (!index.ok) throw new Refused(index.problem);
      const { files, total } = index.value;
      return { wanted: files, ...(total !== undefined && { total }) };
    }
  }
  const weights = weightNames(names);
  if (weights.length > 0) return { wanted: weights };
  return { wanted: isBare ? ggufNames(names) : [] };
}

/** A file, with the other parts of it where it is the first of several. */
function partsOf(file: string, names: readonly string[]): readonly string[] {
  const part = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(file);
  if (part === null) return [file];
  return names.filter(
    (name) => name.startsWith(`${part[1]}-`) && name.endsWith(`-of-${part[2]}.gguf`),
  );
}

async function each<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const worker = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

const fileAt = ({ id, revision }: Setup, name: string): string =>
  `${id}/resolve/${encodeURIComponent(revision)}/${name.split('/').map(encodeURIComponent).join('/')}`;

async function textOf(setup: Setup, name: string, most: number): Promise<string | undefined> {
  const answer = await get(setup, fileAt(setup, name), 0, most + 1);
  if (answer.kind === 'absent') return undefined;
  if (answer.bytes.length > most) throw new Refused(refusal('too-large', setup, { name }));
  return new TextDecoder().decode(answer.bytes);
}

/** The header of a file of weights; undefined where the file is not there. */
async function headerOf(setup: Setup, name: string): Promise<WeightFile | undefined> {
  const path = fileAt(setup, name);
  // Most headers end within the first 100 KB, as the hub's own clients have it; a vocabulary takes more.
  const first = await get(setup, path, 0, 256 * 1024, true);
  if (first.kind === 'absent') return undefined;
  const bytes: Bytes = {
    size: Math.min(first.size ?? first.bytes.length, Number.MAX_SAFE_INTEGER),
    read: async (from, to) => {
      if (to <= first.bytes.length) return first.bytes.subarray(from, to);
      const more = await get(setup, path, from, Math.min(to - from, MAX_HEADER), true);
      return more.kind === 'bytes' ? more.bytes : new Uint8Array(0);
    },
  };
  const file: Read<WeightFile> = await readWeightFile(bytes, name);
  if (!file.ok) throw new Refused(file.problem);
  return file.value;
}

type Answer =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array /** Of the whole file. */;
      readonly size?: number;
    }
  | { readonly kind: 'absent' /** What the hub says is not there. */; readonly code?: string };

/** At most `length` bytes of a resource from `from` on. */
async function get(
  setup: Setup,
  path: string,
  from: number,
  length: number,
  isPart = false,
): Promise<Answer> {
  const base = setup.endpoint.href.replace(/\/*$/, '/');
  let url = new URL(path, base);
  for (let turn = 0; turn <= MAX_REDIRECTS; turn++) {
    const response = await request(
      setup,
      url,
      isPart ? `bytes=${from}-${from + length - 1}` : undefined,
    );
    const { status } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      url = redirected(setup, url, response.headers.get('location'));
      continue;
    }
    if (status === 404) {
      await response.body?.cancel();
      const code = response.headers.get('x-error-code');
      const isWhole = code === 'RepoNotFound' || code === 'RevisionNotFound';
      return { kind: 'absent', ...(isWhole && { code }) };
    }
    if (status !== 200 && status !== 206) {
      await response.body?.cancel();
      throw new Refused(refusedWith(setup, status, response.headers.get('x-error-code')));
    }
    // A server that knows no ranges sends the file from its start.
    const skip = status === 200 && isPart ? from : 0;
    const bytes = await upTo(setup, response, skip, length);
    const size = sizeOf(response, status);
    return { kind: 'bytes', bytes, ...(size !== undefined && { size }) };
  }
  throw new Refused(refusal('redirects', setup));
}

function sizeOf(response: Response, status: number): number | undefined {
  const text =
    status === 206
      ? /\/(\d{1,16})$/.exec(response.headers.get('content-range') ?? '')?.[1]
      : (response.headers.get('content-length') ?? undefined);
  return text === undefined ? undefined : Number(text);
}

async function request(setup: Setup, url: URL, range: string | undefined): Promise<Response> {
  const headers: Record<string, string> = {
    'user-agent': 'unoom',
    // Packed bytes have no ranges.
    'accept-encoding': 'identity',
    ...(range !== undefined && { range }),
    // The token is for the hub alone: its storage is on other hosts, and so is whatever a redirect names.
    ...(setup.token !== undefined &&
      url.origin === setup.endpoint.origin && { authorization: `Bearer ${setup.token}` }),
  };
  const timeout = AbortSignal.timeout(setup.timeoutMs);
  const signal = setup.signal === undefined ? timeout : AbortSignal.any([timeout, setup.signal]);
  try {
    return await fetch(url, { headers, redirect: 'manual', signal });
  } catch (error) {
    throw new Refused(broken(setup, error));
  }
}

function redirected(setup: Setup, from: URL, location: string | null): URL {
  const to =
    location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  // Never down to plain HTTP, except within an endpoint that the user gave as such.
  const isSafe =
    to !== undefined && (to.protocol === 'https:' || to.origin === setup.endpoint.origin);
  if (!isSafe)
    throw new Refused(refusal('unsafe-redirect', setup, { name: (location ?? '').slice(0, 100) }));
  return to;
}

/** Bytes of a body behind the first `skip`, `most` at most; the rest is not waited for. */
async function upTo(
  setup: Setup,
  response: Response,
  skip: number,
  most: number,
): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let [left, length] = [skip, 0];
  try {
    while (length < most) {
      const { done, value } = await reader.read();
      if (done) break;
      const piece = value.subarray(Math.min(left, value.length));
      left -= value.length - piece.length;
      pieces.push(piece.subarray(0, most - length));
      length += Math.min(piece.length, most - length);
    }
    await reader.cancel();
  } catch (error) {
    throw new Refused(broken(setup, error));
  }
  return Buffer.concat(pieces);
}

// What can go wrong.

function broken(setup: Setup, error: unknown): Problem {
  const name = error instanceof Error ? error.name : '';
  if (setup.signal?.aborted === true) return refusal('aborted', setup);
  if (name === 'TimeoutError') return refusal('timeout', setup);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code =
    cause !== undefined && 'code' in cause ? String(cause.code) : (cause?.message ?? name);
  return refusal('unreachable', setup, { name: code.slice(0, 80) });
}

function refusedWith(setup: Setup, status: number, code: string | null): Problem {
  if (status === 401 || status === 403) {
    if (code === 'GatedRepo') return refusal('gated', setup);
    return refusal(setup.token === undefined ? 'closed' : 'forbidden', setup);
  }
  return refusal(status === 429 ? 'too-many' : 'status', setup, { name: String(status) });
}

type Fault = keyof typeof FAULTS;

/** Why, and what to do, in each language. */
const FAULTS = {
  offline: [
    {
      en: 'Offline mode is on (HF_HUB_OFFLINE or an option), and no cache on this machine has {id}.',
      zh: '处于离线模式（HF_HUB_OFFLINE 或选项），本机缓存中也没有 {id}。',
      ru: 'Включён автономный режим (HF_HUB_OFFLINE или параметр), а в кэше этой машины {id} нет.',
    },
    {
      en: 'Fetch it once with a network, copy its config.json here, or give a folder.',
      zh: '联网时先获取一次，或把它的 config.json 复制过来，或给出文件夹。',
      ru: 'Скачать один раз при сети, скопировать сюда config.json или передать папку.',
    },
  ],
  'bad-id': [
    {
      en: '"{id}" at "{revision}" is no name of a repository.',
      zh: '“{id}”（版本“{revision}”）不是仓库名。',
      ru: '«{id}» в версии «{revision}» — не имя репозитория.',
    },
    {
      en: 'Write it as org/name, as the hub does.',
      zh: '按 Hub 的写法：org/name。',
      ru: 'Написать как на хабе: org/name.',
    },
  ],
  'bad-endpoint': [
    {
      en: '"{address}" is no address of a hub.',
      zh: '“{address}”不是 Hub 的地址。',
      ru: '«{address}» — не адрес хаба.',
    },
    {
      en: 'Set HF_ENDPOINT to https://… or unset it.',
      zh: '把 HF_ENDPOINT 设为 https://…，或取消设置。',
      ru: 'Задать HF_ENDPOINT как https://… или убрать.',
    },
  ],
  'no-repository': [
    {
      en: 'The hub has no repository {id}.',
      zh: 'Hub 上没有仓库 {id}。',
      ru: 'На хабе нет репозитория {id}.',
    },
    {
      en: 'Check the name; a private one needs HF_TOKEN.',
      zh: '检查名称；私有仓库需要 HF_TOKEN。',
      ru: 'Проверить имя; закрытому нужен HF_TOKEN.',
    },
  ],
  'no-revision': [
    {
      en: '{id} has no revision {revision}.',
      zh: '{id} 没有版本 {revision}。',
      ru: 'У {id} нет версии {revision}.',
    },
    { en: 'Check the revision.', zh: '检查版本。', ru: 'Проверить версию.' },
  ],
  'no-model': [
    {
      en: '{id} holds neither a config nor weights that can be read.',
      zh: '{id} 中没有可读取的配置或权重。',
      ru: 'В {id} нет ни конфига, ни весов, которые можно прочитать.',
    },
    {
      en: 'Give a repository with config.json, safetensors or GGUF files.',
      zh: '给出含 config.json、safetensors 或 GGUF 文件的仓库。',
      ru: 'Назвать репозиторий с config.json, файлами safetensors или GGUF.',
    },
  ],
  gated: [
    {
      en: '{id} is gated: its owner asks for consent first.',
      zh: '{id} 受限：需要先同意作者的条款。',
      ru: 'Доступ к {id} ограничен: владелец просит сперва согласия.',
    },
    {
      en: 'Accept its terms on the hub and set HF_TOKEN, or give its config.json.',
      zh: '在 Hub 上接受条款并设置 HF_TOKEN，或给出它的 config.json。',
      ru: 'Принять условия на хабе и задать HF_TOKEN или передать его config.json.',
    },
  ],
  closed: [
    {
      en: 'The hub shows {id} to nobody without a token: it is private, or not there.',
      zh: '没有令牌时 Hub 不提供 {id}：它是私有的，或者不存在。',
      ru: 'Без токена хаб не показывает {id}: репозиторий закрыт, или его нет.',
    },
    {
      en: 'Check the name; set HF_TOKEN for a private one.',
      zh: '检查名称；私有仓库则设置 HF_TOKEN。',
      ru: 'Проверить имя; для закрытого задать HF_TOKEN.',
    },
  ],
  forbidden: [
    {
      en: 'The token may not read {id}.',
      zh: '该令牌无权读取 {id}。',
      ru: 'Токену нельзя читать {id}.',
    },
    {
      en: 'Check that HF_TOKEN is valid and has read access.',
      zh: '确认 HF_TOKEN 有效且有读取权限。',
      ru: 'Проверить, что HF_TOKEN действует и даёт право чтения.',
    },
  ],
  'too-many': [
    {
      en: 'The hub answers that there were too many requests.',
      zh: 'Hub 表示请求过多。',
      ru: 'Хаб отвечает, что запросов слишком много.',
    },
    {
      en: 'Try again in a few minutes, or set HF_TOKEN.',
      zh: '过几分钟再试，或设置 HF_TOKEN。',
      ru: 'Повторить через несколько минут или задать HF_TOKEN.',
    },
  ],
  status: [
    { en: 'The hub answered {name}.', zh: 'Hub 返回 {name}。', ru: 'Хаб ответил {name}.' },
    {
      en: 'Try again later, or give config.json.',
      zh: '稍后再试，或给出 config.json。',
      ru: 'Повторить позже или передать config.json.',
    },
  ],
  'too-large': [
    {
      en: '{name} is larger than any file of its kind.',
      zh: '{name} 大得不像这类文件。',
      ru: '{name} больше, чем бывают такие файлы.',
    },
    {
      en: 'Check the repository; give config.json.',
      zh: '检查仓库；给出 config.json。',
      ru: 'Проверить репозиторий; передать config.json.',
    },
  ],
  redirects: [
    {
      en: 'The hub sent the request on too often.',
      zh: 'Hub 重定向次数过多。',
      ru: 'Хаб перенаправлял запрос слишком часто.',
    },
    { en: 'Check HF_ENDPOINT.', zh: '检查 HF_ENDPOINT。', ru: 'Проверить HF_ENDPOINT.' },
  ],
  'unsafe-redirect': [
    {
      en: 'The hub sent the request on to "{name}", which is not HTTPS.',
      zh: 'Hub 把请求重定向到“{name}”，那不是 HTTPS。',
      ru: 'Хаб перенаправил запрос на «{name}» — это не HTTPS.',
    },
    { en: 'Check HF_ENDPOINT.', zh: '检查 HF_ENDPOINT。', ru: 'Проверить HF_ENDPOINT.' },
  ],
  timeout: [
    {
      en: 'The hub did not answer in time.',
      zh: 'Hub 没有及时响应。',
      ru: 'Хаб не ответил вовремя.',
    },
    {
      en: 'Try again; behind a firewall set HF_ENDPOINT to a mirror, or give config.json.',
      zh: '再试一次；网络受限时把 HF_ENDPOINT 设为镜像，或给出 config.json。',
      ru: 'Повторить; за межсетевым экраном задать в HF_ENDPOINT зеркало или передать config.json.',
    },
  ],
  unreachable: [
    {
      en: 'The hub could not be reached ({name}).',
      zh: '无法连接 Hub（{name}）。',
      ru: 'До хаба не достучаться ({name}).',
    },
    {
      en: 'Check the network and HF_ENDPOINT, or give config.json or a name of the catalog.',
      zh: '检查网络和 HF_ENDPOINT，或给出 config.json 或内置目录中的名称。',
      ru: 'Проверить сеть и HF_ENDPOINT или передать config.json либо имя из каталога.',
    },
  ],
  aborted: [
    { en: 'It was broken off.', zh: '已中止。', ru: 'Прервано.' },
    { en: 'Start it again.', zh: '重新开始。', ru: 'Начать заново.' },
  ],
} as const;

const WHAT = {
  en: 'The model {id} could not be fetched.',
  zh: '无法获取模型 {id}。',
  ru: 'Не удалось получить модель {id}.',
};

function refusal(
  fault: Fault,
  { id, revision }: Pick<Setup, 'id' | 'revision'>,
  params: Readonly<Record<string, string>> = {},
): Problem {
  const [why, todo] = FAULTS[fault];
  const all = { id: id.slice(0, 120), revision: revision.slice(0, 60), ...params };
  return {
    code: `hub-${fault}`,
    what: phrase(WHAT, all),
    why: phrase(why, all),
    todo: phrase(todo, all),
    at: { source: id.slice(0, 200) },
  };
}
