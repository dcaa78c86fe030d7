import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'ComfyUI',
    summary: 'Flags of main.py; models leave the GPU by themselves unless told to stay.',
  },
  zh: {
    title: 'ComfyUI',
    summary: 'main.py 的启动参数；除非要求常驻，模型会自动移出显存。',
  },
  ru: {
    title: 'ComfyUI',
    summary: 'Флаги main.py; модели сами уходят с GPU, если их не держать.',
  },
} as const;

const ARGS = 'comfyanonymous/ComfyUI@005d79c828d88f60e356fe4b422a21ae8a595442:comfy/cli_args.py';

export const comfyui: Dialect = {
  id: 'comfyui',
  code: 'UN832',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [ARGS, 'assumed: the names of its nodes'],
  name: 'ComfyUI',
  package: 'comfyui',
  frameworks: ['comfyui'],
  rests_on: ['pytorch'],
  settings: {
    model_offload: {
      keys: ['highvram', 'gpu-only'],
      values: { true: false },
      write: [{ value: true, code: 'python main.py  # without --highvram and --gpu-only' }],
      defaults: [{ value: true, source: `${ARGS} (help of --highvram)` }],
    },
    sequential_offload: {
      keys: ['lowvram', 'novram'],
      write: [
        { value: true, code: 'python main.py --lowvram  # --novram where that is not enough' },
      ],
      defaults: [{ value: false, source: ARGS }],
    },
    attention: {
      keys: ['use-pytorch-cross-attention'],
      values: { true: 'sdpa' },
      write: [
        { value: 'sdpa', code: 'python main.py --use-pytorch-cross-attention' },
        { value: 'flash', code: 'python main.py --use-flash-attention' },
      ],
    },
    attention_slicing: {
      keys: ['use-split-cross-attention', 'use-quad-cross-attention'],
      write: [{ value: true, code: 'python main.py --use-split-cross-attention' }],
    },
    micro_batch: { write: [{ code: 'batch_size of the node "Empty Latent Image": {value}' }] },
    vae_tiling: {
      write: [{ value: true, code: 'node "VAE Decode (Tiled)" in the place of "VAE Decode"' }],
    },
    quantization: {
      keys: ['fp8_e4m3fn-unet', 'fp8_e5m2-unet'],
      values: { true: '8bit' },
      write: [{ value: '8bit', code: 'python main.py --fp8_e4m3fn-unet --fp8_e4m3fn-text-enc' }],
    },
    weights_dtype: {
      keys: ['bf16-unet'],
      values: { true: 'bf16' },
      write: [
        { value: 'bf16', code: 'python main.py --bf16-unet' },
        { value: 'fp16', code: 'python main.py --fp16-unet' },
      ],
    },
    // Its number is in GB, not in bytes: nothing is read from it.
    engine_reserve: {
      write: [{ code: 'python main.py --reserve-vram 2  # GB' }],
    },
  },
};
