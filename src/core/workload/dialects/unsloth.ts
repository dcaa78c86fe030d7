import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'Unsloth', summary: 'FastLanguageModel with the trainers of TRL.' },
  zh: { title: 'Unsloth', summary: 'FastLanguageModel，配合 TRL 的训练器。' },
  ru: { title: 'Unsloth', summary: 'FastLanguageModel с тренерами TRL.' },
} as const;

export const unsloth: Dialect = {
  id: 'unsloth',
  code: 'UN811',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'unsloth@2025.3.1, 2026.10.9: models/loader.py, models/llama.py, models/rl.py',
    'https://docs.unsloth.ai',
  ],
  name: 'Unsloth',
  package: 'unsloth',
  frameworks: ['unsloth'],
  rests_on: ['trl', 'transformers', 'peft', 'accelerate', 'pytorch'],
  settings: {
    sequence_length: {
      keys: ['max_seq_length'],
      write: [{ code: 'FastLanguageModel.from_pretrained(name, max_seq_length={value})' }],
    },
    checkpointing: {
      keys: ['use_gradient_checkpointing'],
      values: { true: true, false: false, unsloth: true },
      write: [
        {
          value: true,
          code: 'FastLanguageModel.get_peft_model(model, use_gradient_checkpointing="unsloth")',
        },
      ],
      defaults: [
        {
          value: true,
          source:
            'unsloth@2025.3.1:unsloth/models/llama.py (get_peft_model: True; "unsloth" in 2026.10.9)',
        },
      ],
    },
    // What "unsloth" means beyond true: checkpoints wait in host memory.
    activation_offload: {
      keys: ['use_gradient_checkpointing'],
      values: { unsloth: true, true: false, false: false },
      write: [
        {
          value: true,
          code: 'FastLanguageModel.get_peft_model(model, use_gradient_checkpointing="unsloth")',
        },
      ],
    },
    fused_loss: {
      defaults: [
        {
          from: '2026.10.9',
          value: true,
          source:
            'unsloth@2026.10.9:unsloth/models/llama.py (unsloth_fused_ce_loss, unless logits are asked for)',
        },
      ],
    },
    double_quantization: {
      defaults: [
        { value: true, source: 'unsloth@2026.10.9:unsloth/models/llama.py (BitsAndBytesConfig)' },
      ],
    },
    quantization: {
      flags: { load_in_4bit: '4bit', load_in_8bit: '8bit' },
      write: [
        { value: '4bit', code: 'FastLanguageModel.from_pretrained(name, load_in_4bit=True)' },
        {
          value: '8bit',
          from: '2026.10.9',
          code: 'FastLanguageModel.from_pretrained(name, load_in_4bit=False, load_in_8bit=True)',
        },
      ],
      defaults: [
        {
          value: '4bit',
          source:
            'unsloth@2026.10.9:unsloth/models/loader.py (load_in_4bit True; also in 2025.3.1)',
        },
      ],
    },
    weights_dtype: {
      defaults: [
        {
          value: 'bf16',
          source:
            'unsloth@2026.10.9:unsloth/models/llama.py (dtype None: bf16, or fp16 where the card has no bf16; also in 2025.3.1)',
        },
      ],
    },
    adapter: {
      write: [
        { value: 'lora', code: 'FastLanguageModel.get_peft_model(model, r=16)' },
        {
          value: 'qlora',
          code: 'FastLanguageModel.from_pretrained(name, load_in_4bit=True); FastLanguageModel.get_peft_model(model, r=16)',
        },
      ],
    },
    optimizer: {
      defaults: [
        {
          value: 'adamw-8bit',
          source:
            'unsloth@2026.10.9:unsloth/models/rl.py (optim of the patched configs; also in 2025.3.1)',
        },
      ],
    },
    eval_outputs_to_host: {
      defaults: [
        {
          value: true,
          source:
            'unsloth@2026.10.9:unsloth/models/rl.py (eval_accumulation_steps 2; also in 2025.3.1)',
        },
      ],
    },
    engine_fraction: {
      keys: ['gpu_memory_utilization'],
      write: [
        {
          code: 'FastLanguageModel.from_pretrained(name, fast_inference=True, gpu_memory_utilization={value})',
        },
      ],
    },
  },
};
