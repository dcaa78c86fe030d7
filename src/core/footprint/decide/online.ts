/**
 * What preference and online training add: a reference, completions, an engine that makes them.
 *
 * Sources: trl@1.16.0 trainer/grpo_trainer.py, grpo_config.py, generation/vllm_generation.py, dpo_trainer.py, kto_trainer.py;
 * trl@0.16.1 to 0.29.0 grpo_config.py (defaults).
 */
import type { Cards } from '../../workload/machine.ts';
import type { Model } from '../../workload/model/model.ts';
import { vllmDefaults } from '../engines/vllm.ts';
import type { Job, Rollout, RolloutEngine } from '../job.ts';
import type { Reader } from './reader.ts';

/** Programs that make their completions in ways of their own. */
const OTHERS = ['verl', 'openrlhf'] as const;

const task = (r: Reader): string | undefined => r.word('task');

/** Trains on completions that TRL's trainer, or one like it, makes. */
export const isOnline = (r: Reader): boolean => task(r) === 'grpo' && !r.speaks(...OTHERS);

/** Ranks that share a layer are those of the engine where an engine makes completions. */
export const sharesEngineOnly = (r: Reader): boolean =>
  (task(r) === 'grpo' || task(r) === 'ppo') && r.speaks('trl', ...OTHERS);

/** Tasks that hold a frozen copy of the model, or compare with the base without its adapter. */
const WITH_REFERENCE: ReadonlySet<string> = new Set(['dpo', 'kto', 'ppo', 'grpo']);

/** Whether a step compares with a reference: none where its figures were computed before, or count for nothing. */
export function comparesWithReference(r: Reader, of: string): boolean {
  const held = r.given('reference_model');
  if (held !== undefined) return held === true;
  return WITH_REFERENCE.has(of) && !(isOnline(r) && r.given('reference_weight') === 0);
}

const USUAL_PROMPT = 512;
const USUAL_COMPLETION = 256;

/** Tokens of one forward pass of the engine that TRL starts. */
const BATCHED = 4096;
const FRACTION = 0.3;

/** @param batch completions of a micro-batch */
export function rolloutOf(
  r: Reader,
  model: Model,
  cards: Cards,
  batch: number,
): Pick<Job, 'sequence' | 'scored' | 'rollout'> {
  const prompt = r.numberOr('prompt_length', USUAL_PROMPT);
  const newTokens = r.numberOr('new_tokens', USUAL_COMPLETION);
  const isEngine = r.is('rollout_engine');
  const isApart = isEngine && r.is('rollout_apart');
  // Before trl 0.17 each micro-batch made its own.
  const accumulation = r.isOlder('trl', '0.17') ? 1 : (r.number('accumulation_steps') ?? 1);
  const sequences = batch * (r.number('rollout_steps') ?? accumulation);
  const rollout: Rollout = {
    sequences,
    prompt,
    newTokens,
    ...(isEngine ? { engine: engineOf(r, model, cards, { sequences, prompt, newTokens }) } : {}),
  };
  return {
    sequence: prompt + newTokens,
    // One position before the completion says its first token (`logits_to_keep`).
    scored: newTokens + 1,
    ...(isApart ? {} : { rollout }),
  };
}

function engineOf(
  r: Reader,
  model: Model,
  cards: Cards,
  { sequences, prompt, newTokens }: Omit<Rollout, 'engine'>,
): RolloutEngine {
  const card = {
    name: cards.name,
    usable: cards.usable.mid,
    ...(cards.capability === undefined ? {} : { capability: cards.capability }),
  };
  const tensor = r.number('tensor_parallel') ?? 1;
  // Before trl 0.26 the longest sequence was that of the training; then that of the model.
  const own = r.isOlder('trl', '0.26') ? prompt + newTokens : (model.max_positions ?? 8192);
  const context = r.number('context_length') ?? own;
  const version = r.version('vllm');
  const said = version === undefined ? {} : { version };
  const { graphs } = vllmDefaults(card, { ...said, usage: 'library', context });
  return {
    tensor,
    card,
    sleeps: r.is('engine_sleep'),
    serving: {
      engine: 'vllm',
      ...said,
      fraction: r.numberOr('engine_fraction', FRACTION),
      context,
      sequences: sequences * tensor,
      batchedTokens: BATCHED,
      graphs,
    },
  };
}
