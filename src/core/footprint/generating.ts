/**
 * Generation as one program of allocations: the prompt goes through all layers, whose keys and values stay; then each
 * layer's are joined anew for every token, the old ones going when the new ones are there (transformers' DynamicCache).
 */
import type { Mixer } from '../workload/model/model.ts';
import { keptBy } from './cache.ts';
import { runPrefill } from './inference.ts';
import type { Job } from './job.ts';
import type { Rehearsal, Storage } from './rehearsal/rehearsal.ts';

/** Tokens that are joined one by one, at most: of a longer answer the last ones, after one step to their beginning. */
const MOST_TOKENS = 128;

/** Whether each layer of a decoder keeps keys and values of all tokens in tensors that grow token by token. */
export function growsPlainly(job: Job): boolean {
  const [stack, ...others] = job.model.stacks;
  const isPlain = (mixer: Mixer | undefined): boolean =>
    mixer?.kind === 'softmax' &&
    mixer.cross !== true &&
    mixer.shared_kv !== true &&
    (mixer.window === undefined || job.ignoresWindows === true);
  return (
    job.purpose === 'generation' &&
    stack !== undefined &&
    others.length === 0 &&
    stack.role === 'decoder' &&
    stack.layers.every(({ mixers }) => mixers.length === 1 && isPlain(mixers[0])) &&
    (job.cacheGrowth ?? 'joined') === 'joined' &&
    job.newTokens > 0 &&
    job.beams === 1 &&
    job.prefillChunk === undefined
  );
}

/** Writes the program of a job that grows plainly. @param onPrefilled when the prompt is through */
export function runGeneration(r: Rehearsal, job: Job, onPrefilled: () => void): void {
  const [stack] = job.model.stacks;
  if (stack === undefined) return;
  const widths = stack.pattern.flatMap((at) => {
    const mixer = stack.layers[at]?.mixers[0];
    if (mixer === undefined) return [];
    const { keys, values } = keptBy(mixer, 'unpacked', job.parallel.tensor);
    return [[keys, values].map((elements) => elements * job.cacheWidth * job.batch)];
  });
  const cache: Storage[][] = [];
  runPrefill(r, job, (layer) => {
    cache.push((widths[layer] ?? []).map((bytes) => r.allocate(bytes * job.sequence)));
  });
  onPrefilled();
  const last = job.sequence + job.newTokens;
  for (let tokens = Math.max(job.sequence + 1, last - MOST_TOKENS); tokens <= last; tokens += 1) {
    for (const [layer, own] of cache.entries()) {
      for (const [i, bytes] of (widths[layer] ?? []).entries()) {
        const joined = r.allocate(bytes * tokens);
        r.drop(own[i] as Storage);
        own[i] = joined;
      }
    }
  }
}
