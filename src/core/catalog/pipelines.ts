/**
 * Popular pipelines of diffusers, for plans without the network: the fields of the configs of their parts that readers
 * ask for. Each part names the file that was read for it; published counts are of the denoiser, and a test counts again.
 */

type Config = Readonly<Record<string, unknown>>;

/** A part with the file that its config was read from: package@version:path or repository@commit:path. */
export interface CatalogPart {
  readonly config: Config;
  readonly source: string;
}

export interface CatalogPipeline {
  /** Names on the hub that have these configs, `org/name`. */
  readonly ids: readonly string[];
  /** Class of the pipeline. */
  readonly class: string;
  /** By the name of the part: `unet`, `text_encoder_2`. */
  readonly parts: Readonly<Record<string, CatalogPart>>;
  /** Parameters of the denoiser as published, with where. */
  readonly parameters?: number;
  readonly parameters_source?: string;
}

const DIFFUSERS = 'diffusers@0.42.1';
const SCRIPTS = 'huggingface/diffusers';

const clipL: CatalogPart = {
  config: {
    architectures: ['CLIPTextModel'],
    model_type: 'clip_text_model',
    hidden_size: 768,
    intermediate_size: 3072,
    num_attention_heads: 12,
    num_hidden_layers: 12,
    max_position_embeddings: 77,
    projection_dim: 768,
    vocab_size: 49408,
    torch_dtype: 'float16',
  },
  source:
    'PRITHIVSAKTHIUR/AI-Art-Generator-SDXL@a04712fe9b65454f2e625e522f1d0b43e2ff76bc:text_encoder/config.json',
};

const withProjection = (part: CatalogPart): CatalogPart => ({
  ...part,
  config: { ...part.config, architectures: ['CLIPTextModelWithProjection'] },
});

const clipG: CatalogPart = {
  config: {
    ...clipL.config,
    architectures: ['CLIPTextModelWithProjection'],
    hidden_size: 1280,
    intermediate_size: 5120,
    num_attention_heads: 20,
    num_hidden_layers: 32,
    projection_dim: 1280,
  },
  source:
    'PRITHIVSAKTHIUR/AI-Art-Generator-SDXL@a04712fe9b65454f2e625e522f1d0b43e2ff76bc:text_encoder_2/config.json',
};

const t5Xxl: CatalogPart = {
  config: {
    architectures: ['T5EncoderModel'],
    model_type: 't5',
    d_model: 4096,
    d_kv: 64,
    d_ff: 10240,
    num_heads: 64,
    num_layers: 24,
    num_decoder_layers: 24,
    relative_attention_num_buckets: 32,
    feed_forward_proj: 'gated-gelu',
    is_gated_act: true,
    dense_act_fn: 'gelu_new',
    tie_word_embeddings: false,
    vocab_size: 32128,
  },
  source:
    'edkamesh/FluX-optimized@2557da90a2147f9d653d27d67d19f683d7f180b3:text_encoder_2/config.json',
};

const kl = (
  latent_channels: number,
  sample_size: number,
  more: Config,
  source: string,
): CatalogPart => ({
  config: {
    _class_name: 'AutoencoderKL',
    block_out_channels: [128, 256, 512, 512],
    in_channels: 3,
    latent_channels,
    layers_per_block: 2,
    norm_num_groups: 32,
    sample_size,
    ...more,
  },
  source,
});

const klSdxl = kl(
  4,
  1024,
  { force_upcast: true },
  'PRITHIVSAKTHIUR/AI-Art-Generator-SDXL@a04712fe9b65454f2e625e522f1d0b43e2ff76bc:vae/config.json',
);

/** Sixteen channels, without the convolutions around the latents (SD 3, Flux). */
const kl16 = kl(
  16,
  1024,
  { force_upcast: true, use_quant_conv: false, use_post_quant_conv: false },
  'edkamesh/FluX-optimized@2557da90a2147f9d653d27d67d19f683d7f180b3:vae/config.json',
);

const kl32: CatalogPart = {
  config: { ...kl(32, 1024, {}, '').config, _class_name: 'AutoencoderKLFlux2', patch_size: [2, 2] },
  source: `${DIFFUSERS}:models/autoencoders/autoencoder_kl_flux2.py (defaults of the class)`,
};

const ATTENDING = ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'];
const sdUnet = (cross_attention_dim: number, more: Config, source: string): CatalogPart => ({
  config: {
    _class_name: 'UNet2DConditionModel',
    block_out_channels: [320, 640, 1280, 1280],
    cross_attention_dim,
    down_block_types: [...ATTENDING, 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    in_channels: 4,
    out_channels: 4,
    layers_per_block: 2,
    attention_head_dim: 8,
    sample_size: 64,
    ...more,
  },
  source,
});

const sdxlUnet: CatalogPart = {
  config: {
    _class_name: 'UNet2DConditionModel',
    addition_embed_type: 'text_time',
    attention_head_dim: [5, 10, 20],
    block_out_channels: [320, 640, 1280],
    cross_attention_dim: 2048,
    down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
    in_channels: 4,
    out_channels: 4,
    layers_per_block: 2,
    projection_class_embeddings_input_dim: 2816,
    sample_size: 128,
    transformer_layers_per_block: [1, 2, 10],
    use_linear_projection: true,
  },
  source:
    'PRITHIVSAKTHIUR/AI-Art-Generator-SDXL@a04712fe9b65454f2e625e522f1d0b43e2ff76bc:unet/config.json',
};

const sd3 = (layers: number, more: Config = {}): CatalogPart => ({
  config: {
    _class_name: 'SD3Transformer2DModel',
    sample_size: 128,
    patch_size: 2,
    in_channels: 16,
    out_channels: 16,
    num_layers: layers,
    num_attention_heads: layers,
    attention_head_dim: 64,
    joint_attention_dim: 4096,
    caption_projection_dim: 64 * layers,
    pooled_projection_dim: 2048,
    pos_embed_max_size: 192,
    ...more,
  },
  source: `${SCRIPTS}@3ab805a658e88d89b8b43bd536d430acd17414eb:scripts/convert_sd3_to_diffusers.py`,
});

const SD3_ENCODERS = {
  text_encoder: withProjection(clipL),
  text_encoder_2: clipG,
  text_encoder_3: t5Xxl,
};

const flux = (guidance_embeds: boolean): CatalogPart => ({
  config: {
    _class_name: 'FluxTransformer2DModel',
    attention_head_dim: 128,
    guidance_embeds,
    in_channels: 64,
    joint_attention_dim: 4096,
    num_attention_heads: 24,
    num_layers: 19,
    num_single_layers: 38,
    patch_size: 1,
    pooled_projection_dim: 768,
  },
  source:
    'edkamesh/FluX-optimized@2557da90a2147f9d653d27d67d19f683d7f180b3:transformer/config.json',
});

const flux2 = (more: Config): CatalogPart => ({
  config: {
    _class_name: 'Flux2Transformer2DModel',
    attention_head_dim: 128,
    in_channels: 128,
    mlp_ratio: 3,
    patch_size: 1,
    timestep_guidance_channels: 256,
    guidance_embeds: false,
    ...more,
  },
  source: `${SCRIPTS}@207bae7a5e772ce97e6a446cdf16fba5b9acca24:scripts/convert_flux2_to_diffusers.py`,
});

const qwen3 = (hidden_size: number, intermediate_size: number, tied: boolean): CatalogPart => ({
  config: {
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    head_dim: 128,
    hidden_size,
    intermediate_size,
    num_attention_heads: 32,
    num_hidden_layers: 36,
    num_key_value_heads: 8,
    max_position_embeddings: 40960,
    tie_word_embeddings: tied,
    vocab_size: 151936,
    torch_dtype: 'bfloat16',
  },
  source: 'llmfit@1.1.17:hf_models.json',
});

const pixart: CatalogPart = {
  config: {
    _class_name: 'PixArtTransformer2DModel',
    attention_head_dim: 72,
    caption_channels: 4096,
    cross_attention_dim: 1152,
    in_channels: 4,
    out_channels: 8,
    num_attention_heads: 16,
    num_layers: 28,
    patch_size: 2,
    sample_size: 128,
    use_additional_conditions: false,
  },
  source: `${SCRIPTS}@1732580b4986875a2b479d7dae69b14520963c11:scripts/convert_pixart_sigma_to_diffusers.py`,
};

const ltx: CatalogPart = {
  config: {
    _class_name: 'LTXVideoTransformer3DModel',
    attention_head_dim: 64,
    caption_channels: 4096,
    cross_attention_dim: 2048,
    in_channels: 128,
    out_channels: 128,
    num_attention_heads: 32,
    num_layers: 28,
  },
  source: `${DIFFUSERS}:models/transformers/transformer_ltx.py (defaults of the class)`,
};

const cogvideox = (more: Config): CatalogPart => ({
  config: {
    _class_name: 'CogVideoXTransformer3DModel',
    attention_head_dim: 64,
    in_channels: 16,
    out_channels: 16,
    max_text_seq_length: 226,
    num_attention_heads: 30,
    num_layers: 30,
    patch_size: 2,
    sample_frames: 49,
    sample_height: 60,
    sample_width: 90,
    temporal_compression_ratio: 4,
    text_embed_dim: 4096,
    time_embed_dim: 512,
    use_rotary_positional_embeddings: false,
    ...more,
  },
  source: `${DIFFUSERS}:models/transformers/cogvideox_transformer_3d.py (defaults of the class; layers, heads and rotary embedding of 5b: huggingface/diffusers@01337da7633c4c663e76e75550e6f9d94fa7dc97:scripts/convert_cogvideox_to_diffusers.py)`,
});

const WAN_SCRIPT = `${SCRIPTS}@0122271c4138fc3cf624e4d023e3a6bb76a30a71:scripts/convert_wan_to_diffusers.py`;

const wan = (more: Config): CatalogPart => ({
  config: {
    _class_name: 'WanTransformer3DModel',
    attention_head_dim: 128,
    cross_attn_norm: true,
    ffn_dim: 13824,
    freq_dim: 256,
    in_channels: 16,
    num_attention_heads: 40,
    num_layers: 40,
    out_channels: 16,
    patch_size: [1, 2, 2],
    text_dim: 4096,
    ...more,
  },
  source: WAN_SCRIPT,
});

const umt5Xxl: CatalogPart = {
  config: {
    architectures: ['UMT5EncoderModel'],
    model_type: 'umt5',
    d_ff: 10240,
    d_kv: 64,
    d_model: 4096,
    feed_forward_proj: 'gated-gelu',
    num_heads: 64,
    num_layers: 24,
    relative_attention_num_buckets: 32,
    tie_word_embeddings: false,
    vocab_size: 256384,
    torch_dtype: 'bfloat16',
  },
  source: `${WAN_SCRIPT} (UMT5EncoderModel); dimensions of google/umt5-xxl recalled`,
};

const qwen25Vl: CatalogPart = {
  config: {
    architectures: ['Qwen2_5_VLForConditionalGeneration'],
    model_type: 'qwen2_5_vl',
    hidden_size: 3584,
    intermediate_size: 18944,
    max_position_embeddings: 128000,
    num_attention_heads: 28,
    num_hidden_layers: 28,
    num_key_value_heads: 4,
    tie_word_embeddings: false,
    vision_config: {
      depth: 32,
      hidden_size: 1280,
      intermediate_size: 3420,
      num_heads: 16,
      out_hidden_size: 3584,
      patch_size: 14,
      spatial_merge_size: 2,
    },
    vocab_size: 152064,
    torch_dtype: 'bfloat16',
  },
  source: 'Qwen/Qwen2.5-VL-7B-Instruct, as the catalog of models has it (models.gen.ts)',
};

const named = (config: Config, _class_name: string): CatalogPart => ({
  config: { _class_name, ...config },
  source: `${DIFFUSERS} (defaults of the class)`,
});

const ROWS: readonly CatalogPipeline[] = [
  {
    ids: ['CompVis/stable-diffusion-v1-4'],
    class: 'StableDiffusionPipeline',
    parts: {
      unet: sdUnet(
        768,
        {},
        'wswplay/stable-diffusion-v1-4@295cccdedbd5f87458186972858dc85c7e70c10a:unet/config.json',
      ),
      vae: kl(
        4,
        512,
        {},
        'wswplay/stable-diffusion-v1-4@295cccdedbd5f87458186972858dc85c7e70c10a:vae/config.json',
      ),
      text_encoder: clipL,
    },
    parameters: 860e6,
    parameters_source: 'README of CompVis/stable-diffusion: an 860M UNet',
  },
  {
    ids: [
      'stable-diffusion-v1-5/stable-diffusion-v1-5',
      'runwayml/stable-diffusion-v1-5',
      'sd-legacy/stable-diffusion-v1-5',
    ],
    class: 'StableDiffusionPipeline',
    parts: {
      unet: sdUnet(
        768,
        {},
        'bigdataai-lab/stable-diffusion-v1-5@3beed0bcb34a3d281ce27bd8a6a1efbb68eada38:unet/config.json',
      ),
      vae: kl(
        4,
        512,
        {},
        'bigdataai-lab/stable-diffusion-v1-5@6a72b78fe7d3c8f9e9c0bb554fef5753d274f7b1:vae/config.json',
      ),
      text_encoder: clipL,
    },
    parameters: 860e6,
    parameters_source: 'README of CompVis/stable-diffusion: an 860M UNet',
  },
  {
    ids: ['stabilityai/stable-diffusion-2-1-base', 'stabilityai/stable-diffusion-2-base'],
    class: 'StableDiffusionPipeline',
    parts: {
      unet: sdUnet(
        1024,
        { attention_head_dim: [5, 10, 20, 20], use_linear_projection: true },
        'jack-op11/stable-diffusion-2-1-base@1f758383196d38df1dfe523ddb1030f2bfab7741:unet/config.json',
      ),
      vae: kl(
        4,
        512,
        {},
        'bigdataai-lab/stable-diffusion-v1-5@6a72b78fe7d3c8f9e9c0bb554fef5753d274f7b1:vae/config.json',
      ),
      text_encoder: {
        config: {
          ...clipL.config,
          hidden_size: 1024,
          intermediate_size: 4096,
          num_attention_heads: 16,
          num_hidden_layers: 23,
          projection_dim: 512,
        },
        source:
          'jack-op11/stable-diffusion-2-1-base@1f758383196d38df1dfe523ddb1030f2bfab7741:text_encoder/config.json',
      },
    },
  },
  {
    ids: ['stabilityai/stable-diffusion-xl-base-1.0', 'stabilityai/sdxl-turbo'],
    class: 'StableDiffusionXLPipeline',
    parts: { unet: sdxlUnet, vae: klSdxl, text_encoder: clipL, text_encoder_2: clipG },
    parameters: 2.567e9,
    parameters_source: 'huggingface/diffusers:benchmarks: 2.567 B',
  },
  {
    ids: [
      'stabilityai/stable-diffusion-3-medium-diffusers',
      'stabilityai/stable-diffusion-3-medium',
    ],
    class: 'StableDiffusion3Pipeline',
    parts: { transformer: sd3(24), vae: kl16, ...SD3_ENCODERS },
    parameters: 2.028e9,
    parameters_source: 'huggingface/blog:quanto-diffusers.md: 2.028 B',
  },
  {
    ids: ['stabilityai/stable-diffusion-3.5-medium'],
    class: 'StableDiffusion3Pipeline',
    parts: {
      transformer: sd3(24, {
        pos_embed_max_size: 384,
        qk_norm: 'rms_norm',
        dual_attention_layers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      }),
      vae: kl16,
      ...SD3_ENCODERS,
    },
  },
  {
    ids: ['stabilityai/stable-diffusion-3.5-large', 'stabilityai/stable-diffusion-3.5-large-turbo'],
    class: 'StableDiffusion3Pipeline',
    parts: { transformer: sd3(38, { qk_norm: 'rms_norm' }), vae: kl16, ...SD3_ENCODERS },
  },
  {
    ids: ['black-forest-labs/FLUX.1-dev'],
    class: 'FluxPipeline',
    parts: { transformer: flux(true), vae: kl16, text_encoder: clipL, text_encoder_2: t5Xxl },
    parameters: 11.9e9,
    parameters_source: 'huggingface/diffusers:benchmarks: 11.90 B',
  },
  {
    ids: ['black-forest-labs/FLUX.1-schnell'],
    class: 'FluxPipeline',
    parts: { transformer: flux(false), vae: kl16, text_encoder: clipL, text_encoder_2: t5Xxl },
  },
  {
    ids: ['black-forest-labs/FLUX.2-klein-base-4B', 'black-forest-labs/FLUX.2-klein-4B'],
    class: 'Flux2KleinPipeline',
    parts: {
      transformer: flux2({
        num_layers: 5,
        num_single_layers: 20,
        num_attention_heads: 24,
        joint_attention_dim: 7680,
      }),
      vae: kl32,
      text_encoder: qwen3(2560, 9728, true),
    },
    parameters: 3.876e9,
    parameters_source: 'huggingface/peft:method_comparison/image-gen/results: 3.876 B',
  },
  {
    ids: ['black-forest-labs/FLUX.2-klein-base-9B', 'black-forest-labs/FLUX.2-klein-9B'],
    class: 'Flux2KleinPipeline',
    parts: {
      transformer: flux2({
        num_layers: 8,
        num_single_layers: 24,
        num_attention_heads: 32,
        joint_attention_dim: 12288,
      }),
      vae: kl32,
      text_encoder: qwen3(4096, 12288, false),
    },
  },
  {
    ids: ['PixArt-alpha/PixArt-Sigma-XL-2-1024-MS'],
    class: 'PixArtSigmaPipeline',
    parts: { transformer: pixart, vae: klSdxl, text_encoder: t5Xxl },
    parameters: 0.611e9,
    parameters_source: 'huggingface/blog:quanto-diffusers.md: 0.611 B',
  },
  {
    ids: ['Lightricks/LTX-Video', 'a-r-r-o-w/LTX-Video-diffusers'],
    class: 'LTXPipeline',
    parts: { transformer: ltx, vae: named({}, 'AutoencoderKLLTXVideo'), text_encoder: t5Xxl },
    parameters: 1923385472,
    parameters_source: 'a-r-r-o-w/finetrainers:docs/training/ltx_video.md: 1,923,385,472 trained',
  },
  {
    ids: ['Wan-AI/Wan2.1-T2V-1.3B-Diffusers'],
    class: 'WanPipeline',
    parts: {
      transformer: wan({ ffn_dim: 8960, num_attention_heads: 12, num_layers: 30 }),
      vae: named({}, 'AutoencoderKLWan'),
      text_encoder: umt5Xxl,
    },
  },
  {
    ids: ['Wan-AI/Wan2.1-T2V-14B-Diffusers'],
    class: 'WanPipeline',
    parts: {
      transformer: wan({}),
      vae: named({}, 'AutoencoderKLWan'),
      text_encoder: umt5Xxl,
    },
  },
  {
    ids: ['Qwen/Qwen-Image'],
    class: 'QwenImagePipeline',
    parts: {
      transformer: named({}, 'QwenImageTransformer2DModel'),
      vae: named({}, 'AutoencoderKLQwenImage'),
      text_encoder: qwen25Vl,
    },
  },
  {
    ids: ['THUDM/CogVideoX-2b', 'zai-org/CogVideoX-2b'],
    class: 'CogVideoXPipeline',
    parts: {
      transformer: cogvideox({}),
      vae: named({}, 'AutoencoderKLCogVideoX'),
      text_encoder: t5Xxl,
    },
  },
  {
    ids: ['THUDM/CogVideoX-5b', 'zai-org/CogVideoX-5b'],
    class: 'CogVideoXPipeline',
    parts: {
      transformer: cogvideox({
        num_attention_heads: 48,
        num_layers: 42,
        use_rotary_positional_embeddings: true,
      }),
      vae: named({}, 'AutoencoderKLCogVideoX'),
      text_encoder: t5Xxl,
    },
    parameters: 5.57e9,
    parameters_source: 'a-r-r-o-w/finetrainers:docs/training/cogvideox.md: 5.57 B',
  },
];

export const catalogPipelines = (): readonly CatalogPipeline[] => ROWS;

const plainName = (name: string): string => name.trim().toLowerCase().split('/').at(-1) ?? '';

/** A pipeline by its name on the hub, with or without the organisation, in any case. */
export const findCatalogPipeline = (name: string): CatalogPipeline | undefined =>
  ROWS.find(({ ids }) => ids.some((id) => id.toLowerCase() === name.trim().toLowerCase())) ??
  ROWS.find(({ ids }) => ids.some((id) => plainName(id) === plainName(name)));

/** The row as files of a checkpoint: `model_index.json` and the configs of the parts. */
export function pipelineFiles({
  class: name,
  parts,
}: CatalogPipeline): ReadonlyMap<string, unknown> {
  const index: Record<string, unknown> = { _class_name: name };
  const files = new Map<string, unknown>();
  for (const [part, { config }] of Object.entries(parts)) {
    const { _class_name: type, architectures } = config;
    const [first] = Array.isArray(architectures) ? architectures : [];
    index[part] = type === undefined ? ['transformers', first] : ['diffusers', type];
    files.set(`${part}/config.json`, config);
  }
  return files.set('model_index.json', index);
}
