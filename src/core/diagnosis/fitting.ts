/** What an engine itself says would fit. */
import type { Case } from './case.ts';

/** Tokens of a page of vLLM's cache; a longer page is a multiple of it. */
const PAGE = 16;

/** The longest context for which the cache has room by the message's own count, in whole pages. */
export function fittingContext({ format, counts, has }: Case): number | undefined {
  if (format !== 'vllm' || !has('sequence-exceeds-kv')) return undefined;
  const { estimated_max_seq_len: estimated, kv_tokens: stored, max_seq_len: asked } = counts;
  const most = estimated ?? stored;
  if (most === undefined || (asked !== undefined && most >= asked)) return undefined;
  const fitting = Math.floor(most / PAGE) * PAGE;
  return fitting > 0 ? fitting : undefined;
}
