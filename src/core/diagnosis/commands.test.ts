import { describe, expect, test } from 'vitest';
import { diagnoseText } from '../diagnose.ts';

async function asked(text: string): Promise<string> {
  const { verdict, incidents, ask_for } = await diagnoseText(text);
  const main = incidents.find(({ kind }) => kind === verdict);
  return (main?.ask_for ?? ask_for).map(({ command }) => command).join('\n');
}

/** What only PyTorch on a card of NVIDIA or AMD has. */
const OF_TORCH = /torch\.|collect_env/;
const OF_NVIDIA = /nvidia-smi|nvcc/;

const ELSEWHERE: readonly (readonly [string, string, RegExp])[] = [
  [
    'a TPU’s compiler counts one program',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space hbm. Used 20.91G of 15.48G hbm. Exceeded hbm capacity by 5.43G.',
    /^python train\.py 2>&1/,
  ],
  [
    'an NPU has a tool of its own',
    'EL0004: Failed to allocate memory. Possible Cause: Available memory is insufficient.',
    /^npu-smi info$/m,
  ],
  [
    'a refusal of the machine is no kill',
    'MemoryError: Unable to allocate 29.8 GiB for an array with shape (4000000000,) and data type float64',
    /^free -h; /,
  ],
  [
    'a pod tells of itself',
    'Last State: Terminated\n  Reason: OOMKilled\n  Exit Code: 137\nkubectl get pods',
    /^(?!.*free -h)/s,
  ],
];

describe('what would settle it is asked for in the tools at hand', () => {
  test.each(ELSEWHERE)('%s', async (_, text, expected) => {
    const commands = await asked(text);
    expect(commands).toMatch(expected);
    expect(commands).not.toMatch(OF_TORCH);
    expect(commands).not.toMatch(OF_NVIDIA);
  });

  test('Julia’s own figures, and no script of Python', async () => {
    const commands = await asked(
      'ERROR: Out of GPU memory trying to allocate 1.200 GiB\nEffective GPU memory usage: 99.10% (7.722 GiB/7.792 GiB)',
    );
    expect(commands).toContain('nvidia-smi');
    expect(commands).not.toMatch(/python|torch/);
  });

  test('AMD’s cards are listed by their own tool', async () => {
    const commands = await asked(
      'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.98 GiB of which 1.10 GiB is free. Of the allocated memory 20.10 GiB is allocated by PyTorch, and 1.02 GiB is reserved by PyTorch but unallocated.',
    );
    expect(commands).not.toMatch(OF_NVIDIA);
  });
});
