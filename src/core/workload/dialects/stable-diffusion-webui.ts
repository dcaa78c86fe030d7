import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Stable Diffusion web UI',
    summary: 'The web UI of AUTOMATIC1111: flags in COMMANDLINE_ARGS of webui-user.',
  },
  zh: {
    title: 'Stable Diffusion web UI（网页界面）',
    summary: 'AUTOMATIC1111 的 web UI：参数写在 webui-user 的 COMMANDLINE_ARGS 中。',
  },
  ru: {
    title: 'Веб-интерфейс Stable Diffusion',
    summary: 'Веб-интерфейс AUTOMATIC1111: флаги в COMMANDLINE_ARGS файла webui-user.',
  },
} as const;

const ARGS =
  'AUTOMATIC1111/stable-diffusion-webui@04b4508a66de58c9f3a422fdcad4dd2ec3ad39ce:modules/cmd_args.py';

export const stableDiffusionWebui: Dialect = {
  id: 'stable-diffusion-webui',
  code: 'UN833',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [ARGS],
  name: 'Stable Diffusion web UI',
  package: 'stable-diffusion-webui',
  frameworks: ['stable-diffusion-webui'],
  rests_on: ['pytorch'],
  settings: {
    model_offload: {
      keys: ['medvram', 'medvram-sdxl'],
      write: [{ value: true, code: 'COMMANDLINE_ARGS="--medvram"' }],
      defaults: [{ value: false, source: ARGS }],
    },
    sequential_offload: {
      keys: ['lowvram'],
      write: [{ value: true, code: 'COMMANDLINE_ARGS="--lowvram"' }],
      defaults: [{ value: false, source: ARGS }],
    },
    attention: {
      // xFormers keeps no matrix of scores either.
      keys: ['xformers', 'force-enable-xformers', 'opt-sdp-attention', 'opt-sdp-no-mem-attention'],
      values: { true: 'sdpa' },
      write: [{ value: 'sdpa', code: 'COMMANDLINE_ARGS="--opt-sdp-attention"' }],
    },
    attention_slicing: {
      keys: ['opt-split-attention', 'opt-sub-quad-attention', 'opt-split-attention-v1'],
      write: [{ value: true, code: 'COMMANDLINE_ARGS="--opt-sub-quad-attention"' }],
    },
    micro_batch: { write: [{ code: 'Batch size: {value}  (Batch count for more)' }] },
    weights_dtype: {
      keys: ['no-half'],
      values: { true: 'fp32' },
      write: [{ value: 'fp16', code: 'COMMANDLINE_ARGS without --no-half' }],
      defaults: [{ value: 'fp16', source: `${ARGS} (help of --no-half)` }],
    },
  },
};
