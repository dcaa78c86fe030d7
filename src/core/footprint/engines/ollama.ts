/**
 * ollama: llama.cpp with a context of its own for each parallel request, and as many layers on the card as find room.
 * Sources: ollama docs/faq (OLLAMA_NUM_PARALLEL multiplies the context); its estimate before loading keeps about
 * 457 MiB of each card free.
 */
import { constant, plus } from '../../base/factor.ts';
import type { Job } from '../job.ts';
import {
  type Card,
  type Condition,
  type EnginePlan,
  GiB,
  isFrom,
  MiB,
  servingOf,
} from './engine.ts';
import { decoderOf } from './ggml/types.ts';
import { llamaCpp } from './llama-cpp.ts';

/**
 * Tokens of context that it gives each request unless told otherwise, whatever the model allows. Sources: the release
 * notes of 0.6.7 (4096 instead of 2048) and 0.15.5 (by the memory of all cards); ollama/ollama@9bf4196:server/routes.go.
 * @param memory of all cards together, bytes
 */
export function ollamaContext(memory: number, version: string | undefined): number {
  if (!isFrom(version, '0.6.7')) return 2048;
  if (!isFrom(version, '0.15.5') || memory < SMALL) return 4096;
  return memory < LARGE ? 32_768 : 262_144;
}

/** A little below 24 and 48 GiB, as cards that are sold so have a little less. */
const SMALL = 23 * GiB;
const LARGE = 47 * GiB;

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
  const all = needed(llamaCpp(with_(layers + 1), card));
  const placed = (count: number): EnginePlan => withAll(llamaCpp(with_(count), card), all, card);
  if (serving.gpuLayers !== undefined) return placed(serving.gpuLayers);
  const fits = (count: number): boolean =>
    needed(llamaCpp(with_(count), card)) + MINIMUM <= card.usable;
  // More layers never need less, so the largest count that fits lies where halves meet.
  let [low, high] = [0, layers + 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return placed(low);
}

/** It starts with any number of layers on the card. @param need of all layers there, bytes */
function withAll(plan: EnginePlan, need: number, { usable }: Card): EnginePlan {
  const { conditions, ...rest } = plan.capacity;
  const allLayers: Condition = {
    name: 'all-layers',
    need: constant(need),
    have: constant(usable - MINIMUM),
  };
  const kept = conditions.filter(({ name }) => name === 'card');
  return { ...plan, capacity: { ...rest, conditions: [...kept, allLayers] } };
}

function needed(plan: EnginePlan): number {
  const last = plan.moments.at(-1);
  const parts = [...(last?.bytes ?? [])].filter(
    ([id]) => id !== 'ggml-host' && id !== 'cuda-context',
  );
  return plus(constant(0), ...parts.map(([, bytes]) => bytes)).at(new Map());
}
