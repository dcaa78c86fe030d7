/**
 * ollama: llama.cpp with a context of its own for each parallel request, and as many layers on the card as find room.
 * Sources: ollama docs/faq (OLLAMA_NUM_PARALLEL multiplies the context); its estimate before loading keeps about
 * 457 MiB of each card free.
 */
import { constant, plus } from '../../base/factor.ts';
import type { Job } from '../job.ts';
import { type Card, type EnginePlan, isFrom, MiB, servingOf } from './engine.ts';
import { decoderOf } from './ggml/types.ts';
import { llamaCpp } from './llama-cpp.ts';

/** What its estimate leaves free on a card. */
const MINIMUM = 457 * MiB;

export function ollama(job: Job, card: Card): EnginePlan {
  const serving = servingOf(job);
  const layers = decoderOf(job.model).stack.pattern.length;
  const with_ = (gpuLayers: number): Job => ({
    ...job,
    serving: {
      ...serving,
      engine: 'llama.cpp',
      gpuLayers,
      // It asks for the whole context in layers with a window; its releases since 0.11 have recent builds.
      fullWindows: serving.fullWindows ?? true,
      version: isFrom(serving.version, '0.11') ? '9999' : '4000',
    },
  });
  if (serving.gpuLayers !== undefined) return llamaCpp(with_(serving.gpuLayers), card);
  const fits = (count: number): boolean =>
    needed(llamaCpp(with_(count), card)) + MINIMUM <= card.usable;
  // More layers never need less, so the largest count that fits lies where halves meet.
  let [low, high] = [0, layers + 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return llamaCpp(with_(low), card);
}

function needed(plan: EnginePlan): number {
  const last = plan.moments.at(-1);
  const parts = [...(last?.bytes ?? [])].filter(
    ([id]) => id !== 'ggml-host' && id !== 'cuda-context',
  );
  return plus(constant(0), ...parts.map(([, bytes]) => bytes)).at(new Map());
}
