import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'axolotl',
    summary: 'axolotl’s YAML.',
  },
  zh: {
    title: 'axolotl',
    summary: 'axolotl 的 YAML。',
  },
  ru: {
    title: 'axolotl',
    summary: 'YAML axolotl.',
  },
} as const;

export const axolotl: Dialect = {
  id: 'axolotl',
  code: 'UN808',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from axolotl’s configuration reference'],
  name: 'axolotl',
  package: 'axolotl',
  frameworks: ['axolotl'],
  rests_on: ['trl', 'transformers', 'accelerate', 'pytorch'],
  settings: {
    micro_batch: { keys: ['micro_batch_size'], write: [{ code: 'micro_batch_size: {value}' }] },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'gradient_accumulation_steps: {value}' }],
    },
    sequence_length: { keys: ['sequence_len'], write: [{ code: 'sequence_len: {value}' }] },
    checkpointing: {
      keys: ['gradient_checkpointing'],
      write: [{ value: true, code: 'gradient_checkpointing: true' }],
    },
    packing: { keys: ['sample_packing'], write: [{ value: true, code: 'sample_packing: true' }] },
    attention: {
      keys: ['flash_attention', 'sdp_attention'],
      values: { true: 'flash' },
      write: [
        { value: 'flash', code: 'flash_attention: true' },
        { value: 'sdpa', code: 'sdp_attention: true' },
      ],
    },
    fused_loss: {
      keys: ['liger_fused_linear_cross_entropy', 'cut_cross_entropy'],
      write: [
        {
          value: true,
          code: 'plugins: [axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin]',
        },
      ],
    },
    adapter: {
      keys: ['adapter'],
      values: { lora: 'lora', qlora: 'qlora' },
      write: [
        { value: 'lora', code: 'adapter: lora' },
        { value: 'qlora', code: 'adapter: qlora' },
      ],
    },
    optimizer: {
      keys: ['optimizer'],
      values: {
        adamw_torch: 'adamw',
        adamw_torch_fused: 'adamw-fused',
        adamw_bnb_8bit: 'adamw-8bit',
        adamw_8bit: 'adamw-8bit',
        paged_adamw_8bit: 'adamw-paged',
        adafactor: 'adafactor',
      },
      write: [
        { value: 'adamw-8bit', code: 'optimizer: adamw_bnb_8bit' },
        { value: 'adamw-paged', code: 'optimizer: paged_adamw_8bit' },
        { value: 'adamw-fused', code: 'optimizer: adamw_torch_fused' },
        { value: 'adafactor', code: 'optimizer: adafactor' },
      ],
    },
    sharding: {
      write: [
        { value: 'full', code: 'deepspeed: deepspeed_configs/zero3_bf16.json' },
        { value: 'gradients', code: 'deepspeed: deepspeed_configs/zero2.json' },
      ],
    },
    activation_offload: {
      keys: ['activation_offloading'],
      write: [{ value: true, code: 'activation_offloading: true' }],
    },
  },
};
