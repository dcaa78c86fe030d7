import { expect, test } from 'vitest';
import { megatronConfig } from './megatron.ts';
import { readModelConfig } from './read.ts';
import { parameterCount } from './weights.ts';

const flagsOf = (line: string): Map<string, string> =>
  new Map(
    [...line.matchAll(/--([\w-]+)(?:\s+(?!--)(\S+))?/g)].map(([, key = '', value = 'true']) => [
      key.replaceAll('-', '_'),
      value,
    ]),
  );

function parametersOf(line: string): number {
  const found = megatronConfig(flagsOf(line));
  if (found === undefined || found === 'vocabulary') throw new Error(String(found));
  const reading = readModelConfig(found.config, 'flags');
  if (!reading.ok) throw new Error(reading.problem.code);
  return parameterCount(reading.model);
}

const LLAMA_3 =
  '--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --swiglu --normalization RMSNorm --position-embedding-type rope --disable-bias-linear --untie-embeddings-and-output-weights';

test.each([
  ['Llama 3 8B', `${LLAMA_3} --vocab-size 128256`, 8_030_261_248],
  // 124,439,808 with a table of 50257 rows and 1024 positions: 47 rows of padding.
  [
    'GPT-2',
    '--num-layers 12 --hidden-size 768 --num-attention-heads 12 --seq-length 1024 --tokenizer-type GPT2BPETokenizer',
    124_439_808 + 47 * 768,
  ],
  [
    'Mixtral 8x7B',
    '--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --swiglu --disable-bias-linear --untie-embeddings-and-output-weights --num-experts 8 --moe-router-topk 2 --tokenizer-type Llama2Tokenizer',
    46_702_792_704,
  ],
  [
    'Qwen2 0.5B',
    '--num-layers 24 --hidden-size 896 --ffn-hidden-size 4864 --num-attention-heads 14 --group-query-attention --num-query-groups 2 --swiglu --disable-bias-linear --add-qkv-bias --vocab-size 151936',
    494_032_768,
  ],
])('%s is what its flags describe', (_, line, parameters) => {
  expect(parametersOf(line)).toBe(parameters);
});

test('the table is padded for the ranks that divide it', () => {
  const divided = parametersOf(`${LLAMA_3} --vocab-size 128001 --tensor-model-parallel-size 8`);
  const whole = parametersOf(`${LLAMA_3} --vocab-size 128001`);
  expect(divided - whole).toBe(2 * 4096 * (129_024 - 128_128));
});

test('what is no model, or lacks its vocabulary, is none', () => {
  expect(megatronConfig(flagsOf('--num-layers 32 --hidden-size 4096'))).toBeUndefined();
  expect(megatronConfig(flagsOf(LLAMA_3))).toBe('vocabulary');
  expect(megatronConfig(flagsOf(`${LLAMA_3} --multi-latent-attention`))).toBeUndefined();
});
