// Situations that somebody who trains every day would recognise, and that a naive reader gets wrong.
import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose, diagnoseText, type Incident } from '../src/core/index.ts';
import { ERAS, GiB, MiB, type Truth } from './make/messages.ts';

const newest = ERAS.at(-1);
const print = (t: Partial<Truth>): string =>
  newest?.print({
    device: 0,
    requested: GiB,
    total: 80 * GiB,
    free: GiB,
    allocated: 70 * GiB,
    idle: GiB,
    ...t,
  }) ?? '';

const TORCH = '/opt/env/lib/python3.12/site-packages/torch';
const frames = (
  ...lines: readonly (readonly [file: string, line: number, name: string, code: string])[]
): string =>
  [
    'Traceback (most recent call last):',
    ...lines.flatMap(([f, n, name, code]) => [
      `  File "${f}", line ${n}, in ${name}`,
      `    ${code}`,
    ]),
  ].join('\n');

const STEP = ['/w/train.py', 143, 'main', 'optimizer.step()'] as const;
const ADAM = [
  `${TORCH}/optim/adamw.py`,
  176,
  '_init_group',
  'state["exp_avg_sq"] = torch.zeros_like(p)',
] as const;
const FORWARD = ['/w/train.py', 88, 'step', 'loss = model(**batch).loss'] as const;
const LINEAR = [
  `${TORCH}/nn/modules/linear.py`,
  125,
  'forward',
  'return F.linear(input, self.weight, self.bias)',
] as const;

async function main(text: string): Promise<Incident> {
  const diagnosis = await diagnoseText(text);
  const incident = diagnosis.incidents.find(({ kind }) => kind === diagnosis.verdict);
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

const ids = (items: readonly { readonly remedy: string }[]): string[] =>
  items.map(({ remedy }) => remedy);

describe('the optimizer step of a large model', () => {
  const text = `${frames(STEP, ADAM)}\n${print({ requested: 3.81 * GiB, free: 0.79 * GiB, allocated: 74.04 * GiB, idle: 3.12 * GiB, total: 79.1 * GiB })}`;

  test('is about optimizer states, not the batch and not allocator settings', async () => {
    const incident = await main(text);
    expect(incident.causes[0]).toMatchObject({
      id: 'optimizer-states-do-not-fit',
      strength: 'likely',
    });
    expect(ids(incident.dead_ends)).toEqual(
      expect.arrayContaining(['smaller-micro-batch', 'empty-cache', 'checkpoint-activations']),
    );
    const expandable = incident.steps.find(({ remedy }) => remedy === 'expandable-segments');
    expect(expandable?.serves_request).toBe('barely');
  });

  test('a message never promises that something fits', async () => {
    const incident = await main(text);
    for (const step of incident.steps) expect(step.claim).toBe('at_most');
  });
});

test('dying in the second forward pass after a clean first step points to optimizer states', async () => {
  const log = `  0%|          | 1/900 [00:04<1:02:11, 4.15s/it]\n${frames(FORWARD, LINEAR)}\n${print({})}`;
  const incident = await main(log);
  expect(incident.phase).toMatchObject({ value: 'forward', turn: 'second' });
  expect(incident.causes.map(({ id }) => id)).toContain('optimizer-states-do-not-fit');
});

test('optimizer states are not there yet in the very first forward pass', async () => {
  const log = `  0%|          | 0/900 [00:00<?, ?it/s]\n${frames(FORWARD, LINEAR)}\n${print({})}`;
  const incident = await main(log);
  expect(incident.phase.turn).toBe('first');
  expect(ids(incident.steps)).not.toContain('eight-bit-optimizer');
});

test('a forward frame inside recomputation is the backward pass', async () => {
  const text = `${frames(
    ['/w/train.py', 90, 'step', 'loss.backward()'],
    [`${TORCH}/_tensor.py`, 648, 'backward', 'torch.autograd.backward('],
    [`${TORCH}/utils/checkpoint.py`, 1129, 'unpack_hook', 'frame.recompute_fn(*args)'],
    LINEAR,
  )}\n${print({})}`;
  const incident = await main(text);
  expect(incident.phase.value).toBe('backward');
  expect(incident.phase.because).toContain('recomputation');
  expect(ids(incident.dead_ends)).toContain('checkpoint-activations');
});

test('of eight rank logs, the one that ran out of memory half an hour earlier is the cause', async () => {
  const bytes = (text: string): Uint8Array[] => [new TextEncoder().encode(text)];
  const sources = Array.from({ length: 8 }, (_, rank) => ({
    name: `run/attempt_0/${rank}/stderr.log`,
    bytes: bytes(
      rank === 5
        ? `2026-11-02 09:10:00,001 ERROR ${print({ device: 5 })}\n`
        : `2026-11-02 09:40:00,001 ERROR [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=812)\n`,
    ),
  }));
  const diagnosis: Diagnosis = await diagnose(sources);
  expect(diagnosis.verdict).toBe('gpu_oom');
  expect(diagnosis.incidents.map(({ where }) => where.rank)).toEqual([5]);
  expect(diagnosis.headline).toMatch(/^Rank 5 /);
});

test('in a container the only listed process is the job itself', async () => {
  const incident = await main(
    print({
      own: { pid: 2_271_801, bytes: 72 * GiB, isMarked: false },
      others: [],
      free: 8 * GiB - 1,
      requested: 9 * GiB,
    }),
  );
  expect(incident.notes.map(({ code }) => code)).toContain('self-only');
  expect(ids(incident.steps)).not.toContain('end-neighbour');
  expect(incident.ledger.atoms.filter(({ category }) => category === 'process')).toEqual([]);
});

describe('free above requested has several explanations, and none of them is the batch', () => {
  test.each([
    [
      'a memory fraction',
      print({ free: 40 * GiB, allocated: 30 * GiB, allowed: 31.5 * GiB, requested: GiB }),
      'memory-cap proven',
    ],
    [
      'XPU’s limit per allocation',
      'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 0 bytes is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.',
      'memory-cap likely',
    ],
    [
      'something that the message does not tell',
      print({ free: 8 * GiB, requested: 2 * GiB }),
      'refused-though-free possible',
    ],
  ])('%s', async (_, text, cause) => {
    const incident = await main(text);
    const [first] = incident.causes;
    expect(`${first?.id} ${first?.strength}`).toBe(cause);
    // Only a limit per allocation is served by smaller tensors.
    if (incident.backend !== 'xpu')
      expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
  });
});

describe('twelve cases', () => {
  test('0 bytes in use beside 19 GiB allocated: the driver cannot see it, and that is said', async () => {
    const text = `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 23.69 GiB of which 512.00 MiB is free. Including non-PyTorch memory, this process has 0 bytes memory in use. Of the allocated memory 19.20 GiB is allocated by PyTorch, and 800.00 MiB is reserved by PyTorch but unallocated.`;
    const incident = await main(text);
    expect(incident.notes.map(({ code }) => code)).toContain('conflict-above-process');
  });

  test('four Process clauses and no own one: the nearest above reserved is the job', async () => {
    const incident = await main(
      print({
        total: 15 * GiB,
        requested: 76 * MiB,
        free: 42 * MiB,
        allocated: 10.6 * GiB,
        idle: 42 * MiB,
        own: { pid: 21_216, bytes: 10.8 * GiB, isMarked: false },
        others: [
          { pid: 21_219, bytes: 284 * MiB },
          { pid: 21_222, bytes: 3.4 * GiB },
          { pid: 21_213, bytes: 258 * MiB },
        ],
      }),
    );
    expect(incident.notes.find(({ code }) => code === 'self-nearest')?.text).toContain('21216');
    expect(incident.figures.other_processes).toHaveLength(4);
    const others = incident.ledger.atoms
      .filter(({ category }) => category === 'process')
      .map(({ process }) => process);
    expect(others.sort()).toEqual(['pid:21213', 'pid:21219', 'pid:21222']);
  });

  test('allocated above the card: represented, with a note, nothing repaired', async () => {
    const incident = await main(
      'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 10.73 GiB (GPU 0; 8.00 GiB total capacity; 17.20 GiB already allocated; 0 bytes free; 19.15 GiB reserved in total by PyTorch)',
    );
    expect(incident.notes.map(({ code }) => code)).toContain('conflict-above-total');
    const rest = incident.ledger.atoms.find(({ category }) => category === 'unattributed')?.bytes;
    expect(rest).toMatchObject({ mid: expect.any(Number) });
    expect(rest !== undefined && 'mid' in rest && rest.mid < -11 * GiB).toBe(true);
  });

  test('a kill is not a GPU failure, even in a .cuda() frame', async () => {
    const diagnosis = await diagnoseText(
      `${frames(['/w/a.py', 3, '<module>', 'model = model.cuda()'])}\nKilled\n`,
    );
    expect(diagnosis.verdict).toBe('host_oom');
  });

  test('an application that speaks of CUDA after a host failure does not change the verdict', async () => {
    const diagnosis = await diagnoseText(
      "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 51539607552 bytes. Error code 12 (Cannot allocate memory)\nHint: if you get CUDA out of memory, lower the batch size.\n",
    );
    expect(diagnosis.verdict).toBe('host_oom');
  });

  test('an OOM that was printed and swallowed comes before the visible exception', async () => {
    const diagnosis = await diagnoseText(
      `WARNING: skipped: ${print({})}\n${frames(['/w/a.py', 9, 'run', 'out.loss'])}\nAttributeError: 'NoneType' object has no attribute 'loss'\n`,
    );
    expect(diagnosis.verdict).toBe('gpu_oom');
    expect(diagnosis.incidents[0]?.notes.find(({ code }) => code === 'swallowed')?.text).toContain(
      'AttributeError',
    );
    expect(diagnosis.incidents[0]?.frames).toEqual([]);
  });
});

describe('controls', () => {
  test.each([
    [
      'Triton shared memory',
      'triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 147456, Hardware limit: 101376. Reducing block sizes or `num_stages` may help.',
      'look_alike',
    ],
    [
      'labels out of range',
      '../aten/src/ATen/native/cuda/Loss.cu:242: nll_loss_forward: block: [0,0,0], thread: [3,0,0] Assertion `t >= 0 && t < n_classes` failed.\nRuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`',
      'look_alike',
    ],
    [
      'advice in a start-up log',
      'INFO 02-03 03:43:49 model_runner.py:629] CUDA graphs can take additional 1~3 GiB memory per GPU. If you are running out of memory, consider decreasing `gpu_memory_utilization` or enforcing eager mode.',
      'none',
    ],
    [
      'a settings page',
      'PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True helps against fragmentation when you run out of memory',
      'none',
    ],
    [
      'a class named in code',
      'try:\n    step()\nexcept torch.cuda.OutOfMemoryError:\n    torch.cuda.empty_cache()',
      'none',
    ],
    [
      'a log without a failure',
      'epoch 1 loss 0.4\nGPU memory: 12.3 GiB allocated, 14.0 GiB reserved\nepoch 2 loss 0.3\n',
      'none',
    ],
  ])('%s', async (_, text, verdict) => {
    expect((await diagnoseText(text)).verdict).toBe(verdict);
  });
});
