/** Look-alike: on-chip memory of one kernel. */
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A kernel’s tile exceeds on-chip memory',
    summary:
      'Triton’s "out of resource: shared memory": block sizes or stages too large for this GPU.',
    headline:
      'A kernel wants more on-chip shared memory than this GPU has; the card’s memory is not involved.',
    numbers: 'It needs {required} per block and the chip gives {limit}.',
    words: 'The message is about on-chip shared memory.',
  },
  zh: {
    title: 'kernel 的分块超过片上内存',
    summary: 'Triton 的 “out of resource: shared memory”：块大小或流水级数对这块 GPU 过大。',
    headline: '一个 kernel 需要的片上共享内存超过这块 GPU 的上限；与显存无关。',
    numbers: '每个块需要 {required}，芯片提供 {limit}。',
    words: '消息说的是片上共享内存。',
  },
  ru: {
    title: 'Тайл ядра больше памяти на кристалле',
    summary: '«out of resource: shared memory» от Triton: блоки или стадии велики для этого GPU.',
    headline:
      'Ядру нужно больше разделяемой памяти на кристалле, чем есть у этого GPU; память карты ни при чём.',
    numbers: 'На блок нужно {required}, а кристалл даёт {limit}.',
    words: 'Сообщение говорит о разделяемой памяти на кристалле.',
  },
} as const;

export const kernelSharedMemory: Cause = {
  id: 'kernel-shared-memory',
  code: 'UN215',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['triton@v3.0.0: OutOfResources'],
  assess(c): Assessment | undefined {
    if (!c.has('kernel-shared-memory')) return undefined;
    const required = valueIn(c.facts, 'smem_required');
    const limit = valueIn(c.facts, 'smem_limit');
    const isCounted = required !== undefined && limit !== undefined;
    const because = isCounted
      ? [say(TEXTS, 'numbers', { required, limit })]
      : [say(TEXTS, 'words')];
    // What a compiler for TPUs may use of it is a setting: its words alone leave that open.
    const strength = isCounted || c.format !== 'tpu-memory' ? 'proven' : 'likely';
    return { strength, because, against: [], weight: 9 };
  },
};
