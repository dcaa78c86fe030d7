import { describe, expect, test } from 'vitest';
import { diagnoseText } from '../diagnose.ts';

const read = async (text: string): Promise<string[]> => {
  const { incidents, causes } = await diagnoseText(text);
  const [incident] = incidents;
  return [
    `${incident?.format} ${incident?.kind}`,
    ...(incident?.causes ?? causes).map(({ id, strength }) => `${id} ${strength}`),
  ];
};

/** Results as numbers, with what programs print around them. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ['cudaMalloc failed with error code 2 when allocating the grid\nbye', 'gpu_oom'],
  ['[gpu 1] CUDA error 2 at kernel.cu:44\n[gpu 1] stopped', 'gpu_oom'],
  ['cuMemAlloc(&ptr, n) returned 2\n0 frames drawn', 'gpu_oom'],
  ['hipMalloc failed: error code 2\n3 retries left', 'gpu_oom'],
  ['CreateTexture2D failed: 0x8007000E\nscene closed', 'gpu_oom'],
  ['zeMemAllocDevice failed with 0x70000003\n', 'gpu_oom'],
  ['clEnqueueWriteBuffer returned -6\nleaving', 'host_oom'],
  ['vkAllocateMemory failed: -1\nleaving', 'host_oom'],
  ['vkCreateImage failed: -10\n4 images left', 'look_alike'],
];

describe('runtimes that say what they were doing', () => {
  test.each(NUMBERS)('%s', async (text, kind) => {
    expect((await diagnoseText(text)).verdict).toBe(kind);
  });

  test('a trial prefill runs on a model that has found its room', async () => {
    expect(
      await read(
        'RuntimeError: Not enough memory to handle 8192 prefill tokens. You need to decrease `--max-batch-prefill-tokens`',
      ),
    ).toEqual([
      'tgi gpu_oom',
      'activations-too-large possible',
      'model-does-not-fit possible',
      'kv-cache-too-large possible',
    ]);
  });

  test('Paddle names its loader in the words of a bus error', async () => {
    const text =
      'ERROR: Unexpected BUS error encountered in DataLoader worker. This might be caused by insufficient shared memory (shm), please check whether use_shared_memory is set';
    expect(await read(text)).toEqual([
      'dataloader-worker host_oom',
      'shared-memory-segment likely',
    ]);
    expect((await diagnoseText(text)).incidents[0]?.framework).toBe('paddle');
  });

  test.each([
    'Buffer binding 2 range 402653184 exceeds `max_*_buffer_binding_size` limit 134217728',
    "Limit 'max_storage_buffer_binding_size' value 402653184 is better than allowed 134217728",
  ])('wgpu: %s', async (text) => {
    const { incidents } = await diagnoseText(text);
    expect((await read(text)).slice(0, 2)).toEqual(['wgpu gpu_oom', 'memory-cap likely']);
    expect(incidents[0]?.figures).toMatchObject({
      requested_bytes: 402653184,
      max_alloc_bytes: 134217728,
    });
  });

  test('wgpu: a limit that counts no bytes is not memory', async () => {
    expect(
      (await diagnoseText("Limit 'max_bind_groups' value 8 is better than allowed 4")).verdict,
    ).toBe('none');
  });

  test('WebLLM does not know why its device is gone', async () => {
    const [kind, first, ...others] = await read(
      'Device was lost. This can happen due to insufficient memory or other GPU constraints. Detailed error: [object GPUDeviceLostInfo].',
    );
    expect([kind, first]).toEqual(['mlc-llm gpu_oom', 'device-removed possible']);
    expect(others).toContain('model-does-not-fit possible');
  });

  test('a pool whose idle part is less than the request is not fragmented', async () => {
    const pool = (live: string): string =>
      [
        'ERROR: Out of GPU memory trying to allocate 1.500 GiB',
        'Effective GPU memory usage: 99.80% (11.976 GiB/12.000 GiB)',
        `Memory pool usage: ${live} GiB (11.600 GiB reserved)`,
      ].join('\n');
    expect((await read(pool('11.100'))).join()).not.toContain('fragmentation');
    expect((await read(pool('9.900'))).join()).toContain('fragmentation possible');
  });

  test.each([
    ['a stream', '0:00:05.1 ERROR nvinfer gstnvinfer.cpp:676:gst_nvinfer_logger:<primary>'],
    ['a basecaller', '[info] Running: "basecaller" "sup"\n[info] dorado 0.5.3'],
  ])('%s without Python gets no measure for PyTorch', async (_, before) => {
    const words = async (text: string): Promise<string> =>
      JSON.stringify((await diagnoseText(text)).incidents[0]?.steps);
    const torch = /checkpoint|DataLoader|torch/i;
    expect(await words(`${before}\nCUDA error: out of memory`)).not.toMatch(torch);
    const frames = 'Traceback (most recent call last):\n  File "train.py", line 4, in <module>';
    expect(await words(`${before}\n${frames}\nRuntimeError: CUDA error: out of memory`)).toMatch(
      torch,
    );
  });
});
