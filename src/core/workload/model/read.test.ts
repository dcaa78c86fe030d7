import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ggufHeader } from '../../../../test/make/gguf.ts';
import { numRuns } from '../../../../test/ring.ts';
import { bitsOfQuantized } from '../../catalog/formats.ts';
import { catalogModels } from '../../catalog/models.ts';
import { readGguf } from '../../documents/gguf.ts';
import { readGgufModel } from './gguf.ts';
import type { Model } from './model.ts';
import { MODEL_TYPES, type ModelReading, readModelConfig } from './read.ts';
import { parameterCount, weightsOf } from './weights.ts';

const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  max_position_embeddings: 131072,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
};

function modelOf(reading: ModelReading): Model {
  if (!reading.ok) throw new Error(reading.problem.code);
  return reading.model;
}

const codeOf = (config: unknown): string | undefined => {
  const reading = readModelConfig(config, 'config.json');
  return reading.ok ? undefined : reading.problem.code;
};

describe('a config.json', () => {
  it('becomes a model with exact shapes', () => {
    const model = modelOf(readModelConfig(LLAMA, 'config.json'));
    expect(parameterCount(model)).toBe(8_030_261_248);
    expect(model).toMatchObject({
      family: 'llama',
      dtype: 'bf16',
      vocab: 128256,
      tied: false,
      head: 'vocab',
    });
    const k = weightsOf(model).find(
      ({ name }) => name === 'model.layers.{i}.self_attn.k_proj.weight',
    );
    expect(k).toMatchObject({ shape: [1024, 4096], role: 'linear', count: 32 });
    expect(weightsOf(model).at(-1)?.layer).toEqual({ stack: 0, layer: 0 });
  });

  it('with a tied head has its table once', () => {
    const tied = modelOf(readModelConfig({ ...LLAMA, tie_word_embeddings: true }, 'x'));
    expect(parameterCount(tied)).toBe(8_030_261_248 - 128256 * 4096);
    expect(weightsOf(tied).some(({ role }) => role === 'head')).toBe(false);
  });

  it('tells layers apart by window and kind', () => {
    const model = modelOf(
      readModelConfig(
        {
          model_type: 'gpt_oss',
          num_hidden_layers: 4,
          layer_types: [
            'sliding_attention',
            'full_attention',
            'sliding_attention',
            'full_attention',
          ],
        },
        'x',
      ),
    );
    const [stack] = model.stacks;
    expect(stack?.pattern).toEqual([0, 1, 0, 1]);
    expect(
      stack?.layers.map(({ mixers: [mixer] }) => mixer?.kind === 'softmax' && mixer.window),
    ).toEqual([128, undefined]);
  });

  it('of a type nobody reads is read as the nearest, with a note', () => {
    const reading = readModelConfig({ ...LLAMA, model_type: 'of_tomorrow' }, 'x');
    expect(reading.ok && reading.notes.map(({ code }) => code)).toEqual(['model-type-unknown']);
    expect(parameterCount(modelOf(reading))).toBe(8_030_261_248);
    const mixture = readModelConfig(
      {
        ...LLAMA,
        model_type: 'of_tomorrow',
        num_experts: 8,
        num_experts_per_tok: 2,
        moe_intermediate_size: 512,
      },
      'x',
    );
    expect(modelOf(mixture).stacks[0]?.layers[0]?.mlp?.kind).toBe('mixture');
    expect(codeOf({ model_type: 'yolo' })).toBe('model-config-unknown-type');
  });

  it('says which fields are missing or no counts', () => {
    expect(codeOf({ ...LLAMA, hidden_size: '4096' })).toBe('model-config-bad-fields');
    expect(codeOf({ ...LLAMA, num_hidden_layers: -1 })).toBe('model-config-bad-fields');
    expect(codeOf({ ...LLAMA, num_attention_heads: 1e99 })).toBe('model-config-bad-fields');
    expect(codeOf({ ...LLAMA, num_hidden_layers: 1_000_000 })).toBe('model-config-too-large');
    expect(codeOf({ ...LLAMA, hidden_size: 2 ** 26, intermediate_size: 2 ** 26 })).toBe(
      'model-config-too-large',
    );
    // A model type without class defaults.
    const { vocab_size: _, ...incomplete } = { ...LLAMA, model_type: 'internlm2' };
    const reading = readModelConfig(incomplete, 'config.json');
    if (reading.ok) throw new Error('read');
    expect(reading.problem).toMatchObject({
      code: 'model-config-missing-fields',
      at: { source: 'config.json' },
    });
    expect(JSON.stringify(reading.problem.what.params)).toContain('vocab_size');
  });

  it('that is something else is recognised', () => {
    const is = (config: unknown) => {
      const reading = readModelConfig(config, 'x');
      return reading.ok ? 'model' : reading.is;
    };
    expect(is({ peft_type: 'LORA', r: 16, base_model_name_or_path: 'Qwen/Qwen3-8B' })).toBe(
      'adapter',
    );
    expect(
      readModelConfig({ peft_type: 'LORA', base_model_name_or_path: 'a/b' }, 'x'),
    ).toMatchObject({ base: 'a/b' });
    expect(is({ _class_name: 'UNet2DConditionModel', _diffusers_version: '0.30' })).toBe(
      'diffusers',
    );
    expect(is({ quant_method: 'gptq', bits: 4 })).toBe('quantization');
    expect(is({ metadata: {}, weight_map: {} })).toBe('weight-index');
    expect(is({ architecture: 'resnet50', num_classes: 1000, pretrained_cfg: {} })).toBe('timm');
    expect(is({ tokenizer_class: 'PreTrainedTokenizerFast' })).toBe('tokenizer');
    expect(codeOf([])).toBe('model-config-not-object');
    expect(codeOf({})).toBe('model-config-no-type');
  });

  it('of another head has that head', () => {
    const classifier = modelOf(
      readModelConfig(
        {
          ...LLAMA,
          architectures: ['LlamaForSequenceClassification'],
          id2label: { 0: 'a', 1: 'b', 2: 'c' },
        },
        'x',
      ),
    );
    expect(classifier).toMatchObject({ head: 'labels', labels: 3 });
    const base = modelOf(readModelConfig({ ...LLAMA, architectures: ['LlamaModel'] }, 'x'));
    expect(base.head).toBe('none');
    expect(weightsOf(base)[0]?.name).toBe('embed_tokens.weight');
  });

  it('never throws and stays small, whatever it holds', () => {
    const types = MODEL_TYPES;
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(
          fc.constantFrom(
            ...Object.keys(LLAMA),
            'head_dim',
            'num_experts',
            'layer_types',
            'depths',
            'num_heads',
            'd_model',
            'text_config',
            'vision_config',
            'quantization_config',
            'intermediate_size',
            'attention_types',
          ),
          fc.jsonValue(),
        ),
        (type, fields) => {
          const reading = readModelConfig({ ...fields, model_type: type }, 'x');
          if (reading.ok) expect(Number.isFinite(parameterCount(reading.model))).toBe(true);
        },
      ),
      { numRuns: numRuns(500) },
    );
  });

  it('cannot nest parts without end', () => {
    let config: Record<string, unknown> = { ...LLAMA };
    for (let i = 0; i < 50; i++)
      config = { model_type: 'llava', text_config: config, vision_config: config };
    expect(codeOf(config)).toBeDefined();
  });
});

describe('quantisation', () => {
  const of = (quantization_config: unknown) =>
    modelOf(readModelConfig({ ...LLAMA, quantization_config }, 'x')).quantization;

  it('is read from what checkpoints write', () => {
    expect(of({ quant_method: 'gptq', bits: 4, group_size: 128 })).toEqual({
      method: 'gptq',
      bits: 4,
      group: 128,
      skipped: [],
    });
    expect(
      of({ quant_method: 'awq', bits: 4, group_size: 128, modules_to_not_convert: ['lm_head'] }),
    ).toMatchObject({ skipped: ['lm_head'] });
    const nf4 = of({
      quant_method: 'bitsandbytes',
      load_in_4bit: true,
      bnb_4bit_use_double_quant: true,
      llm_int8_skip_modules: null,
    });
    expect(nf4).toEqual({ method: 'bitsandbytes', bits: 4, double_quant: true, skipped: [] });
    expect(of({ quant_method: 'fp8', weight_block_size: [128, 128] })).toMatchObject({
      bits: 8,
      group: 16384,
    });
    expect(
      of({ quant_method: 'mxfp4', modules_to_not_convert: ['model.layers.*.self_attn'] }),
    ).toMatchObject({ bits: 4 });
    const compressed = of({
      quant_method: 'compressed-tensors',
      config_groups: { group_0: { weights: { num_bits: 8, group_size: null, type: 'float' } } },
      ignore: ['lm_head'],
    });
    expect(compressed).toEqual({ method: 'compressed-tensors', bits: 8, skipped: ['lm_head'] });
    expect(of({ quant_method: 'of-tomorrow' })).toBeUndefined();
    expect(nf4 && bitsOfQuantized(nf4)).toBeCloseTo(4.127, 3);
  });
});

describe('a GGUF header', () => {
  it('becomes a model', () => {
    const blk = (i: number) => [
      { name: `blk.${i}.attn_q.weight`, dims: [4096, 4096], type: 12 },
      { name: `blk.${i}.ffn_up.weight`, dims: [4096, 14336], type: 12 },
    ];
    const bytes = ggufHeader(
      {
        'general.architecture': { type: 'text', value: 'llama' },
        'general.name': { type: 'text', value: 'Llama 3.1 8B' },
        'llama.embedding_length': { type: 'u32', value: 4096 },
        'llama.block_count': { type: 'u32', value: 32 },
        'llama.context_length': { type: 'u32', value: 131072 },
        'llama.feed_forward_length': { type: 'u32', value: 14336 },
        'llama.attention.head_count': { type: 'u32', value: 32 },
        'llama.attention.head_count_kv': { type: 'u32', value: 8 },
      },
      [
        { name: 'token_embd.weight', dims: [4096, 128256], type: 12 },
        { name: 'output.weight', dims: [4096, 128256], type: 14 },
        ...blk(0),
      ],
    );
    const header = readGguf(bytes, 'x.gguf');
    if (!header.ok) throw new Error(header.problem.code);
    const model = modelOf(readGgufModel(header.header, 'x.gguf'));
    expect(parameterCount(model)).toBe(8_030_261_248);
    expect(model.name).toBe('Llama 3.1 8B');
  });

  it('of an unknown architecture says so', () => {
    const header = readGguf(
      ggufHeader({ 'general.architecture': { type: 'text', value: 'tomorrow' } }, []),
      'x',
    );
    expect(header.ok && readGgufModel(header.header, 'x')).toMatchObject({
      ok: false,
      problem: { code: 'gguf-architecture-unknown' },
    });
  });
});

describe('a model', () => {
  it('has as many names as norms and mixers, in every row of the catalog', () => {
    for (const { config } of catalogModels()) {
      for (const { layers, pattern } of modelOf(readModelConfig(config, 'x')).stacks) {
        expect(pattern.length).toBeGreaterThan(0);
        for (const { names, mixers, norms } of layers) {
          expect(names.norms.length).toBe(norms);
          expect(names.mixers.length).toBe(mixers.length);
        }
      }
    }
  });

  it('grows with depth, width and vocabulary', () => {
    const count = (over: object): number =>
      parameterCount(modelOf(readModelConfig({ ...LLAMA, ...over }, 'x')));
    const small = count({});
    expect(count({ num_hidden_layers: 33 })).toBeGreaterThan(small);
    expect(count({ intermediate_size: 14337 })).toBe(small + 32 * 3 * 4096);
    expect(count({ vocab_size: 128257 })).toBe(small + 2 * 4096);
  });
});
