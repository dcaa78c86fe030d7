import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Diffusers',
    summary:
      'Pipelines for images and video: methods of the pipeline and of its VAE, called once after loading.',
  },
  zh: {
    title: 'Diffusers',
    summary: '图像与视频 pipeline：加载后调用一次 pipeline 及其 VAE 的方法。',
  },
  ru: {
    title: 'Diffusers',
    summary:
      'Пайплайны для изображений и видео: методы пайплайна и его VAE, вызванные один раз после загрузки.',
  },
} as const;

const PIPELINE = 'diffusers@0.42.1:diffusers/pipelines/pipeline_utils.py';
const VAE = 'diffusers@0.42.1:diffusers/models/autoencoders/vae.py';

export const diffusers: Dialect = {
  id: 'diffusers',
  code: 'UN825',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [PIPELINE, VAE, 'diffusers@0.42.1:diffusers/models/modeling_utils.py'],
  name: 'Diffusers',
  package: 'diffusers',
  frameworks: ['diffusers'],
  rests_on: ['accelerate', 'pytorch'],
  settings: {
    vae_tiling: {
      // The pipeline's own method is gone in 0.40; the VAE's works in all versions.
      keys: ['enable_tiling', 'enable_vae_tiling'],
      write: [{ value: true, code: 'pipe.vae.enable_tiling()' }],
      defaults: [{ value: false, source: VAE }],
    },
    vae_slicing: {
      keys: ['enable_slicing', 'enable_vae_slicing'],
      write: [{ value: true, code: 'pipe.vae.enable_slicing()' }],
      defaults: [{ value: false, source: VAE }],
    },
    attention_slicing: {
      keys: ['enable_attention_slicing'],
      write: [{ value: true, code: 'pipe.enable_attention_slicing()' }],
      defaults: [{ value: false, source: PIPELINE }],
    },
    model_offload: {
      keys: ['enable_model_cpu_offload'],
      write: [{ value: true, code: 'pipe.enable_model_cpu_offload()' }],
      defaults: [{ value: false, source: PIPELINE }],
    },
    sequential_offload: {
      keys: ['enable_sequential_cpu_offload', 'enable_group_offload'],
      write: [{ value: true, code: 'pipe.enable_sequential_cpu_offload()' }],
      defaults: [{ value: false, source: PIPELINE }],
    },
    attention: {
      write: [
        { value: 'sdpa', code: 'pipe.unet.set_attn_processor(AttnProcessor2_0())  # PyTorch 2' },
      ],
      defaults: [
        {
          from: '0.31.0',
          value: 'sdpa',
          source: 'diffusers@0.31.0:diffusers/models/attention_processor.py (AttnProcessor2_0)',
        },
      ],
    },
    quantization: {
      keys: ['enable_layerwise_casting'],
      values: { true: '8bit' },
      write: [
        {
          value: '8bit',
          from: '0.33.0',
          code: 'pipe.transformer.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16)',
        },
        {
          value: '4bit',
          from: '0.34.0',
          code: 'from_pretrained(..., quantization_config=PipelineQuantizationConfig(quant_backend="bitsandbytes_4bit", quant_kwargs={"load_in_4bit": True}))',
        },
      ],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
      },
      write: [
        { value: 'bf16', code: 'from_pretrained(..., torch_dtype=torch.bfloat16)' },
        { value: 'fp16', code: 'from_pretrained(..., torch_dtype=torch.float16)' },
      ],
      defaults: [
        {
          value: 'fp32',
          source:
            'diffusers@0.31.0:diffusers/models/model_loading_utils.py, 0.42.1:modeling_utils.py',
        },
      ],
    },
    spread: {
      write: [{ value: true, code: 'from_pretrained(..., device_map="balanced")' }],
    },
    micro_batch: {
      keys: ['num_images_per_prompt', 'train_batch_size'],
      write: [{ code: 'num_images_per_prompt={value}' }],
    },
    resolution: {
      keys: ['resolution'],
      write: [{ code: 'pipe(..., height={value}, width={value})' }],
    },
    accumulation_steps: { keys: ['gradient_accumulation_steps'] },
    compute_precision: {
      keys: ['mixed_precision'],
      values: { bf16: 'bf16', fp16: 'fp16', no: 'fp32' },
    },
    latents_cached: {
      keys: ['cache_latents', 'precompute_conditions'],
      write: [{ value: true, code: '--cache_latents' }],
    },
    adapter_rank: { keys: ['rank'] },
    optimizer: {
      keys: ['use_8bit_adam'],
      values: { true: 'adamw-8bit' },
      write: [{ value: 'adamw-8bit', code: '--use_8bit_adam' }],
    },
    ema: { keys: ['use_ema'] },
    checkpointing: {
      keys: ['gradient_checkpointing', 'enable_gradient_checkpointing'],
      write: [{ value: true, code: 'unet.enable_gradient_checkpointing()' }],
    },
  },
};
