import { describe, expect, test } from 'vitest';
import { diagnoseText } from '../diagnose.ts';

const suspected = async (text: string): Promise<string[]> => {
  const { verdict, causes } = await diagnoseText(text);
  expect(verdict).toBe('none');
  return causes.map(({ id, strength }) => `${id} ${strength}`);
};

describe('evidence without a failure', () => {
  test('asks for the end of a log only where there is a log', async () => {
    expect((await diagnoseText('Epoch 1/10')).ask_for).toHaveLength(1);
    const { ask_for: asked, problems } = await diagnoseText('');
    expect(asked).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test('contexts of other ranks on one card', async () => {
    const row = (gpu: number, pid: number, mib: number): string =>
      `|    ${gpu}   N/A  N/A            ${pid}      C   python                       ${mib}MiB |`;
    const text = [row(0, 801, 21340), row(0, 802, 612), row(0, 803, 612), row(1, 802, 20990)];
    expect(await suspected(text.join('\n'))).toContain('rank-imbalance possible');
  });

  test('one program that works beside another is no crowd', async () => {
    const row = (pid: number, name: string, mib: number): string =>
      `|    0   N/A  N/A            ${pid}      C   ${name}                       ${mib}MiB |`;
    const text = [row(801, 'python', 21340), row(802, 'ollama', 612), row(803, 'ffmpeg', 240)];
    expect(await suspected(text.join('\n'))).not.toContain('rank-imbalance possible');
  });

  test('a card in use, the list of processes cut off', async () => {
    const text = [
      '|   0  Tesla V100-PCIE...  Off  | 00000000:3B:00.0 Off |                    0 |',
      '| N/A   41C    P0    38W / 250W |  11984MiB / 16160MiB |      3%      Default |',
    ];
    expect(await suspected(text.join('\n'))).toEqual(['neighbour-process possible']);
  });

  test('a log of DeepSpeed that ends with a full host', async () => {
    const log = (percent: string): string =>
      [
        '[2024-05-06 07:08:09,101] [INFO] [utils.py:800:see_memory_usage] Before creating optimizer',
        '[2024-05-06 07:08:09,102] [INFO] [utils.py:801:see_memory_usage] MA 0.2 GB         Max_MA 0.2 GB         CA 0.4 GB         Max_CA 0 GB ',
        `[2024-05-06 07:08:09,102] [INFO] [utils.py:808:see_memory_usage] CPU Virtual Memory:  used = 119.2 GB, percent = ${percent}%`,
      ].join('\n');
    expect(await suspected(log('97.1'))).toEqual([
      'host-ram-exhausted possible',
      'worker-crashed possible',
      'model-does-not-fit possible',
    ]);
    expect(await suspected(log('41.0'))).toEqual([]);
  });

  test('a traceback of one’s own functions, broken off', async () => {
    const text = [
      '  0%|          | 0/400000 [00:02<?, ?it/s]',
      'Traceback (most recent call last):',
      '  File "head/fit.py", line 870, in fit',
      '    **kw_train)',
      '  File "head/fit.py", line 99, in render',
      '    ret = split_rays(rays, bg, aud, chunk, **kwargs)',
    ].join('\n');
    expect(await suspected(text)).toEqual([
      'activations-too-large possible',
      'worker-crashed possible',
      'host-ram-exhausted possible',
    ]);
    const { ask_for: asked } = await diagnoseText(text);
    expect(asked.map(({ command }) => command)[0]).toContain('unoom diagnose train.log');
    expect(await suspected(`${text}\nKeyError: 'rays'`)).toEqual([]);
    expect(await suspected('Traceback (most recent call last):')).toEqual([]);
  });

  test('the machine’s memory that only rises, reading by reading', async () => {
    const table = (...used: readonly number[]): string =>
      used
        .map((gib) =>
          [
            '              total        used        free      shared  buff/cache   available',
            `Mem:             63          ${gib}          15           0          40          55`,
          ].join('\n'),
        )
        .join('\n\n');
    expect((await suspected(table(2, 7, 9, 11))).slice(0, 2)).toEqual([
      'growth-over-steps possible',
      'host-ram-exhausted possible',
    ]);
    expect(await suspected(table(9, 7, 9, 8))).toEqual([]);
    expect(await suspected(table(4, 10, 11))).toEqual([]);
    expect(await suspected(table(9, 10, 11, 12))).toEqual([]);
  });

  test('a shell that is back while weights were being read', async () => {
    const bar = 'Loading checkpoint shards:   0%|          | 0/3 [00:00<?, ?it/s]';
    for (const prompt of ['PS D:\\work\\longread>', '(env) C:\\lab>', 'ann@node7:~/lab$'])
      expect((await suspected(`${bar}\n${prompt}`))[0]).toBe('host-ram-exhausted possible');
  });

  test('a traceback without its last line', async () => {
    const text = [
      'Traceback (most recent call last):',
      '  File "/home/ann/fit.py", line 31, in <module>',
      '    loss.backward()',
      '  File "/opt/venv/lib/python3.11/site-packages/torch/_tensor.py", line 581, in backward',
      '    torch.autograd.backward(',
    ].join('\n');
    expect((await suspected(text))[0]).toBe('activations-too-large possible');
    const { ask_for: asked } = await diagnoseText(text);
    expect(asked).toHaveLength(1);
    // With its last line it is another error, and nothing is suspected.
    expect(await suspected(`${text}\nValueError: optimizer got an empty parameter list`)).toEqual(
      [],
    );
  });

  test('a traceback that breaks off where the machine is asked for memory', async () => {
    const ending = (...frame: string[]): string =>
      [
        'Traceback (most recent call last):',
        '  File "/home/ann/prepare.py", line 12, in <module>',
        '    x = build()',
        ...frame,
      ].join('\n');
    for (const frame of [
      [
        '  File "/home/ann/prepare.py", line 8, in build',
        '    return np.concatenate((a, b), axis=0)',
      ],
      [
        '  File "/opt/lib/python3.11/site-packages/numpy/core/numeric.py", line 85, in asarray',
        '    return array(a, dtype)',
      ],
      [
        '  File "/usr/lib/python3.11/multiprocessing/popen_fork.py", line 66, in _launch',
        '    self.pid = os.fork()',
      ],
    ]) {
      expect((await suspected(ending(...frame)))[0]).toBe('host-ram-exhausted possible');
    }
    const onCard = [
      '  File "cupy/cuda/memory.pyx", line 1281, in cupy.cuda.memory.SingleDeviceMemoryPool._try_malloc',
    ];
    expect((await suspected(ending(...onCard)))[0]).toBe('activations-too-large possible');
  });
  test('a text that ends in the middle of its work', async () => {
    const bar = 'Loading checkpoint shards:  33%|███▎      | 1/3 [00:21<00:42, 21.3s/it]';
    expect(await suspected(`Using device: cpu\n${bar}`)).toEqual([
      'host-ram-exhausted possible',
      'model-does-not-fit possible',
      'worker-crashed possible',
    ]);
    const stages =
      'Sampling with torch...\nchain 2: 100%|██████████| 900/900 [1:07<00:00, 13.3it/s]';
    expect((await suspected(`${stages}\nTime = 67.7\nTransforming variables...`))[0]).toBe(
      'host-ram-exhausted possible',
    );
    const begun = ['reading config.yaml', '12450 images in 3 classes', 'Starting training...'].join(
      '\n',
    );
    const usual = ['host-ram-exhausted', 'activations-too-large', 'worker-crashed'];
    expect(await suspected(begun)).toEqual(usual.map((id) => `${id} possible`));
    expect(await suspected(`${begun}\nepoch 1 done\nTraining finished, model saved.`)).toEqual([]);
    expect(await suspected(`${begun}\nValueError: unknown class 3`)).toEqual([]);
    const settings = '[10:22:31] Input: 1 frame, 640x480\n[10:22:31] Seed: 4, dtype: bf16';
    const stage = '[10:22:30] Loading weights on cuda:0\n[10:22:31] Starting generation...';
    expect((await suspected(`${stage}\n${settings}`))[1]).toBe('activations-too-large possible');
    const model = '[10:22:29] cuda:0\n[10:22:30] 2 files\n[10:22:30] Loading model weights...';
    expect((await suspected(model))[1]).toBe('model-does-not-fit possible');
    expect((await suspected('Launching web UI\nLoading config\n^C'))[0]).toBe(
      'host-ram-exhausted possible',
    );
  });
  test('a traceback that breaks off is weighed by its innermost frames', async () => {
    const ending = (file: string, name: string, code: string): string =>
      [
        'Traceback (most recent call last):',
        '  File "/home/ann/fit.py", line 31, in <module>',
        '    run()',
        `  File "/opt/venv/lib/python3.11/site-packages/${file}", line 581, in ${name}`,
        `    ${code}`,
      ].join('\n');
    const first = async (...frame: [string, string, string]): Promise<string | undefined> =>
      (await suspected(ending(...frame)))[0];
    const put = 'all_preds = logits if all_preds is None else nested_concat(all_preds, logits)';
    expect(await first('transformers/trainer.py', 'evaluation_loop', put)).toBe(
      'eval-accumulation possible',
    );
    expect(await first('scipy_like/graph.py', 'build', 'a = adjacency.todense()')).toBe(
      'data-does-not-fit possible',
    );
    const restored = ending('torch/serialization.py', 'load', 'obj = restore(storage, location)');
    expect(await suspected(restored)).toEqual([
      'model-does-not-fit possible',
      'neighbour-process possible',
      'host-ram-exhausted possible',
    ]);
  });

  test('a report cut down to the line of code that failed', async () => {
    const line = 'attn_weights = torch.matmul(q, k.transpose(-2, -1)) / scale';
    expect((await suspected(line))[0]).toBe('quadratic-attention possible');
    expect(await suspected('It works (see the notes) with the other card.')).toEqual([]);
  });

  test('a host allocator that tells of large pieces', async () => {
    const text = ['tcmalloc: large alloc 4294967296 bytes == 0x55d0 @  0x7f1 0x55d'];
    expect(await suspected(text.join('\n'))).toContain('host-ram-exhausted possible');
  });

  test('after a bare kill the kernel’s log is asked for first', async () => {
    const { ask_for: asked } = await diagnoseText(
      'epoch 3 done, 212 s\n\n/bin/bash: line 9: 4410 Killed bash fit.sh',
    );
    expect(asked.map(({ command }) => command)[0]).toContain('dmesg');
  });

  test('layers left on the host', async () => {
    const text = [
      'load_tensors: offloading 20 repeating layers to GPU',
      'load_tensors: offloaded 20/81 layers to GPU',
      'load_tensors:        CUDA0 model buffer size = 10210.00 MiB',
    ].join('\n');
    expect(await suspected(text)).toEqual([
      'model-does-not-fit possible',
      'kv-cache-too-large possible',
    ]);
  });

  test.each([
    [
      'Fatal error:\nNot enough memory. Failed to realloc -1990197248 bytes for nbl->cj,',
      'corrupt-size possible',
    ],
    [
      '[AVHWFramesContext @ 0x55d0] Static surface pool size exceeded.',
      'engine-reservation-too-low possible',
    ],
    [
      'ep 1 it  2000 mem(rss) 9.7G\nep 1 it  4000 mem(rss) 14.1G\nep 1 it  6000 mem(rss) 18.6G',
      'growth-over-steps possible',
    ],
    [
      'name: GeForce GTX 1080\nmajor: 6 minor: 1 memoryClockRate (GHz) 1.759\npciBusID 0000:02:00.0\nTotal memory: 7.92GiB\nFree memory: 163.44MiB',
      'neighbour-process possible',
    ],
    ['session deleted because of page crash', 'worker-crashed possible'],
  ])('what is told without a failure: %s', async (text, first) => {
    expect((await suspected(text))[0]).toBe(first);
  });

  test.each([
    ['It runs out of memory as soon as validation begins', 'autograd-in-eval possible'],
    ['OOM in the VAE after the last step', 'vae-decode possible'],
    ['The node is out of memory: all of its RAM is in use', 'host-ram-exhausted possible'],
    ['Could not allocate the pyramid layer: out of memory', 'activations-too-large possible'],
    ['Could not malloc() 402653200 bytes--are we out of memory?', 'host-ram-exhausted possible'],
    [
      'Warning: less than 75% GPU memory available for training. Free: 3921 Total: 11019',
      'neighbour-process possible',
    ],
    ['There is no more memory left to allocate a new frame.', 'activations-too-large possible'],
    ['WlmOutOfMemoryException: No enough memory to load the model.', 'model-does-not-fit possible'],
    ["panicked: can't allocate buffer of size: 6979321856", 'activations-too-large possible'],
    ['NPU: out of memory (failed to allocate npu memory)', 'memory-cap possible'],
    ['训练到第二轮显存溢出，显存一直增长', 'growth-over-steps possible'],
    ['CUDA goes out of memory on my laptop', 'activations-too-large possible'],
    ['Training task exit with status code 137', 'host-ram-exhausted possible'],
  ])('a sentence without the message: %s', async (text, cause) => {
    expect((await suspected(text))[0]).toBe(cause);
  });

  test.each([
    'Lower the batch size to avoid out of memory errors',
    'trainer: skip_on_oom=true, oom=0.004',
    'There was no OOM this time',
  ])('a setting, a counter or advice says nothing of the kind: %s', async (text) => {
    expect(await suspected(text)).toEqual([]);
  });

  test.each([
    [
      '[10:22:31] training on 2 gpus\n[10:22:59] ERROR job runner failed, status 7',
      'activations-too-large',
    ],
    ['Loading checkpoint lora.ckpt\nchild of 4120 exited with code 245', 'model-does-not-fit'],
    [
      'E0601 epoch 2\nF0601 12:01:01.2 77 pool.cc:91] Check failed: slot != nullptr ',
      'activations-too-large',
    ],
  ])('a failure without its reason: %s', async (text, work) => {
    expect(await suspected(text)).toEqual(
      ['worker-crashed', 'host-ram-exhausted', work].map((id) => `${id} possible`),
    );
  });

  test.each([
    '[10:22:31] training on 2 gpus\n[10:22:59] ERROR wandb failed, login required',
    'Loading checkpoint lora.ckpt\nloader exited with code 1',
    'job nightly exited with code 245',
    'epoch 2 on cuda:0\nterminate called after throwing an instance of "c10::Error"\n  what():  Expected all tensors to be on the same device',
    'epoch 2 on cuda:0\nERROR: 3 samples of 4100 failed checks: missing label',
  ])('a failure that says of what, or of nothing that computes: %s', async (text) => {
    expect(await suspected(text)).toEqual([]);
  });

  test('nothing is suspected of a text that shows nothing', async () => {
    expect(await suspected('epoch 3 done, accuracy 0.71')).toEqual([]);
  });
});
