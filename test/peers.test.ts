// Peers answer here what their own sources answer, so that a comparison with them is one; and what is known to be wrong in
// an estimator is right in ours.
import { describe, expect, it } from 'vitest';
import { gpuNamed } from '../src/core/catalog/gpus.ts';
import { findCatalogModel } from '../src/core/catalog/models.ts';
import { cacheBytes } from '../src/core/footprint/cache.ts';
import { footprintOf } from '../src/core/footprint/footprint.ts';
import { type Job, PLAIN_JOB } from '../src/core/footprint/job.ts';
import { readModelConfig } from '../src/core/workload/model/read.ts';
import { weightsOf } from '../src/core/workload/model/weights.ts';
import { askPeers } from '../truth/peers.mjs';

const GIB = 2 ** 30;

function jobOf(name: string, job: Partial<Job>): Job {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`no ${name} in the catalog`);
  const reading = readModelConfig(found.model.config, name);
  if (!reading.ok) throw new Error(`${name} cannot be read`);
  const { model } = reading;
  return { ...PLAIN_JOB, model, weights: weightsOf(model), ...job };
}

function answers(job: Job, view: 'allocated' | 'device' = 'device'): Map<string, number | string> {
  const asked = { id: 'one', job, view, config: {}, gpu: null };
  return new Map(
    askPeers([asked]).map(({ peer, rows: [answer] }) => [
      peer,
      answer?.estimate_bytes ?? answer?.reason ?? '',
    ]),
  );
}

const TRAINING = { purpose: 'training', trains: 'all' } as const;

/** Bytes that our model has for one term, at the moment where it is largest. */
function termOf(job: Job, id: string): number {
  const all = footprintOf(job).moments.flatMap(({ atoms }) =>
    atoms.filter(({ term }) => term.id === id).map(({ bytes }) => bytes.at(new Map())),
  );
  return Math.max(...all);
}

describe('peers', () => {
  it('answer for a full fine-tuning of Llama 3.2 3B as they were seen to answer', () => {
    const found = answers(
      jobOf('meta-llama/Llama-3.2-3B', { ...TRAINING, batch: 4, sequence: 768 }),
    );
    expect(found.get('accelerate estimate-memory')).toBeCloseTo(25.7e9, -8);
    expect(Number(found.get('EleutherAI cookbook')) / 1e9).toBeCloseTo(81.9, 1);
    expect(Number(found.get('gpu_poor')) / 1e9).toBeCloseTo(61.9, 1);
    expect(found.get('1.2 x weights')).toBe('is a rule for inference');
  });

  it('answer for LoRA, or say that they do not know it', () => {
    const adapter = {
      rank: 32,
      targets: ['q_proj', 'v_proj'],
      width: 4,
      dropout: false,
      dora: false,
    };
    const job = jobOf('meta-llama/Llama-3.2-3B', {
      purpose: 'training',
      trains: 'adapter',
      adapter,
      batch: 4,
      sequence: 768,
    });
    const found = answers(job);
    expect(Number(found.get('gpu_poor')) / 1e9).toBeCloseTo(38.2, 1);
    expect(found.get('EleutherAI cookbook')).toBe('knows no adapters');
    expect(found.get('DeepSpeed estimator')).toBe('knows no adapters');
  });

  it('answer for LLaMA 7B as llm-analysis does: 12.24 + 24.49 + 73.47 + 10.43 GiB', () => {
    const job = jobOf('meta-llama/Llama-2-7b-hf', { ...TRAINING, sequence: 2048 });
    expect(Number(answers(job).get('llm-analysis')) / GIB).toBeCloseTo(120.6, 1);
  });

  it('say of a model that is no plain decoder that they have no formula for it', () => {
    const job = jobOf('google-bert/bert-base-uncased', { sequence: 128 });
    const found = answers(job);
    expect(found.get('gpu_poor')).toBe('no plain decoder');
    expect(Number(found.get('weights only'))).toBeGreaterThan(200e6);
  });
});

describe('what peers are known to get wrong', () => {
  it('the KV cache: half of it without groups, twice of it with them (EleutherAI)', () => {
    for (const [name, tokens, theirs, ours] of [
      ['meta-llama/Llama-2-7b-hf', 4096, 1, 2],
      ['meta-llama/Llama-3.1-8B', 8192, 2, 1],
    ] as const) {
      const at = (newTokens: number): number =>
        Number(answers(jobOf(name, { newTokens })).get('EleutherAI cookbook'));
      expect((at(tokens + 1) - at(1)) / GIB, name).toBeCloseTo(theirs, 5);
      const ready = jobOf(name, { sequence: tokens, cacheGrowth: 'static' });
      expect(cacheBytes(ready, 'prefill') / GIB, name).toBeCloseTo(ours, 5);
    }
  });

  it('training under autocast: 8 bytes a parameter (accelerate), where weights, gradients and states alone are 16', () => {
    const name = 'meta-llama/Llama-3.1-8B';
    const job = jobOf(name, {
      ...TRAINING,
      weightWidth: 4,
      gradientWidth: 4,
      width: 4,
      autocast: 2,
    });
    const parameters = 8.03e9;
    const theirs = Number(answers(job).get('accelerate estimate-memory'));
    expect(theirs / GIB).toBeCloseTo(59.8, 1);
    const static_ = ['weights', 'gradients', 'optimizer-states'].map((id) => termOf(job, id));
    expect(static_.reduce((a, b) => a + b) / parameters).toBeCloseTo(16, 1);
  });

  it('states of AdamW in pure bf16 are bf16: 29.9 GiB for Llama 3 8B, not 59.83 (torch-preflight)', () => {
    const job = jobOf('meta-llama/Meta-Llama-3-8B', TRAINING);
    expect(termOf(job, 'optimizer-states') / GIB).toBeCloseTo(29.9, 1);
  });

  it('what can be used of a T4, an L4 and an A10G: as messages print it, not 15.7 and 23.5 GiB (torch-preflight)', () => {
    for (const [name, low, high] of [
      ['T4', 14.56, 14.75],
      ['L4', 22.03, 22.3],
      ['A10G', 22.03, 22.3],
    ] as const) {
      const usable = gpuNamed(name)?.gpu.usable;
      expect((usable?.low ?? 0) / GIB, name).toBeCloseTo(low, 1);
      expect((usable?.high ?? 0) / GIB, name).toBeCloseTo(high, 1);
    }
  });

  it('ZeRO estimators leave out activations: they are the least of a step, never all of it (DeepSpeed)', () => {
    const at = (batch: number): number =>
      Number(
        answers(jobOf('meta-llama/Llama-3.2-1B', { ...TRAINING, batch, sequence: 2048 })).get(
          'DeepSpeed estimator',
        ),
      );
    expect(at(64)).toBe(at(1));
  });
});
