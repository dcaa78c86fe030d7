import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from '../core/base/render.ts';
import { cachedModel, fetchModel, type HubOptions } from './hub.ts';
import { type ModelFiles, type ModelFilesReading, readModelPath } from './model-files.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const CONFIG = JSON.stringify({ model_type: 'llama', hidden_size: 8 });

/** A file of safetensors with data that nobody should fetch. */
function safetensors(names: readonly string[], elements = 1000, padding = 0): Buffer {
  const header: Record<string, unknown> = { __metadata__: { note: 'x'.repeat(padding) } };
  names.forEach((name, i) => {
    header[name] = {
      dtype: 'BF16',
      shape: [elements],
      data_offsets: [i * 2 * elements, (i + 1) * 2 * elements],
    };
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(names.length * 2 * elements)]);
}

const INDEX = JSON.stringify({
  metadata: { total_size: 4_000_000 },
  weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
});

let folder = '';
let server: Server;
let endpoint = '';
let requests: IncomingMessage[] = [];
let sent = 0;
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-hub-'));
  requests = [];
  sent = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

/** A hub of one repository, with ranges. */
function serve(files: Readonly<Record<string, string | Buffer>>, withRanges = true): void {
  answer = (request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    if (path.startsWith('/api/')) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
      return;
    }
    const name = path.replace(/^\/org\/model\/resolve\/[^/]+\//, '');
    const file = files[name];
    if (file === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    const bytes = Buffer.from(file);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null || !withRanges) {
      response.writeHead(200, { 'content-length': bytes.length });
      sent += bytes.length;
      response.end(bytes);
      return;
    }
    const part = bytes.subarray(Number(range[1]), Number(range[2]) + 1);
    sent += part.length;
    const whole = `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': whole }).end(part);
  };
}

const options = (more: HubOptions = {}): HubOptions => ({
  endpoint,
  cacheDir: join(folder, 'ours'),
  env: { HF_HOME: join(folder, 'hf') },
  ...more,
});

function files(reading: ModelFilesReading | undefined): ModelFiles {
  if (reading?.ok !== true) throw new Error(reading && render(reading.problem.why, 'en'));
  return reading.files;
}
async function refusal(id: string, more?: HubOptions): Promise<string> {
  const reading = await fetchModel(id, options(more));
  if (reading.ok) throw new Error('was read');
  for (const lang of ['en', 'zh', 'ru'] as const) {
    const { what, why, todo } = reading.problem;
    for (const part of [what, why, todo]) expect(render(part, lang)).not.toMatch(/[{}]/);
  }
  return reading.problem.code;
}

describe('a model of the hub', () => {
  it('is its configs and the headers of its files; data is left there', async () => {
    serve({
      'config.json': CONFIG,
      'README.md': 'no',
      'model.safetensors.index.json': INDEX,
      'model-00001-of-00002.safetensors': safetensors(['a'], 1_000_000),
      'model-00002-of-00002.safetensors': safetensors(['b'], 1_000_000),
    });
    const model = files(await fetchModel('org/model', options()));
    expect(model.texts.get('config.json')).toBe(CONFIG);
    expect(model.revision).toBe(COMMIT);
    expect(model.weights).toMatchObject({ bytes: 4_000_000, missing: [] });
    expect(model.weights?.tensors.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(sent).toBeLessThan(700_000);
    expect(requests.some(({ url }) => url?.includes('README'))).toBe(false);
  });

  it('is kept: the second time there is no request', async () => {
    serve({ 'config.json': CONFIG, 'model.safetensors': safetensors(['a']) });
    const first = files(await fetchModel('org/model', options()));
    const count = requests.length;
    const second = files(await fetchModel('org/model', options({ offline: true })));
    expect(requests.length).toBe(count);
    expect(second).toEqual({ ...first, origin: 'cache' });
    expect(await cachedModel('org/other', options())).toBeUndefined();
  });

  it('has headers of any length, from servers without ranges too', async () => {
    for (const withRanges of [true, false]) {
      serve(
        { 'config.json': CONFIG, 'model.safetensors': safetensors(['a'], 10, 600_000) },
        withRanges,
      );
      const cacheDir = join(folder, String(withRanges));
      const model = files(await fetchModel('org/model', options({ cacheDir })));
      expect(model.weights).toMatchObject({ bytes: 20 });
    }
  });

  it('may have parts, and an adapter beside it', async () => {
    serve({
      'model_index.json': '{}',
      'unet/config.json': '{"a":1}',
      'unet/diffusion_pytorch_model.safetensors': safetensors(['u']),
      'unet/diffusion_pytorch_model.fp16.safetensors': safetensors(['h']),
      'vae/config.json': '{}',
    });
    const { parts } = files(await fetchModel('org/model', options()));
    expect([...parts.keys()]).toEqual(['unet', 'vae']);
    expect(parts.get('unet')?.weights?.tensors.map(({ name }) => name)).toEqual(['u']);
    serve({ 'adapter_config.json': '{}', 'adapter_model.safetensors': safetensors(['l']) });
    const adapter = files(await fetchModel('org/model', options({ revision: 'v2' })));
    expect(adapter.weights).toBeUndefined();
    expect(adapter.adapter).toMatchObject({ bytes: 2000 });
  });

  it('may be a GGUF file, with long integers, and is kept as well', async () => {
    // One pair: a key of one letter, an unsigned integer of 64 bits.
    const gguf = Buffer.alloc(24 + 8 + 1 + 4 + 8);
    gguf.write('GGUF');
    gguf.writeUInt32LE(3, 4);
    gguf.writeBigUInt64LE(1n, 16);
    gguf.writeBigUInt64LE(1n, 24);
    gguf.write('k', 32);
    gguf.writeUInt32LE(10, 33);
    gguf.writeBigUInt64LE(2n ** 63n, 37);
    serve({ 'm-Q8_0.gguf': gguf, 'm-Q4_0.gguf': Buffer.from('no') });
    const asked = options({ file: 'm-Q8_0.gguf' });
    const first = files(await fetchModel('org/model', asked));
    expect(first.gguf?.metadata.get('k')).toBe(2n ** 63n);
    const second = files(await fetchModel('org/model', { ...asked, offline: true }));
    expect(second).toEqual({ ...first, origin: 'cache' });
  });

  it('is asked for by its usual names where the hub has no list', async () => {
    serve({ 'config.json': CONFIG, 'model.safetensors': safetensors(['a']) });
    const listed = answer;
    answer = (request, response) => {
      if (request.url?.startsWith('/api/')) response.writeHead(404).end();
      else listed(request, response);
    };
    expect(files(await fetchModel('org/model', options())).weights).toMatchObject({ bytes: 2000 });
  });
});

describe('the network', () => {
  it('is not used offline', async () => {
    expect(await refusal('org/model', { offline: true })).toBe('hub-offline');
    const env = { HF_HOME: join(folder, 'hf'), HF_HUB_OFFLINE: '1' };
    expect(await refusal('org/model', { env })).toBe('hub-offline');
    expect(requests).toEqual([]);
  });

  it('gets the token only at the endpoint, and redirects lead to HTTPS or stay there', async () => {
    const seen: { url: string; token: boolean }[] = [];
    vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: Record<string, string> }) => {
      seen.push({ url: url.href, token: headers['authorization'] !== undefined });
      if (url.hostname === 'hub.example' && url.pathname.endsWith('/model.safetensors')) {
        return new Response(null, { status: 302, headers: { location: 'https://cdn.example/x' } });
      }
      if (url.hostname === 'cdn.example') return new Response(new Uint8Array(safetensors(['a'])));
      if (url.pathname.endsWith('/config.json')) return new Response(CONFIG);
      return new Response(null, { status: 404 });
    });
    const there = options({ endpoint: 'https://hub.example', token: 'secret' });
    expect(files(await fetchModel('org/model', there)).weights).toMatchObject({ bytes: 2000 });
    expect(
      seen.filter(({ url }) => url.startsWith('https://cdn.example')).map(({ token }) => token),
    ).toEqual([false]);
    expect(
      seen.filter(({ url }) => url.startsWith('https://hub.example')).every(({ token }) => token),
    ).toBe(true);
  });

  it('is refused where a redirect leaves HTTPS, goes round, or says no', async () => {
    const say = (status: number, headers: Record<string, string> = {}): void => {
      answer = (_, response) => {
        response.writeHead(status, headers).end();
      };
    };
    say(302, { location: 'http://127.0.0.1:9/elsewhere' });
    expect(await refusal('org/model')).toBe('hub-unsafe-redirect');
    say(302, { location: 'file:///etc/passwd' });
    expect(await refusal('org/model')).toBe('hub-unsafe-redirect');
    say(302, { location: '/again' });
    expect(await refusal('org/model')).toBe('hub-redirects');
    say(401, { 'x-error-code': 'GatedRepo' });
    expect(await refusal('org/model')).toBe('hub-gated');
    say(401);
    expect(await refusal('org/model')).toBe('hub-closed');
    expect(await refusal('org/model', { token: 'x' })).toBe('hub-forbidden');
    say(404, { 'x-error-code': 'RepoNotFound' });
    expect(await refusal('org/model')).toBe('hub-no-repository');
    say(404, { 'x-error-code': 'RevisionNotFound' });
    expect(await refusal('org/model')).toBe('hub-no-revision');
    say(404);
    expect(await refusal('org/model')).toBe('hub-no-model');
    say(429);
    expect(await refusal('org/model')).toBe('hub-too-many');
    say(500);
    expect(await refusal('org/model')).toBe('hub-status');
  });

  it('is given up in time, and when nobody is there', async () => {
    answer = () => undefined;
    expect(await refusal('org/model', { timeoutMs: 100 })).toBe('hub-timeout');
    const signal = AbortSignal.abort();
    expect(await refusal('org/model', { signal })).toBe('hub-aborted');
    expect(await refusal('org/model', { endpoint: 'http://127.0.0.1:1' })).toBe('hub-unreachable');
    server.closeAllConnections();
  });

  it('is asked for nothing but files of the repository', async () => {
    for (const id of ['../etc', 'a/b/c', 'org/..', '', 'org/mo del', 'https://x/y']) {
      expect(await refusal(id), id).toBe('hub-bad-id');
    }
    expect(await refusal('org/model', { revision: '../../x' })).toBe('hub-bad-id');
    expect(await refusal('org/model', { endpoint: 'file:///etc' })).toBe('hub-bad-endpoint');
    expect(requests).toEqual([]);
    const index = JSON.stringify({ weight_map: { a: '../../secret', b: '/etc/passwd' } });
    serve({ 'config.json': CONFIG, 'model.safetensors.index.json': index });
    await fetchModel('org/model', options());
    expect(requests.every(({ url }) => !/secret|passwd/.test(url ?? ''))).toBe(true);
  });

  it('has bounds: a config without an end is not read to it', async () => {
    serve({ 'config.json': 'x'.repeat(5 * 1024 * 1024) });
    expect(await refusal('org/model')).toBe('hub-too-large');
  });
});

describe('the cache of the hub', () => {
  it('is read without the network', async () => {
    const repository = join(folder, 'hf/hub/models--org--model');
    mkdirSync(join(repository, 'refs'), { recursive: true });
    mkdirSync(join(repository, 'blobs'));
    mkdirSync(join(repository, 'snapshots', COMMIT), { recursive: true });
    writeFileSync(join(repository, 'refs/main'), COMMIT);
    writeFileSync(join(repository, 'blobs/1'), CONFIG);
    writeFileSync(join(repository, 'blobs/2'), safetensors(['a']));
    symlinkSync('../../blobs/1', join(repository, 'snapshots', COMMIT, 'config.json'));
    symlinkSync('../../blobs/2', join(repository, 'snapshots', COMMIT, 'model.safetensors'));
    const model = files(await fetchModel('org/model', options({ offline: true })));
    expect(model).toMatchObject({ origin: 'cache', revision: COMMIT, weights: { bytes: 2000 } });
    expect(requests).toEqual([]);
  });
});

describe('a model on disk', () => {
  const put = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('is a folder, its config, its index, or one of its files', async () => {
    put('config.json', CONFIG);
    put('model.safetensors.index.json', INDEX);
    const shard = put('model-00001-of-00002.safetensors', safetensors(['a'], 1_000_000));
    const half = files(await readModelPath(folder));
    // One file is missing: the index has the size of all.
    expect(half.weights).toMatchObject({
      bytes: 4_000_000,
      missing: ['model-00002-of-00002.safetensors'],
    });
    put('model-00002-of-00002.safetensors', safetensors(['b'], 1_000_000));
    for (const path of [
      folder,
      join(folder, 'config.json'),
      join(folder, 'model.safetensors.index.json'),
      shard,
    ]) {
      const model = files(await readModelPath(path));
      expect(model.texts.get('config.json'), path).toBe(CONFIG);
      expect(model.weights, path).toMatchObject({ bytes: 4_000_000, missing: [] });
    }
  });

  it('may be an adapter or an ONNX file', async () => {
    put('adapter_config.json', '{}');
    put('adapter_model.safetensors', safetensors(['l']));
    expect(files(await readModelPath(folder)).adapter).toMatchObject({ bytes: 2000 });
    // ModelProto { graph { initializer { dims: 4, data_type: FLOAT, name: "w" } } }
    const onnx = put('m.onnx', Buffer.from([0x3a, 9, 0x2a, 7, 0x08, 4, 0x10, 1, 0x42, 1, 0x77]));
    expect(files(await readModelPath(onnx)).weights).toMatchObject({ format: 'onnx', bytes: 16 });
  });

  it('may be a GGUF file', async () => {
    const head = Buffer.alloc(24);
    head.write('GGUF');
    head.writeUInt32LE(3, 4);
    const path = put('m.gguf', head);
    const model = files(await readModelPath(path));
    expect(model.gguf?.version).toBe(3);
    expect(model.weights).toMatchObject({ format: 'gguf', bytes: 0 });
  });

  it('that is not there, or is something else, is said so', async () => {
    for (const [path, code] of [
      [join(folder, 'nothing'), 'model-absent'],
      [folder, 'model-absent'],
      [put('broken.bin', 'version https://git-lfs'), 'safetensors-not-safetensors'],
    ] as const) {
      const reading = await readModelPath(path);
      expect(!reading.ok && reading.problem.code, path).toBe(code);
    }
  });
});
