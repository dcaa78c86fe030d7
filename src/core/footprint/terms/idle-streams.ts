import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import type { Job } from '../job.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import {
  defersReduction,
  gatherStream,
  gradientBytes,
  reducesOnStream,
  staysWhole,
} from '../static.ts';

import type { Term } from '../term.ts';

/** Whole gradients that wait are on the stream of the computation. */
const heldOnStream = (job: Job): number =>
  job.accumulation > 1 && !staysWhole(job) && !defersReduction(job) ? gradientBytes(job) : 0;

export const idleStreams: Term = {
  id: 'idle-streams',
  code: 'UN580',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Idle memory of other streams',
      summary:
        'FSDP makes divided gradients and gathered weights on streams of their own. Once they are freed, that memory waits for the same stream: others cannot use it.',
    },
    zh: {
      title: '其他流的空闲显存',
      summary:
        'FSDP 在各自的 CUDA 流上生成分片梯度和聚合权重。释放后，这部分显存只能由同一个流再次使用，其他流无法使用。',
    },
    ru: {
      title: 'Свободная память других потоков',
      summary:
        'FSDP создаёт разделённые градиенты и собранные веса в отдельных потоках CUDA. После освобождения эта память ждёт того же потока: другие взять её не могут.',
    },
  },
  sources: [
    'torch@2.9: distributed/fsdp/_fully_shard/_fsdp_collectives.py (foreach_reduce), c10/cuda/CUDACachingAllocator.cpp (blocks belong to a stream)',
  ],
  category: 'idle',
  pool: 'torch',
  basis: 'modelled',
  formula: 'gradients − live_gradients + unit',
  inputs: ({ job, moment, steps }) => {
    const held = heldOnStream(job);
    const made = moment.point === 'backward' ? (steps.later?.backward[Kind.gradient] ?? 0) : 0;
    return {
      gradients: bytes(gradientBytes(job)),
      live_gradients: bytes(held + made),
      unit: bytes(gatherStream(job)),
    };
  },
  at: ({ job, moment, steps, pool }) => {
    // A replay has it among what is idle.
    if (pool !== undefined) return undefined;
    const isWorking = moment.point === 'forward' || moment.point === 'backward';
    if (moment.turn !== 'later' || !isWorking || !reducesOnStream(job)) return undefined;
    const all = gradientBytes(job) + gatherStream(job);
    const held = heldOnStream(job);
    const made = moment.point === 'backward' ? (steps.later?.backward[Kind.gradient] ?? 0) : 0;
    const idle = all - held - made;
    return idle <= 0 ? undefined : constant(idle);
  },
};
