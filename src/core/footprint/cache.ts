/** The cache that generation keeps for tokens already seen. Bytes. */
import type { Layer, Mixer } from '../workload/model/model.ts';
import type { Job } from './job.ts';

/** Elements that a mixer keeps for one sequence of `tokens` tokens. */
function elementsOf(mixer: Mixer, tokens: number, tensor: number): number {
  switch (mixer.kind) {
    case 'softmax': {
      if (mixer.shared_kv === true) return 0;
      const heads = Math.max(1, mixer.kv_heads / tensor);
      const seen = mixer.window === undefined ? tokens : Math.min(tokens, mixer.window);
      return seen * heads * (mixer.head_dim + (mixer.value_dim ?? mixer.head_dim));
    }
    case 'latent':
      // As transformers writes it: keys and values of all heads, unpacked.
      return (tokens * mixer.heads * (mixer.nope_dim + mixer.rope_dim + mixer.value_dim)) / tensor;
    case 'delta':
      return (
        mixer.value_heads * mixer.key_dim * mixer.value_dim +
        (2 * mixer.key_heads * mixer.key_dim + mixer.value_heads * mixer.value_dim) * mixer.conv
      );
    case 'recurrent':
      return mixer.width * (1 + mixer.conv);
    case 'short-conv':
      return mixer.width * mixer.conv;
    default:
      return mixer.inner * (mixer.state + mixer.conv);
  }
}

const ofLayer = (layer: Layer, tokens: number, tensor: number): number =>
  layer.mixers.reduce((sum, mixer) => sum + elementsOf(mixer, tokens, tensor), 0);

/** The cache of all sequences and beams of a job at a length of `tokens`. */
export function cacheBytes(job: Job, tokens: number): number {
  let elements = 0;
  for (const stack of job.model.stacks) {
    if (stack.role !== 'decoder') continue;
    const each = stack.layers.map((layer) => ofLayer(layer, tokens, job.parallel.tensor));
    for (const at of stack.pattern) elements += each[at] ?? 0;
  }
  return (elements * job.batch * job.beams * job.cacheWidth) / job.parallel.pipeline;
}
