import { describe, expect, it } from 'vitest';
import { findCatalogModel } from '../../catalog/models.ts';
import { readWorkload } from './read-workload.ts';
import { builtBy } from './torchtune-builders.ts';

/** All builders of models of torchtune 0.6.1 that take tokens alone, by family. */
const BUILDERS = {
  llama2: '7b 13b 70b reward_7b',
  code_llama2: '7b 13b 70b',
  llama3: '8b 70b',
  llama3_1: '8b 70b 405b',
  llama3_2: '1b 3b',
  llama3_3: '70b',
  gemma: '2b 7b',
  gemma2: '2b 9b 27b',
  mistral: '7b reward_7b',
  phi3: 'mini',
  phi4: '14b',
  qwen2: '0_5b 1_5b 7b',
  qwen2_5:
    '0_5b 1_5b_base 1_5b_instruct 3b 7b_base 7b_instruct 14b_base 14b_instruct 32b_base 32b_instruct 72b_base 72b_instruct',
} as const;

describe('builders', () => {
  it.each(Object.entries(BUILDERS))('%s are models of the catalog', (family, sizes) => {
    for (const size of sizes.split(' ')) {
      for (const way of ['', 'lora_', 'qlora_']) {
        const built = builtBy(`torchtune.models.${family}.${way}${family}_${size}`);
        expect(findCatalogModel(built?.model ?? ''), `${family}_${size}`).toBeDefined();
        expect(built?.adapter ?? '').toBe(way.replace('_', ''));
        expect(builtBy(`${way}${family}_${size}`)).toEqual(built);
      }
    }
  });

  it('knows a family of somebody else by the same rule', () => {
    expect(builtBy('acme.models.lynx2_5.lora_lynx2_5_0_5b')).toEqual({
      model: 'lynx2.5-0.5b',
      adapter: 'lora',
    });
    expect(builtBy('torchtune.models.llama3.llama3')).toBeUndefined();
    expect(builtBy('')).toBeUndefined();
  });
});

const optimizer = (lines: string): unknown => {
  const text = `model:\n  _component_: torchtune.models.llama3.llama3\ncheckpointer:\n  checkpoint_dir: /data/Qwen2.5-7B/\noptimizer:\n${lines}`;
  const { settings, model } = readWorkload([{ name: 'c.yaml', text }]).workload;
  expect(model).toBe('Qwen2.5-7B');
  return [settings.get('optimizer')?.value, settings.get('optimizer_offload')?.value];
};

it('reads classes of optimizers', () => {
  const of = (name: string, more = ''): unknown => optimizer(`  _component_: ${name}\n${more}`);
  expect(of('bitsandbytes.optim.PagedAdamW8bit')).toEqual(['adamw-paged', undefined]);
  expect(of('torchao.prototype.low_bit_optim.AdamW8bit')).toEqual(['adamw-8bit', undefined]);
  expect(of('torch.optim.AdamW', '  fused: True\n')).toEqual(['adamw-fused', undefined]);
  expect(of('torch.optim.SGD')).toEqual(['sgd', undefined]);
  const offloading = 'torchao.prototype.low_bit_optim.CPUOffloadOptimizer';
  expect(of(offloading, '  optimizer_class: torch.optim.AdamW\n')).toEqual(['adamw', true]);
});
