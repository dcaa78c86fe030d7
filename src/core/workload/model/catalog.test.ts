import { describe, expect, it } from 'vitest';
import { catalogModels, findCatalogModel, similarModels } from '../../catalog/models.ts';
import type { Model } from './model.ts';
import { readModelConfig } from './read.ts';
import { elementsOf, parameterCount, weightsOf } from './weights.ts';

function modelOf(config: unknown): Model {
  const reading = readModelConfig(config, 'catalog');
  if (!reading.ok) throw new Error(JSON.stringify(reading.problem));
  return reading.model;
}

/** What the checkpoint stores: the table of tokens a second time, where it does. */
function storedCount(model: Model, headStored: boolean): number {
  const table = weightsOf(model).find(({ role }) => role === 'embedding');
  return parameterCount(model) + (headStored && table !== undefined ? elementsOf(table) : 0);
}

describe('the catalog of models', () => {
  const rows = catalogModels();
  const ids = rows.flatMap((row) => row.ids);

  it('has 150 models and more, each once, most of them from files that were read', () => {
    expect(ids.length).toBeGreaterThanOrEqual(150);
    expect(new Set(ids).size).toBe(ids.length);
    const cited = rows.filter(({ source }) => source !== 'assumed');
    for (const { source } of cited) expect(source).toMatch(/^[\w./-]+@[\w.]+:.+/);
    expect(cited.flatMap((row) => row.ids).length).toBeGreaterThanOrEqual(150);
  });

  it('counts the parameters that were published, within half a percent', () => {
    const off = rows.flatMap((row) => {
      if (row.parameters === undefined) return [];
      const counted = storedCount(modelOf(row.config), row.head_stored ?? false);
      const error = counted / row.parameters - 1;
      return Math.abs(error) <= 0.005 ? [] : [{ ids: row.ids, counted, published: row.parameters }];
    });
    expect(off).toEqual([]);
    for (const row of rows)
      expect(row.parameters === undefined).toBe(row.parameters_source === undefined);
  });

  it('says which rows have no published count', () => {
    const without = rows.filter(({ parameters }) => parameters === undefined);
    const names = without.flatMap((row) => row.ids);
    console.info(
      `${ids.length - names.length} of ${ids.length} counted; without: ${names.join(', ')}`,
    );
    expect(names.length).toBeLessThanOrEqual(ids.length / 6);
  });

  it('finds a model by the names that people use', () => {
    const of = (name: string) => findCatalogModel(name)?.model;
    expect(findCatalogModel('Qwen/Qwen2.5-7B-Instruct')?.by).toBe('named');
    expect(of('qwen2.5-7b-instruct')).toBe(of('Qwen/Qwen2.5-7B-Instruct'));
    expect(of('llama-3.1-8b')?.config['hidden_size']).toBe(4096);
    expect(of('meta-llama/Meta-Llama-3.1-8B')?.ids).toContain('meta-llama/Llama-3.1-8B');
    expect(of('llama-2-7b')?.ids).toContain('meta-llama/Llama-2-7b-hf');
    expect(of('no-such-model')).toBeUndefined();
    expect(similarModels('qwen3-8b')).toContain('Qwen/Qwen3-8B');
  });

  it('reads in a name how the weights are stored, and finds the model behind a tuning', () => {
    expect(findCatalogModel('Qwen/Qwen2.5-7B-Instruct-AWQ')).toMatchObject({
      by: 'named',
      stored: { method: 'awq', bits: 4 },
    });
    const of = (name: string) => findCatalogModel(name)?.stored;
    expect(of('Qwen/Qwen2.5-3B-Instruct-GPTQ-Int8')).toMatchObject({ method: 'gptq', bits: 8 });
    expect(of('unsloth/llama-3.2-1b-instruct-bnb-4bit')).toMatchObject({
      method: 'bitsandbytes',
      bits: 4,
    });
    expect(of('Qwen/Qwen3-8B-FP8')).toMatchObject({ method: 'fp8', bits: 8, said_by: 'name' });
    expect(findCatalogModel('01-ai/Yi-34B-Chat')).toMatchObject({ by: 'sibling' });
    expect(findCatalogModel('01-ai/Yi-34B-Chat')?.model).toBe(
      findCatalogModel('01-ai/Yi-34B')?.model,
    );
  });

  it('knows which models are published quantised, unless their name says otherwise', () => {
    const of = (name: string) => findCatalogModel(name)?.stored?.method;
    for (const name of ['DeepSeek-V3', 'DeepSeek-R1', 'DeepSeek-V3-0324', 'DeepSeek-V3.1'])
      expect(of(`deepseek-ai/${name}`), name).toBe('fp8');
    expect(findCatalogModel('openai/gpt-oss-120b')?.stored).toMatchObject({
      method: 'mxfp4',
      bits: 4,
      said_by: 'recall',
    });
    expect(of('moonshotai/Kimi-K2-Instruct')).toBe('fp8');
    expect(of('moonshotai/Kimi-K2-Thinking')).toBe('compressed-tensors');
    expect(of('unsloth/gpt-oss-20b-BF16')).toBeUndefined();
    expect(of('unsloth/gpt-oss-20b-unsloth-bnb-4bit')).toBe('bitsandbytes');
    expect(of('deepseek-ai/DeepSeek-R1-Distill-Qwen-7B')).toBeUndefined();
    expect(findCatalogModel('deepseek-ai/DeepSeek-V2')).toBeUndefined();
    expect(findCatalogModel('deepseek-ai/DeepSeek-V3')?.model.config).toMatchObject({
      max_position_embeddings: 163_840,
    });
  });
});
