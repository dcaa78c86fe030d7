/** Graphs are captured into pools of their own. */

import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { hadRoom, isAbsurd, isCapped, isShortage, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'CUDA graphs take memory of their own',
    summary:
      'Captured graphs keep private pools that nothing else may use; engines capture them after the KV cache has taken the rest.',
    headline: 'Capturing CUDA graphs needs memory beside what is already reserved.',
    phase: 'It failed while graphs were being captured.',
    pools: '{pool} lies idle in private pools of graphs.',
    enough:
      'Nothing else may use it, nor can it be handed back; it would have been enough for the {requested} that was asked for.',
  },
  zh: {
    title: 'CUDA graph 占用自己的显存',
    summary: '捕获的图持有专用的内存池，其他分配不能使用；引擎在 KV 缓存占用之后才捕获。',
    headline: '捕获 CUDA graph 需要已保留部分之外的显存。',
    phase: '失败发生在捕获图时。',
    pools: '图的专用内存池中有 {pool} 空闲。',
    enough: '其他分配不能使用它，也无法归还；而它本来足够满足申请的 {requested}。',
  },
  ru: {
    title: 'CUDA-графы берут свою память',
    summary:
      'Захваченные графы держат частные пулы, которыми больше никто не пользуется; движки захватывают их после того, как KV-кэш занял остальное.',
    headline: 'Захвату CUDA-графов нужна память сверх уже зарезервированной.',
    phase: 'Сбой при захвате графов.',
    pools: 'В частных пулах графов простаивает {pool}.',
    enough:
      'Никто другой ими не пользуется, и вернуть их нельзя; а запрошенным {requested} их хватило бы.',
  },
} as const;

/** Of what the process could have. */
const MUCH = 0.3;

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
    const of = share(pool, c.amounts.room);
    if (c.phase.value !== 'capture' && of < 0.03) return undefined;
    const because = c.phase.value === 'capture' ? [say(TEXTS, 'phase')] : [];
    if (pool !== undefined && of >= 0.03) because.push(say(TEXTS, 'pools', { pool }));
    // With every block at hand: what lies idle there would have been enough.
    const isEnough = c.isExact && pool !== undefined && servedWith(c.amounts, pool);
    const { requested } = c.amounts;
    if (isEnough && requested !== undefined) because.push(say(TEXTS, 'enough', { requested }));
    const isCapture = c.phase.value === 'capture' && !isRoomy;
    return {
      strength: isEnough ? 'proven' : isCapture ? 'likely' : 'possible',
      because,
      against: [],
      // From here on graphs hold more than any one step would.
      weight: isEnough ? 10 : c.phase.value === 'capture' ? 8 : of >= MUCH ? 7 : 4,
    };
  },
};
