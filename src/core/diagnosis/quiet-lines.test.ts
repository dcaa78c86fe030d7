import { describe, expect, test } from 'vitest';
import { diagnoseText } from '../diagnose.ts';

/** Lines that have the words of failures, and in which nothing failed. */
const QUIET: readonly string[] = [
  '- Fixed: out of memory when rendering large scenes',
  '- Fix "OSError: Too many open files" in the loader',
  'tests/test_alloc.py::test_OutOfMemory PASSED',
  'Insufficient memory: false',
  '0/5 nodes are available: 3 Insufficient memory',
  'not enough memory bandwidth to saturate the units',
  'var ErrOutOfMemory = errors.New("out of memory")',
  'lvcreate: failed to allocate 10 GB on volume group: not enough extents',
  'failed to allocate IP address from pool: no buffers',
  'unable to allocate port for textures service, retrying',
  '没有出现显存不足，一切正常。',
  '如果显存不足，请减小 batch size。',
  'Ошибок OOM не было.',
  'Solved! The OOM is gone',
  'He was reading a book.\nThe night was quiet.\nShe kept working on the train...',
  'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information...\n0 upgraded',
  'Epoch 2/2\n10/10 [==============================] - 1s - loss: 0.2\nAUC 0.93',
  'ValueError: bad shape\nbatch 1\nbatch 2\nLoading model...',
  'Fehler beim Laden\nDatensatz train\nLoading model...',
  '[I] Allocated pinned memory of 268435456 bytes',
  'using 2048 bytes of pinned memory for staging',
  'Tip: use an instance type with more memory for faster builds.',
  'If you see "Memory limit of 512 MiB exceeded with 530 MiB used", raise it.',
  'Terminated due to memory issue is displayed by Xcode.',
  'CHECK(posix_memalign(&data, gAlignment, nbytes) == 0);',
  'terminated by signal 9 because it exceeded the time limit (walltime)',
  'Filling up shuffle buffer (this may take a while): 100 of 200\nShuffle buffer filled',
  'failed to load model: 404 from registry',
  'If GPU 0: out of memory appears, lower the batch size.',
  'NCCL: "unhandled cuda error" may be returned by a collective',
];

/** The words alone are worth a possibility, and no failure. */
const NO_FAILURE: readonly string[] = [
  'catch (System.OutOfMemoryException: e)',
  'base64_encode: Not enough space in the buffer to hold the output',
  'jackd: Invalid buffer size: 512 KB, must be power of two',
  '[12:01] [Bob] Killed  ',
  'Loading [====>....] 45% Enemies: 7. Killed',
  'FAILED by user; Task exited with return code Negsignal.SIGKILL',
  'expected_exit_code -9',
];

describe('words of failures where nothing failed', () => {
  test.each(QUIET)('%s', async (text) => {
    const { verdict, causes } = await diagnoseText(text);
    expect({ verdict, causes: causes.map(({ id }) => id) }).toEqual({
      verdict: 'none',
      causes: [],
    });
  });
  test.each(NO_FAILURE)('%s', async (text) => {
    expect((await diagnoseText(text)).verdict).toBe('none');
  });
});
