import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'diffusers',
    summary: 'Pipelines of diffusers.',
  },
  zh: {
    title: 'diffusers',
    summary: 'diffusers 的 pipeline。',
  },
  ru: {
    title: 'diffusers',
    summary: 'Пайплайны diffusers.',
  },
} as const;

export const diffusers: Dialect = {
  id: 'diffusers',
  code: 'UN825',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'diffusers@0.42.1:src/diffusers/pipelines/pipeline_utils.py',
    'diffusers@0.42.1:src/diffusers/models/autoencoders/vae.py',
  ],
  name: 'diffusers',
  package: 'diffusers',
  frameworks: ['diffusers'],
  rests_on: ['accelerate', 'pytorch'],
  settings: {
    vae_tiling: {
      keys: ['enable_vae_tiling', 'enable_tiling'],
      write: [{ value: true, code: 'pipe.vae.enable_tiling()' }],
    },
    vae_slicing: {
      keys: ['enable_vae_slicing', 'enable_slicing'],
      write: [{ value: true, code: 'pipe.vae.enable_slicing()' }],
    },
    attention_slicing: {
      keys: ['enable_attention_slicing'],
      write: [{ value: true, code: 'pipe.enable_attention_slicing()' }],
    },
    model_offload: {
      keys: ['enable_model_cpu_offload'],
      write: [{ value: true, code: 'pipe.enable_model_cpu_offload()' }],
    },
    sequential_offload: {
      keys: ['enable_sequential_cpu_offload'],
      write: [{ value: true, code: 'pipe.enable_sequential_cpu_offload()' }],
    },
    weights_dtype: {
      keys: ['torch_dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        bf16: 'bf16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        fp16: 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
        fp32: 'fp32',
      },
      write: [
        {
          value: 'bf16',
          code: 'DiffusionPipeline.from_pretrained(path, torch_dtype=torch.bfloat16)',
        },
      ],
    },
    quantization: {
      write: [
        {
          value: '4bit',
          code: 'PipelineQuantizationConfig(quant_backend="bitsandbytes_4bit", components_to_quantize=["transformer", "text_encoder_2"])',
        },
      ],
    },
    resolution: {
      keys: ['height', 'width'],
      write: [{ code: 'pipe(prompt, height={value}, width={value})' }],
    },
  },
};
