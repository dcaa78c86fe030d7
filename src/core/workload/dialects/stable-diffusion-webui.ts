import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Stable Diffusion web UI',
    summary: 'Command line of the Stable Diffusion web UI.',
  },
  zh: {
    title: 'Stable Diffusion web UI',
    summary: 'Stable Diffusion web UI 的命令行。',
  },
  ru: {
    title: 'Stable Diffusion web UI',
    summary: 'Командная строка Stable Diffusion web UI.',
  },
} as const;

export const stableDiffusionWebui: Dialect = {
  id: 'stable-diffusion-webui',
  code: 'UN833',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from the project’s wiki'],
  name: 'Stable Diffusion web UI',
  package: 'stable-diffusion-webui',
  frameworks: ['stable-diffusion-webui'],
  rests_on: ['pytorch'],
  settings: {
    model_offload: {
      keys: ['medvram'],
      write: [{ value: true, code: 'set COMMANDLINE_ARGS=--medvram' }],
    },
    sequential_offload: {
      keys: ['lowvram'],
      write: [{ value: true, code: 'set COMMANDLINE_ARGS=--lowvram' }],
    },
    attention: {
      keys: ['xformers', 'opt_sdp_attention'],
      values: { true: 'flash' },
      write: [{ value: 'sdpa', code: 'set COMMANDLINE_ARGS=--opt-sdp-attention' }],
    },
    vae_tiling: { write: [{ value: true, code: 'extension "Tiled VAE"' }] },
  },
};
