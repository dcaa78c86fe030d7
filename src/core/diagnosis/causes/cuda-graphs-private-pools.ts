/** Graphs are captured into pools of their own. */

import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { hadRoom, isAbsurd, isCapped, isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'CUDA graphs take memory of their own',
    summary:
      'Captured graphs keep private pools that nothing else may use; engines capture them after the KV cache has taken the rest.',
    headline: 'Capturing CUDA graphs needs memory beside what is already reserved.',
    phase: 'It failed while graphs were being captured.',
    pools: '{pool} lies idle in private pools of graphs.',
  },
  zh: {
    title: 'CUDA graph 占用自己的显存',
    summary: '捕获的图持有专用的内存池，其他分配不能使用；引擎在 KV 缓存占用之后才捕获。',
    headline: '捕获 CUDA graph 需要已保留部分之外的显存。',
    phase: '失败发生在捕获图时。',
    pools: '图的专用内存池中有 {pool} 空闲。',
  },
  ru: {
    title: 'CUDA-графы берут свою память',
    summary:
      'Захваченные графы держат частные пулы, которыми больше никто не пользуется; движки захватывают их после того, как KV-кэш занял остальное.',
    headline: 'Захвату CUDA-графов нужна память сверх уже зарезервированной.',
    phase: 'Сбой при захвате графов.',
    pools: 'В частных пулах графов простаивает {pool}.',
  },
} as const;

export const cudaGraphsPrivatePools: Cause = {
  id: 'cuda-graphs-private-pools',
  code: 'UN235',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'vllm: graphs are captured after the KV cache is sized; memory model 3.3: 0.02 to 1 GiB',
  ],
  assess(c): Assessment | undefined {
    // During a capture nothing cached can be handed over: it can fail although there is room.
    const isRoomy = c.phase.value === 'capture' && hadRoom(c.amounts) && !isCapped(c);
    if (!isShortage(c) && !(isRoomy && c.kind === 'gpu_oom' && !isAbsurd(c))) return undefined;
    const pool = valueIn(c.facts, 'private_pool');
    const of = share(pool, c.amounts.total);
    if (c.phase.value !== 'capture' && of < 0.03) return undefined;
    const because = c.phase.value === 'capture' ? [say(TEXTS, 'phase')] : [];
    if (pool !== undefined && of >= 0.03) because.push(say(TEXTS, 'pools', { pool }));
    return {
      strength: c.phase.value === 'capture' && !isRoomy ? 'likely' : 'possible',
      because,
      against: [],
      weight: c.phase.value === 'capture' ? 8 : 4,
    };
  },
};
