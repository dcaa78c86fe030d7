import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'ComfyUI',
    summary: 'Command line and nodes of ComfyUI.',
  },
  zh: {
    title: 'ComfyUI',
    summary: 'ComfyUI 的命令行和节点。',
  },
  ru: {
    title: 'ComfyUI',
    summary: 'Командная строка и узлы ComfyUI.',
  },
} as const;

export const comfyui: Dialect = {
  id: 'comfyui',
  code: 'UN832',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from ComfyUI’s command line'],
  name: 'ComfyUI',
  package: 'comfyui',
  frameworks: ['comfyui'],
  rests_on: ['pytorch'],
  settings: {
    model_offload: {
      keys: ['lowvram'],
      write: [{ value: true, code: 'python main.py --lowvram' }],
    },
    sequential_offload: {
      keys: ['novram'],
      write: [{ value: true, code: 'python main.py --novram' }],
    },
    engine_reserve: {
      keys: ['reserve_vram'],
      write: [{ code: 'python main.py --reserve-vram 2  # GB' }],
    },
    vae_tiling: { write: [{ value: true, code: 'use the node "VAE Decode (Tiled)"' }] },
    attention: { write: [{ value: 'sdpa', code: 'python main.py --use-pytorch-cross-attention' }] },
  },
};
