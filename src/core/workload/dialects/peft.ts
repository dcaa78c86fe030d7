import { printedMethods } from '../adapter-methods.ts';
import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'PEFT', summary: 'LoRA, QLoRA and other methods with Hugging Face PEFT.' },
  zh: { title: 'PEFT', summary: '使用 Hugging Face PEFT 的 LoRA、QLoRA 及其他方法。' },
  ru: { title: 'PEFT', summary: 'LoRA, QLoRA и другие методы с Hugging Face PEFT.' },
} as const;

export const peft: Dialect = {
  id: 'peft',
  code: 'UN804',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'peft@0.10.0, 0.14.0, 0.21.2: peft_model.py, utils/other.py, tuners/lora/config.py',
    'https://huggingface.co/docs/peft',
  ],
  name: 'PEFT',
  package: 'peft',
  frameworks: ['peft'],
  rests_on: ['transformers', 'accelerate', 'pytorch'],
  settings: {
    adapter: {
      keys: ['peft_type'],
      values: { lora: 'lora', 'pefttype.lora': 'lora', ...printedMethods(() => 'other') },
      flags: { use_lora: 'lora', use_qlora: 'qlora', use_peft: 'lora' },
      write: [
        {
          value: 'lora',
          code: 'get_peft_model(model, LoraConfig(r=16, target_modules="all-linear"))',
        },
        {
          value: 'qlora',
          code: 'get_peft_model(prepare_model_for_kbit_training(model), LoraConfig(r=16, target_modules="all-linear"))  # model loaded in 4 bit',
        },
      ],
    },
    adapter_method: { keys: ['peft_type'], values: printedMethods((method) => method) },
    prompt_tokens: { keys: ['num_virtual_tokens'] },
    adapter_rank: {
      keys: ['lora_r', 'lora_rank', 'LoraConfig.r', 'get_peft_model.r', 'init_r'],
      defaults: [{ only: 'stated', value: 8, source: 'peft@0.21.2:peft/tuners/lora/config.py' }],
    },
    adapter_targets: {
      keys: ['lora_target_modules', 'LoraConfig.target_modules', 'get_peft_model.target_modules'],
    },
    adapter_whole: {
      keys: ['LoraConfig.modules_to_save', 'get_peft_model.modules_to_save'],
    },
    adapter_dropout: {
      keys: ['lora_dropout', 'LoraConfig.lora_dropout', 'get_peft_model.lora_dropout'],
      defaults: [{ only: 'stated', value: 0, source: 'peft@0.21.2:peft/tuners/lora/config.py' }],
    },
    adapter_magnitude: {
      keys: ['use_dora', 'LoraConfig.use_dora'],
      defaults: [
        { only: 'stated', value: false, source: 'peft@0.21.2:peft/tuners/lora/config.py' },
      ],
    },
    checkpointing: {
      // The frozen embedding's output needs a gradient, or reentrant checkpoints pass none on.
      write: [
        {
          value: true,
          code: 'model.enable_input_require_grads(); model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})',
        },
      ],
    },
    quantization: {
      flags: { load_in_4bit: '4bit', load_in_8bit: '8bit' },
      write: [
        {
          value: '4bit',
          code: 'from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)); prepare_model_for_kbit_training(model)',
        },
        {
          value: '8bit',
          code: 'from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_8bit=True)); prepare_model_for_kbit_training(model)',
        },
      ],
    },
  },
};
