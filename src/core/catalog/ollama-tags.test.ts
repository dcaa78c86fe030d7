import { expect, it } from 'vitest';
import { findCatalogModel } from './models.ts';
import { isOllamaTag, namesOfTag } from './ollama-tags.ts';

const found = (tag: string): string | undefined =>
  namesOfTag(tag)
    .map((name) => findCatalogModel(name)?.model.ids[0])
    .find((id) => id !== undefined);

it.each([
  ['qwen3:8b', 'Qwen/Qwen3-8B'],
  ['qwen2.5:7b', 'Qwen/Qwen2.5-7B'],
  ['qwen2.5-coder:32b', 'Qwen/Qwen2.5-Coder-32B'],
  ['qwen3:0.6b-q8_0', 'Qwen/Qwen3-0.6B'],
  ['llama3.2', 'meta-llama/Llama-3.2-3B'],
  ['llama3.2:1b', 'meta-llama/Llama-3.2-1B'],
  ['llama3.1:70b', 'meta-llama/Llama-3.1-70B'],
  ['llama3.1:70b-instruct-q4_K_M', 'meta-llama/Llama-3.1-70B'],
  ['library/llama3:latest', 'meta-llama/Meta-Llama-3-8B'],
  ['llama2:13b-chat', 'meta-llama/Llama-2-13b-hf'],
  ['deepseek-r1:8b', 'Qwen/Qwen3-8B'],
  ['mistral', 'mistralai/Mistral-7B-Instruct-v0.3'],
  ['mixtral:8x7b', 'mistralai/Mixtral-8x7B-Instruct-v0.1'],
  ['gemma3:4b', 'google/gemma-3-4b-it'],
  ['gemma2', 'google/gemma-2-9b'],
  ['phi3', 'microsoft/Phi-3-mini-128k-instruct'],
  ['phi3:medium', 'microsoft/Phi-3-medium-4k-instruct'],
  ['gpt-oss:120b', 'openai/gpt-oss-120b'],
  ['smollm2:135m', 'HuggingFaceTB/SmolLM2-135M'],
])('%s is %s', (tag, id) => {
  const match = found(tag);
  const rows = [id, match ?? ''].map((name) => findCatalogModel(name)?.model);
  expect(match).toBeDefined();
  expect(rows[1]).toBe(rows[0]);
});

it('knows tags by their colon, and not what others own', () => {
  expect(isOllamaTag('qwen3:8b')).toBe(true);
  expect(isOllamaTag('Qwen/Qwen3-8B')).toBe(false);
  expect(isOllamaTag('acme/lynx:8b')).toBe(false);
  expect(found('lynx:8b')).toBeUndefined();
  expect(found('hf.co/acme/lynx:Q4_K_M')).toBeUndefined();
});
