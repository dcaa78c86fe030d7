/** The engines by name. */
import type { Job } from '../job.ts';
import { type Card, type EnginePlan, type Stage, servingOf } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { ollama } from './ollama.ts';
import { sglang } from './sglang.ts';
import { tgi } from './tgi.ts';
import { vllm } from './vllm.ts';

/** What a process of the job's engine holds at each moment of its start, and what it can serve then. */
export function enginePlan(job: Job, card: Card, stage: Stage): EnginePlan {
  switch (servingOf(job).engine) {
    case 'vllm':
      return vllm(job, card, stage);
    case 'sglang':
      return sglang(job, card, stage);
    case 'tgi':
      return tgi(job, card, stage);
    case 'llama.cpp':
      return llamaCpp(job, card);
    case 'ollama':
      return ollama(job, card);
  }
}
