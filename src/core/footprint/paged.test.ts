import { expect, test } from 'vitest';
import { price } from '../plan/price.ts';
import { isMachine, readMachine } from '../workload/machine-reading.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import type { SettingName, SettingValue } from '../workload/settings.ts';
import { type Job, PLAIN_JOB } from './job.ts';
import { stateBytes } from './optimizers.ts';
import { pagesOf } from './paged.ts';

const reading = readModelConfig(
  {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    hidden_size: 2048,
    intermediate_size: 5632,
    num_hidden_layers: 16,
    num_attention_heads: 16,
    vocab_size: 32000,
    tie_word_embeddings: true,
    torch_dtype: 'bfloat16',
  },
  'test',
);
if (!reading.ok) throw new Error('the config is not read');
const model = reading.model;
const weights = weightsOf(model);
const job: Job = { ...PLAIN_JOB, model, weights, purpose: 'training', trains: 'all' };
const table = 32000 * 2048;

test('states of large tensors are paged, those of small ones and scales lie on the card', () => {
  const plain: Job = { ...job, optimizer: 'adamw-8bit' };
  const paged: Job = { ...job, optimizer: 'adamw-paged' };
  const pages = pagesOf(paged);
  expect(pagesOf(plain)).toBeUndefined();
  // Norms have less than 100,000 elements.
  const norms = 2048 * (2 * 16 + 1);
  const elements = weights.reduce(
    (sum, { shape, count }) => sum + shape.reduce((a, b) => a * b, 1) * count,
    0,
  );
  expect(pages).toEqual({ all: 2 * (elements - norms), least: 2 * table });
  expect(stateBytes(paged) + (pages?.all ?? 0)).toBeCloseTo(stateBytes(plain));
  expect(pagesOf({ ...job, optimizer: 'adamw-paged-32bit' })?.all).toBe(8 * (elements - norms));
});

test('the Trainer keeps states of tables in 32 bits', () => {
  const plain: Job = { ...job, optimizer: 'adamw-8bit' };
  const trainer: Job = { ...plain, tableStates: 'fp32' };
  expect(stateBytes(trainer) - stateBytes(plain)).toBeCloseTo(table * (8 - 2 * (1 + 4 / 256)));
  expect(pagesOf({ ...trainer, optimizer: 'adamw-paged' })?.least).toBe(8 * table);
});

test('adapters of small rank have nothing to page', () => {
  const adapter = {
    rank: 16,
    targets: ['q_proj', 'v_proj'],
    width: 4,
    dropout: false,
    dora: false,
  };
  const small: Job = { ...job, trains: 'adapter', adapter, optimizer: 'adamw-paged-32bit' };
  expect(pagesOf(small)).toBeUndefined();
  expect(pagesOf({ ...small, adapter: { ...adapter, rank: 64 } })?.least).toBe(8 * 64 * 2048);
});

test('a card needs what cannot be away; pages stay while there is room, and the host takes the rest', () => {
  const priced = (on: string, optimizer: string) => {
    const machine = readMachine(on);
    if (!isMachine(machine)) throw new Error('no machine');
    const settings = new Map<SettingName, SettingValue>([
      ['optimizer', optimizer],
      ['weights_dtype', 'bf16'],
      ['micro_batch', 1],
      ['sequence_length', 512],
    ]);
    const stated = [...settings].map(
      ([name, value]) => [name, { value, by: 'option' as const, source: 'test' }] as const,
    );
    return price({
      workload: {
        purpose: 'training',
        dialects: ['pytorch'],
        versions: new Map(),
        settings: new Map(stated),
        unread: [],
      },
      known: { model, weights },
      machine,
      margin: 0,
    });
  };
  const none = new Map<string, number>();
  const need = (of: ReturnType<typeof priced>): number => of.rooms[0]?.need.at(none) ?? 0;
  const moments = (of: ReturnType<typeof priced>) => of.shown.roles[0]?.footprint.moments ?? [];
  const most = (of: ReturnType<typeof priced>): number =>
    Math.max(...moments(of).map(({ device }) => device.at(none)));
  const onHost = (of: ReturnType<typeof priced>): number =>
    Math.max(
      ...moments(of).map(({ atoms }) =>
        atoms
          .filter(({ term }) => term.id === 'host-pages')
          .reduce((sum, { bytes }) => sum + bytes.at(none), 0),
      ),
    );
  const wide = priced('H100', 'adamw-paged-32bit');
  const close = priced('8GB', 'adamw-paged-32bit');
  expect(need(wide)).toBeLessThan(need(priced('H100', 'adamw')));
  expect(onHost(wide)).toBe(0);
  const pages = pagesOf({ ...job, optimizer: 'adamw-paged-32bit' });
  expect(most(wide) - need(wide)).toBeGreaterThan((pages?.all ?? 0) / 2);
  expect(Math.abs(need(close) - need(wide))).toBeLessThan(2 ** 30);
  expect(most(close)).toBeLessThanOrEqual((close.rooms[0]?.have.at(none) ?? 0) + 1);
  expect(onHost(close)).toBeGreaterThan(0);
});
