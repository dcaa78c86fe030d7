/** Which kernel of attention is at work. */
import type { Model } from '../../workload/model/model.ts';
import type { Reader } from './reader.ts';

/**
 * The kernel that was asked for; else that of the version: scaled_dot_product_attention came with transformers 4.36,
 * and T5 has none (transformers@4.57.1: modeling_t5.py). Neither had Swin (modeling_swin.py), and since it has, the masks
 * that it adds up for shifted windows are as large as the scores (transformers@5.24.0: modeling_swin.py).
 */
export function attentionOf(r: Reader, model: Model): string {
  const isEager = r.isOlder('transformers', '4.36') || WITHOUT_KERNEL.has(model.family);
  const asked = r.word('attention') ?? (isEager ? 'eager' : 'sdpa');
  if (asked === 'sdpa' && isCapped(model) && !ignoresCaps(r))
    return r.assumed('attention', 'eager', 'capped');
  return r.wordOr('attention', asked);
}

const WITHOUT_KERNEL: ReadonlySet<string> = new Set(['t5', 'swin', 'swinv2']);

/** FlashAttention 2 limits scores itself; scaled_dot_product_attention cannot. */
const isCapped = ({ stacks }: Model): boolean =>
  stacks.some(({ layers }) =>
    layers.some(({ mixers }) =>
      mixers.some((mixer) => mixer.kind === 'softmax' && mixer.softcap === true),
    ),
  );

/**
 * transformers@4.57.1 takes the fused kernel and leaves the limit out; 5.24.0 says that the class has no such kernel
 * (modeling_gemma2.py, integrations/sdpa_attention.py).
 */
const ignoresCaps = (r: Reader): boolean =>
  !r.isOlder('transformers', '4.57') && r.isOlder('transformers', '5');
