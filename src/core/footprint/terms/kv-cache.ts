import { constant } from '../../base/factor.ts';
import { cacheBytes, cachedTokens } from '../cache.ts';
import { bytes, count, ratio } from '../inputs.ts';
import type { Job } from '../job.ts';
import { generatingJob } from '../rollout.ts';
import type { Scene, Term } from '../term.ts';

const PLAIN = 'layers × tokens × 2 × kv_heads × head_dim × width';

const pointOf = ({ moment }: Scene): 'prefill' | 'decode' =>
  moment.point === 'decode' ? 'decode' : 'prefill';

/** What generates: the job itself, or a job of training between its steps. */
const generating = ({ job }: Scene): Job =>
  job.purpose === 'training' ? (generatingJob(job) ?? job) : job;

/** Where all layers keep keys and values of all tokens; `rest` is what growing by a token takes. */
function plainOf(
  scene: Scene,
):
  | { readonly layers: number; readonly heads: number; readonly dim: number; readonly rest: number }
  | undefined {
  const job = generating(scene);
  const kept = job.model.stacks
    .filter(({ role }) => role === 'decoder')
    .flatMap(({ layers, pattern }) => pattern.map((at) => layers[at]?.mixers ?? []));
  const [first] = kept.flat();
  if (first?.kind !== 'softmax') return undefined;
  const { kv_heads: heads, head_dim: dim } = first;
  const isPlain = kept.every(
    ([mixer, ...others]) =>
      others.length === 0 &&
      mixer?.kind === 'softmax' &&
      mixer.kv_heads === heads &&
      mixer.head_dim === dim &&
      mixer.cross !== true &&
      (mixer.value_dim ?? dim) === dim,
  );
  const tokens = cachedTokens(job, pointOf(scene));
  const product = kept.length * tokens * 2 * heads * dim * job.cacheWidth;
  const rest = cacheBytes(job, pointOf(scene)) - product;
  return isPlain && rest >= 0 ? { layers: kept.length, heads, dim, rest } : undefined;
}

export const kvCache: Term = {
  id: 'kv-cache',
  code: 'UN514',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'KV cache',
      summary:
        'Keys and values of all tokens so far, for each sequence and beam. Windows, latent attention and state spaces need less.',
    },
    zh: {
      title: 'KV 缓存',
      summary:
        '每个序列与 beam 到目前为止所有 token 的键和值。滑动窗口、潜在注意力与状态空间模型更少。',
    },
    ru: {
      title: 'KV-кэш',
      summary:
        'Ключи и значения всех токенов до сих пор, для каждой последовательности и каждого луча. Окна, латентное внимание и пространства состояний требуют меньше.',
    },
  },
  sources: [
    'transformers@4.57.1: cache_utils.py',
    'trl@1.16.0: trainer/grpo_trainer.py (completions of several micro-batches at once)',
    'transformers@4.38.2: models/qwen2/modeling_qwen2.py (to_legacy_cache)',
  ],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: PLAIN,
  formulaAt: (scene) => {
    const plain = plainOf(scene);
    if (plain === undefined) return 'tokens × token_bytes';
    return plain.rest === 0 ? PLAIN : `${PLAIN} + joined`;
  },
  inputs: (scene, size) => {
    const job = generating(scene);
    const tokens = cachedTokens(job, pointOf(scene));
    const plain = plainOf(scene);
    if (plain === undefined) return { tokens: count(tokens), token_bytes: ratio(size / tokens) };
    return {
      layers: count(plain.layers),
      tokens: count(tokens),
      kv_heads: count(plain.heads),
      head_dim: count(plain.dim),
      width: ratio(job.cacheWidth),
      joined: bytes(plain.rest),
    };
  },
  at: (scene) => {
    const job = generating(scene);
    if (job.purpose !== 'generation') return undefined;
    const { point } = scene.moment;
    // A fused module makes its static cache when it is built.
    const isThere = point === 'load' && job.fusesProjections === true;
    if (point !== 'prefill' && point !== 'decode' && !isThere) return undefined;
    const bytes = cacheBytes(job, point === 'decode' ? point : 'prefill');
    return bytes === 0 ? undefined : constant(bytes);
  },
};
