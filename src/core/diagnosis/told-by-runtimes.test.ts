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

  test.each([
    [
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      'memory-cap possible',
    ],
    [
      'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
      'memory-cap possible',
    ],
    [
      'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)',
      'memory-cap possible',
    ],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'memory-cap likely'],
    ['java.lang.OutOfMemoryError: unable to create new native thread', 'another-system likely'],
    [
      'ERROR: out of memory\nDETAIL:  Failed on request of size 1073741824.',
      'another-system likely',
    ],
  ])('a heap with a limit of its own, and what is none: %s', async (text, first) => {
    expect((await read(text)).slice(0, 2)).toEqual(['another-system look_alike', first]);
  });

  test.each([
    ['CUresult error  result=2 func=cu_mem_create', 'status-number gpu_oom'],
    ["5.1 [opencl_demosaic] couldn't enqueue kernel! -4", 'status-number gpu_oom'],
    ['cubecl: unwrap() on an `Err` value: BufferTooBig(2153905152)', 'wgpu gpu_oom'],
    ['OP_REQUIRES failed at conv_ops.cc:1115 : Resource exhausted', 'tensorflow gpu_oom'],
    ['ERROR: Detected OutOfMemoryError! Enabling checkpointing', 'application-oom gpu_oom'],
    [
      'Failed to instantiate CUDA graph: CUDA_ERROR_OUT_OF_MEMORY: out of memory in jaxlib',
      'xla gpu_oom',
    ],
  ])('runtimes in a line: %s', async (text, first) => {
    expect((await read(text))[0]).toBe(first);
  });

  test('what a program says and shows of its work', async () => {
    const torch =
      'RuntimeError: CUDA out of memory. Tried to allocate 128.00 MiB (GPU 0; 10.92 GiB total capacity; 9.94 GiB already allocated; 82.50 MiB free; 10.23 GiB reserved in total by PyTorch)';
    const second = async (text: string) => (await read(text))[1];
    expect(await second(`${torch}\nTry a smaller tile size.`)).toBe(
      'activations-too-large possible',
    );
    const pinned =
      '    self.buffer = self.buffer.pin_memory()\nRuntimeError: CUDA error: out of memory';
    expect(await second(pinned)).toBe('pinned-memory likely');
    const turns = [1, 2, 3, 4].map((n) => `chunk ${n} gpu mem used ${2 * n}.10 GB`).join('\n');
    expect(await second(`${turns}\n${torch}`)).toBe('growth-over-steps likely');
    const slice = torch.replace('10.92 GiB', '9.50 GiB').replace('9.94 GiB', '8.94 GiB');
    expect((await read(slice.replace('10.23', '9.33'))).join()).toContain('memory-cap possible');
    const answered = 'INFO: "POST /embed HTTP/1.1" 500 Internal Server Error';
    expect((await read(`${answered}\n${torch}`)).join()).toContain('autograd-in-eval');
  });

  test('what the lines above a bare message tell of the work', async () => {
    const torch =
      'RuntimeError: CUDA out of memory. Tried to allocate 96.00 MiB (GPU 0; 15.90 GiB total capacity; 14.71 GiB already allocated; 61.75 MiB free; 14.92 GiB reserved in total by PyTorch)';
    const first = async (above: string): Promise<string | undefined> =>
      (await read(`${above}\n${torch}`))[1];
    expect(await first('===== fold: 0 result =====\n===== fold: 1 training =====')).toContain(
      'growth-over-steps',
    );
    expect(await first('===== fold: 1 training =====')).not.toContain('growth-over-steps');
    expect(
      await first(
        'Training progress:  61%|██████    | 18420/30000 [14:02<12:11, 15.8it/s, Loss=0.0513207]',
      ),
    ).toBe('data-does-not-fit possible');
    expect(
      await first(
        '  File "/srv/llm/model.py", line 88, in __init__\n    self.cache_k = torch.zeros(',
      ),
    ).toContain('kv-cache-too-large');
    expect(
      await first(
        'This means you will have 0% GPU memory (3.00 MB) to do matrix computation. Computations may fallback to CPU or go Out of Memory.',
      ),
    ).toBe('engine-reservation-too-high likely');
    const test = 'Test:  [ 31/200]  eta: 0:00:41  loss: 0.8120  time: 0.2411  max mem: 14870';
    expect((await read(`${test}\n${torch}`)).join()).toContain('autograd-in-eval');
    expect((await read(torch)).join()).not.toContain('autograd-in-eval');
  });

  test('who ended a process, where the text says it', async () => {
    const killed = 'State: Terminated\n  Reason: Error\n  Exit Code: 137';
    expect((await read(killed))[1]).toBe('host-ram-exhausted likely');
    expect((await read(killed))[2]).toBe('ended-otherwise possible');
    const probe = 'Warning  Unhealthy  kubelet  Liveness probe failed: context deadline exceeded';
    expect((await read(`${killed}\n${probe}`)).slice(0, 3)).toEqual([
      'process-killed look_alike',
      'ended-otherwise likely',
      'host-ram-exhausted possible',
    ]);
    expect((await read("unit.service: Failed with result 'oom-kill'.")).join()).not.toContain(
      'ended',
    );
  });

  test('MPI’s exit code 9 is a kill, unless the program told of an error', async () => {
    const mpi =
      '=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID 4107 RUNNING AT n12\n=   EXIT CODE: 9';
    expect((await read(mpi))[0]).toBe('process-killed host_oom');
    const denied = 'forrtl: severe (9): permission to access file denied';
    expect((await diagnoseText(`${denied}\n${mpi}`)).verdict).toBe('none');
    expect((await diagnoseText(mpi.replace(': 9', ': 11'))).verdict).toBe('none');
  });

  test('sizes that no machine has are corrupt, whatever the assertion behind them', async () => {
    const text =
      'ggml_aligned_malloc: insufficient memory (attempted to allocate 17592186042112.00 MB)\nGGML_ASSERT: ggml.c:2711: ctx->mem_buffer != NULL';
    expect((await read(text)).slice(0, 2)).toEqual(['llama-cpp host_oom', 'corrupt-size proven']);
    const frame =
      'what():  std::bad_alloc\n#6 0x4011 in std::make_unique<char []> (__num=9223372036854775807) at unique_ptr.h:863';
    expect((await read(frame))[1]).toBe('corrupt-size likely');
    const limit = 'memory.max = 9223372036854775807\nMemoryError: std::bad_alloc';
    expect((await read(limit))[1]).toBe('host-ram-exhausted possible');
  });

  test.each([
    [
      'Error in { : task 3 failed - "cannot allocate vector of size 2.1 Gb"',
      'host-ram-exhausted proven',
    ],
    ['Out of memory. Type HELP MEMORY for your options.', 'host-ram-exhausted proven'],
    ['lightgbm.basic.LightGBMError: bad allocation', 'host-ram-exhausted possible'],
    ['/opt/torch/bin/luajit: not enough memory', 'host-ram-exhausted possible'],
  ])('the machine’s memory in the words of %s', async (text, first) => {
    expect((await read(text)).slice(0, 2)).toEqual(['host-allocation host_oom', first]);
  });

  test('on-chip memory in the words of IREE', async () => {
    const text =
      "error: 'func.func' op uses 5243904 bytes of shared memory; exceeded the limit of 65536 bytes";
    expect((await read(text)).slice(0, 1)).toEqual(['kernel-shared-memory look_alike']);
  });

  const CUDA_ERROR = 'RuntimeError: CUDA error: out of memory';
  const MESSAGE = (asked: string, total: string, live: string, free: string): string =>
    `RuntimeError: CUDA out of memory. Tried to allocate ${asked} (GPU 0; ${total} total capacity; ${live} already allocated; ${free} free; ${live} reserved in total by PyTorch)`;

  test('children of multiprocessing that each put a model on the card', async () => {
    const text = (number: number): string =>
      `Process Process-${number}:\nTraceback (most recent call last):\n  File "/home/kim/play.py", line 31, in run\n    net = Policy(9).cuda()\n${CUDA_ERROR}`;
    expect((await read(text(12)))[1]).toBe('many-processes-on-one-gpu possible');
    expect((await read(text(1)))[1]).not.toBe('many-processes-on-one-gpu possible');
  });

  test('ZeRO’s copy in fp32 is what was asked for', async () => {
    const sizes = 'Rank: 0 partition count [1] and sizes[(6738415616, False)]';
    const message = MESSAGE('25.10 GiB', '39.39 GiB', '25.22 GiB', '13.31 GiB');
    expect((await read(`${sizes}\n${message}`))[1]).toBe('optimizer-states-do-not-fit likely');
    const other = MESSAGE('2.10 GiB', '39.39 GiB', '38.22 GiB', '0.31 GiB');
    expect((await read(`${sizes}\n${other}`))[1]).not.toContain('optimizer');
  });

  test('TensorFlow that took the card before PyTorch came', async () => {
    const taken =
      'I tensorflow/core/common_runtime/gpu/gpu_device.cc:1326] Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with 10412 MB memory)';
    const frame =
      'Traceback (most recent call last):\n  File "fid.py", line 61, in <module>\n    net = net.cuda()';
    const read1 = await read(`${taken}\n${frame}\n${CUDA_ERROR}`);
    expect(read1[1]).toBe('framework-preallocation possible');
  });

  test('what an evaluation keeps, and a cache that is made longer', async () => {
    const at = (file: string, name: string, code: string): string =>
      `Traceback (most recent call last):\n  File "/venv/lib/python3.11/site-packages/${file}", line 72, in ${name}\n    ${code}\n${MESSAGE('3.73 GiB', '15.90 GiB', '11.84 GiB', '2.96 GiB')}`;
    const kept = at(
      'transformers/trainer_pt_utils.py',
      'torch_pad_and_concatenate',
      'return torch.cat((tensor1, tensor2), dim=0)',
    );
    expect((await read(kept))[1]).toBe('eval-accumulation likely');
    const cache = at(
      'flow/decoder.py',
      'step',
      'self.kv_cache = torch.cat([self.kv_cache, new], dim=2)',
    );
    expect(await read(cache)).toContain('kv-cache-too-large possible');
    const frames = at('video/model.py', 'step', 'x = torch.cat([self.past_keyframes, frame])');
    expect((await read(frames)).join()).not.toContain('kv-cache');
  });

  test('three peaks that rise alike and steeply', async () => {
    const row = (iter: number, mb: number): string =>
      `2023-04-11 15:02:12,443 - mmseg - INFO - Iter [${iter}/80000]  lr: 9.994e-03, time: 0.412, data_time: 0.011, memory: ${mb}, loss: 1.8834`;
    const causes = async (...mb: number[]): Promise<string[]> =>
      (await diagnoseText(mb.map((one, i) => row(1000 * (i + 1), one)).join('\n'))).causes.map(
        ({ id }) => id,
      );
    expect(await causes(4217, 7440, 10663)).toContain('growth-over-steps');
    expect(await causes(4217, 4440, 4663)).toEqual([]);
    expect(await causes(4217, 9440, 10663)).toEqual([]);
  });

  test('a machine of which next to nothing is available', async () => {
    const free = (available: number): string =>
      `              total        used        free      shared  buff/cache   available\nMem:          32104       31790         198           9         116         ${available}\nSwap:         32767       32767           0`;
    const ids = async (text: string): Promise<string[]> =>
      (await diagnoseText(text)).causes.map(({ id }) => id);
    expect((await ids(free(143))).slice(0, 2)).toEqual(['host-ram-exhausted', 'growth-over-steps']);
    expect(await ids(free(9143))).toEqual([]);
  });
});
