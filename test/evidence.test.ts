// What people paste beside a failure, or instead of one: what belongs to its moment, and what does not.
import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose, diagnoseText } from '../src/core/index.ts';
import { ERAS, GiB, MiB, type Truth } from './make/messages.ts';
import { smiTable } from './make/smi.ts';

const newest = ERAS.at(-1);
const print = (t: Partial<Truth>): string =>
  newest?.print({
    device: 0,
    requested: 2 * GiB,
    total: 44 * GiB,
    free: GiB,
    allocated: 11 * GiB,
    idle: GiB,
    ...t,
  }) ?? '';

const sources = (files: Readonly<Record<string, string>>): Promise<Diagnosis> =>
  diagnose(
    Object.entries(files).map(([name, text]) => ({
      name,
      bytes: [new TextEncoder().encode(text)],
    })),
  );

const findingIds = (d: Diagnosis): string[] => d.findings.map(({ id }) => id);
const L40 = 45_056; // 44 GiB in MiB

describe('nvidia-smi beside a failure', () => {
  // The message lists nobody; 43 GiB are in use, 13 of them its own.
  const failure = print({ own: { pid: 9120, bytes: 13 * GiB, isMarked: true }, others: [] });

  test('of the same moment by its totals: the neighbour enters the ledger', async () => {
    const table = smiTable([
      {
        index: 3,
        used: 43 * 1024,
        total: L40,
        processes: [
          { pid: 4188, name: 'VLLM::EngineCore', mib: 30 * 1024 },
          { pid: 9120, mib: 13 * 1024 },
        ],
      },
    ]);
    const d = await diagnoseText(`${failure}\n${table}`);
    expect(d.observations[0]?.relation.value).toBe('same_moment');
    const main = d.incidents[0];
    expect(main?.ledger.atoms.filter(({ process }) => process === 'pid:4188')).toHaveLength(1);
    expect(main?.causes[0]?.id).toBe('neighbour-process');
    expect(main?.steps.map(({ remedy }) => remedy)).toContain('end-neighbour');
  });

  test('taken after the process had ended: it stands beside, and proves nothing', async () => {
    const table = smiTable([{ index: 0, used: 4, total: L40, processes: [] }]);
    const d = await sources({ 'train.log': failure, 'smi.txt': table });
    expect(d.observations[0]?.relation.value).toBe('after_exit');
    expect(d.incidents[0]?.ledger.atoms.some(({ process }) => process.startsWith('pid:'))).toBe(
      false,
    );
  });

  test('GPU 0 is full in the message and empty in the table: the index proves nothing', async () => {
    const table = smiTable([
      { index: 0, used: 4, total: L40 },
      { index: 1, used: 9000, total: L40, processes: [{ pid: 77, mib: 8800 }] },
    ]);
    const d = await diagnoseText(`${failure}\n${table}`);
    expect(d.observations[0]?.relation.value).not.toBe('same_moment');
    expect(d.incidents[0]?.figures.other_processes).toBeUndefined();
  });

  test('an unusable convolution beside four processes on one card names the neighbours', async () => {
    const table = smiTable([
      {
        index: 0,
        used: 40_000,
        total: L40,
        processes: [1, 2, 3, 4].map((pid) => ({ pid, mib: 10_000 })),
      },
    ]);
    const d = await diagnoseText(
      `RuntimeError: Unable to find a valid cuDNN algorithm to run convolution\n${table}`,
    );
    expect(d.verdict).toBe('gpu_oom');
    expect(findingIds(d)).toContain('process-holds-card');
  });
});

describe('a status without a failure is useful by itself', () => {
  test('in use, and nobody listed: a hidden holder, and no word of killing', async () => {
    const d = await diagnoseText(smiTable([{ index: 0, used: 30_000, total: L40, busy: 78 }]));
    expect(d.verdict).toBe('none');
    expect(findingIds(d)[0]).toBe('hidden-holder');
    expect(d.headline).toContain('GPU 0');
    expect(JSON.stringify(d.findings)).not.toMatch(/\bkill\b/);
  });

  test('two moments of one card are two observations and one finding of each kind', async () => {
    const table = (time: string): string =>
      smiTable(
        [{ index: 0, used: 44_800, total: L40, processes: [{ pid: 5, mib: 44_700 }] }],
        time,
      );
    const d = await diagnoseText(
      `${table('Tue Nov  3 12:20:41 2026')}\n${table('Tue Nov  3 12:21:41 2026')}`,
    );
    expect(d.observations.map(({ time }) => time)).toEqual([
      'Tue Nov  3 12:20:41 2026',
      'Tue Nov  3 12:21:41 2026',
    ]);
    expect(findingIds(d).filter((id) => id === 'nearly-full-card')).toHaveLength(1);
  });

  test('every figure of a card adds up in its ledger', async () => {
    const d = await diagnoseText(
      smiTable([{ index: 0, used: 20_000, total: L40, processes: [{ pid: 5, mib: 18_000 }] }]),
    );
    const card = d.observations[0]?.devices[0];
    const sum = card?.ledger.atoms.reduce(
      (total, { bytes }) => total + ('mid' in bytes ? bytes.mid : Number.NaN),
      0,
    );
    expect(sum).toBe(L40 * MiB);
  });

  test('a text that breaks off says so, and the broken row gives no figure', async () => {
    const table = smiTable([
      { index: 0, used: 20_000, total: L40, processes: [{ pid: 5, mib: 18_123 }] },
    ]);
    const d = await diagnoseText(table.slice(0, table.indexOf('18123MiB') + 3));
    expect(d.problems.map(({ code }) => code)).toContain('cut-off');
    expect(JSON.stringify(d.observations)).not.toContain(String(181 * MiB));
    expect(d.observations[0]?.devices[0]?.processes_listed).toBe('part');
  });
});

describe('what happened around it', () => {
  test('a launcher names the rank that failed first, whatever the order of the logs', async () => {
    const d = await sources({
      'logs/rank_2.log': print({ device: 2 }),
      'logs/rank_5.log': print({ device: 5, allocated: 12 * GiB }),
      'launcher.log': [
        '============================================================',
        'train.py FAILED',
        '------------------------------------------------------------',
        'Root Cause (first observed failure):',
        '[0]:',
        '  time      : 2026-11-02_09:10:00',
        '  host      : node3',
        '  rank      : 5 (local_rank: 5)',
        '  exitcode  : 1 (pid: 4713)',
        '  error_file: <N/A>',
        '============================================================',
      ].join('\n'),
    });
    expect(d.incidents[0]?.where.rank).toBe(5);
    expect(d.headline).toMatch(/^Rank 5 /);
  });

  test('time-outs of the other ranks alone are no memory failure; where the cause is, is said', async () => {
    const d = await diagnoseText(
      '[rank3]:[E1103 12:14:15.123456789 ProcessGroupNCCL.cpp:616] [Rank 3] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=812, OpType=ALLREDUCE, NumelIn=1024, NumelOut=1024, Timeout(ms)=600000) ran for 600043 milliseconds before timing out.',
    );
    expect(d.verdict).toBe('none');
    expect(findingIds(d)).toEqual(['collective-timeout']);
    expect(d.headline).toContain('consequence');
  });

  test('ZeRO offload that ends with -9: host memory, with what the host held', async () => {
    const d = await diagnoseText(
      [
        '[2026-04-07 13:08:55,468] [INFO] [utils.py:829:see_memory_usage] Before initializing optimizer states',
        '[2026-04-07 13:08:55,469] [INFO] [utils.py:830:see_memory_usage] MA 9.53 GB         Max_MA 9.53 GB         CA 9.60 GB         Max_CA 10 GB',
        '[2026-04-07 13:08:55,469] [INFO] [utils.py:838:see_memory_usage] CPU Virtual Memory:  used = 241.12 GB, percent = 95.8%',
        '[2026-04-07 13:09:33,201] [INFO] [launch.py:318:sigkill_handler] Killing subprocess 4711',
        '[2026-04-07 13:09:33,301] [ERROR] [launch.py:324:sigkill_handler] [...] exits with return code = -9',
      ].join('\n'),
    );
    expect(d.verdict).toBe('host_oom');
    const shown = d.observations.flatMap(({ figures }) => figures.host_used_bytes ?? []);
    expect(shown).toContain(Math.round(241.12 * GiB));
    expect(d.frameworks).toContain('deepspeed');
  });

  test('start-up lines of an engine stand beside its failure', async () => {
    const d = await diagnoseText(
      [
        'INFO 11-03 12:00:01 [gpu_model_runner.py:1770] Model loading took 27.5200 GiB and 11.402 seconds',
        'INFO 11-03 12:00:09 [gpu_worker.py:227] Available KV cache memory: -1.21 GiB',
        'ERROR 11-03 12:00:09 [core.py:396] ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
      ].join('\n'),
    );
    expect(d.verdict).toBe('gpu_oom');
    expect(d.incidents[0]).toMatchObject({ framework: 'vllm', phase: { value: 'kv_alloc' } });
    const weights = d.observations.flatMap(({ figures }) => figures.weights_bytes ?? []);
    expect(weights).toContain(Math.round(27.52 * GiB));
  });

  test('a paste with everything mixed gives each part its own reading', async () => {
    const d = await diagnoseText(
      [
        '$ nvidia-smi -L',
        'GPU 0: NVIDIA L40S (UUID: GPU-5b1c2f7e-1111-2222-3333-444455556666)',
        '$ python train.py',
        print({}),
        '$ dmesg | tail -1',
        '[ 8123.118220] NVRM: Xid (PCI:0000:3b:00): 31, pid=20711, name=python3, MMU Fault',
        '$ nvidia-smi --query-gpu=index,memory.total,memory.used --format=csv',
        'index, memory.total [MiB], memory.used [MiB]',
        '0, 45056 MiB, 12 MiB',
      ].join('\n'),
    );
    expect(d.verdict).toBe('gpu_oom');
    expect(d.observations.map(({ format }) => format)).toEqual([
      'nvidia-smi-list',
      'kernel-gpu-fault',
      'nvidia-smi-csv',
    ]);
    expect(findingIds(d)).toContain('driver-fault');
  });
});

test('a log without any failure says so and names the last error', async () => {
  const d = await diagnoseText(
    'epoch 1 done\nTraceback (most recent call last):\n  File "/w/train.py", line 9, in <module>\n    main()\nKeyError: \'labels\'\n',
  );
  expect(d).toMatchObject({ verdict: 'none', incidents: [], observations: [], findings: [] });
  expect(d.headline).toContain('KeyError');
});

test('a refused cap, an unset limit and a request beyond counting are no plain shortages', async () => {
  const capped = await diagnoseText(
    print({ free: 30 * GiB, allocated: 9 * GiB, idle: GiB, allowed: 10.5 * GiB, requested: GiB }),
  );
  expect(capped.incidents[0]?.causes[0]?.id).toBe('memory-cap');
  const unset = await diagnoseText(
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB of which 6.00 GiB is free. 17179869184.00 GiB allowed; Of the allocated memory 1.00 GiB is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.',
  );
  expect(unset.incidents[0]?.figures.allowed_bytes).toMatchObject({ why: expect.any(String) });
  const absurd = await diagnoseText(
    'RuntimeError: CUDA out of memory. Tried to allocate 1048475.00 GiB (GPU 0; 23.65 GiB total capacity; 1.00 GiB already allocated; 20.00 GiB free; 1.10 GiB reserved in total by PyTorch)',
  );
  expect(absurd.incidents[0]?.causes[0]?.id).toBe('corrupt-size');
});
