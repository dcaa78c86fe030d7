import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'PEFT',
    summary: 'Adapters beside frozen weights.',
  },
  zh: {
    title: 'PEFT',
    summary: '冻结权重旁的适配器。',
  },
  ru: {
    title: 'PEFT',
    summary: 'Адаптеры рядом с замороженными весами.',
  },
} as const;

export const peft: Dialect = {
  id: 'peft',
  code: 'UN804',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['peft@0.21.2:src/peft/tuners/lora/config.py'],
  name: 'PEFT',
  package: 'peft',
  frameworks: ['peft'],
  rests_on: ['transformers', 'accelerate', 'pytorch'],
  settings: {
    adapter: {
      keys: ['peft_type'],
      values: { lora: 'lora' },
      write: [
        {
          value: 'lora',
          code: 'get_peft_model(model, LoraConfig(r=16, target_modules="all-linear"))',
        },
        {
          value: 'qlora',
          code: 'prepare_model_for_kbit_training(model); get_peft_model(model, LoraConfig(r=16))',
        },
      ],
    },
    reference_model: {
      write: [{ value: false, code: 'with model.disable_adapter(): ref_logps = …' }],
    },
  },
};
