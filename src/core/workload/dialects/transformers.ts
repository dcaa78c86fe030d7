import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Hugging Face transformers',
    summary: 'The Trainer, from_pretrained and generate of transformers.',
  },
  zh: {
    title: 'Hugging Face transformers',
    summary: 'transformers 的 Trainer、from_pretrained 和 generate。',
  },
  ru: {
    title: 'Hugging Face transformers',
    summary: 'Trainer, from_pretrained и generate из transformers.',
  },
} as const;

export const transformers: Dialect = {
  id: 'transformers',
  code: 'UN802',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'transformers@4.57.0:src/transformers/training_args.py',
    'transformers@5.3.0:src/transformers/training_args.py',
    'transformers@5.3.0:src/transformers/modeling_utils.py (dtype defaults to "auto"; use_reentrant False)',
    'transformers@4.57.0:src/transformers/modeling_utils.py (use_reentrant True)',
  ],
  name: 'Hugging Face transformers',
  package: 'transformers',
  frameworks: ['transformers'],
  rests_on: ['accelerate', 'pytorch'],
  settings: {
    micro_batch: {
      keys: ['per_device_train_batch_size'],
      write: [{ code: 'TrainingArguments(per_device_train_batch_size={value})' }],
      defaults: [{ value: 8, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    eval_batch: {
      keys: ['per_device_eval_batch_size'],
      write: [{ code: 'TrainingArguments(per_device_eval_batch_size={value})' }],
      defaults: [{ value: 8, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'TrainingArguments(gradient_accumulation_steps={value})' }],
      defaults: [{ value: 1, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    checkpointing: {
      keys: ['gradient_checkpointing'],
      write: [
        { from: '5.0', value: true, code: 'TrainingArguments(gradient_checkpointing=True)' },
        {
          value: true,
          code: 'TrainingArguments(gradient_checkpointing=True, gradient_checkpointing_kwargs={"use_reentrant": False})',
        },
      ],
      defaults: [
        {
          to: '5.999',
          value: false,
          source: 'transformers@4.57.0:src/transformers/training_args.py',
        },
      ],
    },
    compute_precision: {
      keys: ['bf16', 'fp16'],
      values: { true: 'bf16' },
      write: [{ value: 'bf16', code: 'TrainingArguments(bf16=True)' }],
    },
    optimizer: {
      keys: ['optim'],
      values: {
        adamw_torch: 'adamw',
        adamw_torch_fused: 'adamw-fused',
        adamw_bnb_8bit: 'adamw-8bit',
        adamw_8bit: 'adamw-8bit',
        paged_adamw_8bit: 'adamw-paged',
        paged_adamw_32bit: 'adamw-paged',
        adafactor: 'adafactor',
        sgd: 'sgd',
        lion_8bit: 'lion',
      },
      write: [
        { value: 'adamw-8bit', code: 'TrainingArguments(optim="adamw_bnb_8bit")' },
        { value: 'adamw-paged', code: 'TrainingArguments(optim="paged_adamw_8bit")' },
        { value: 'adamw-fused', code: 'TrainingArguments(optim="adamw_torch_fused")' },
        { value: 'adafactor', code: 'TrainingArguments(optim="adafactor")' },
      ],
    },
    fused_loss: {
      keys: ['use_liger_kernel'],
      write: [{ from: '4.45', value: true, code: 'TrainingArguments(use_liger_kernel=True)' }],
      defaults: [{ value: false, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    attention: {
      keys: ['attn_implementation', '_attn_implementation'],
      values: {
        eager: 'eager',
        sdpa: 'sdpa',
        flash_attention_2: 'flash',
        flash_attention_3: 'flash',
      },
      write: [
        { from: '4.36', value: 'sdpa', code: 'from_pretrained(path, attn_implementation="sdpa")' },
      ],
    },
    generation_cache: {
      keys: ['use_cache'],
      write: [{ value: false, code: 'model.config.use_cache = False' }],
    },
    hidden_states: {
      keys: ['output_hidden_states'],
      write: [{ value: false, code: 'model.config.output_hidden_states = False' }],
    },
    length_grouping: {
      keys: ['group_by_length', 'train_sampling_strategy'],
      values: { true: true, false: false, group_by_length: true, random: false },
      write: [
        {
          from: '5.0',
          value: true,
          code: 'TrainingArguments(train_sampling_strategy="group_by_length")',
        },
        { value: true, code: 'TrainingArguments(group_by_length=True)' },
      ],
      defaults: [{ value: false, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    compiled: {
      keys: ['torch_compile'],
      write: [{ value: true, code: 'TrainingArguments(torch_compile=True)' }],
      defaults: [{ value: false, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    eval_outputs_to_host: {
      keys: ['eval_accumulation_steps'],
      write: [
        {
          value: true,
          code: 'TrainingArguments(eval_accumulation_steps=8); Trainer(preprocess_logits_for_metrics=…)',
        },
      ],
    },
    eval_loss_only: {
      keys: ['prediction_loss_only'],
      write: [{ value: true, code: 'TrainingArguments(prediction_loss_only=True)' }],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        bf16: 'bf16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        fp16: 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
        fp32: 'fp32',
      },
      write: [
        { from: '4.56', value: 'bf16', code: 'from_pretrained(path, dtype=torch.bfloat16)' },
        { value: 'bf16', code: 'from_pretrained(path, torch_dtype=torch.bfloat16)' },
      ],
    },
    quantization: {
      keys: ['load_in_4bit', 'load_in_8bit', 'quantization_config'],
      values: { true: '4bit' },
      write: [
        {
          value: '4bit',
          code: 'from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_4bit=True))',
        },
      ],
    },
    adapter: {
      write: [
        {
          value: 'lora',
          code: 'get_peft_model(model, LoraConfig(r=16, target_modules="all-linear"))',
        },
        {
          value: 'qlora',
          code: 'from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_4bit=True)) + get_peft_model(…)',
        },
      ],
    },
    spread: {
      keys: ['device_map'],
      values: { auto: true, balanced: true },
      write: [{ value: true, code: 'from_pretrained(path, device_map="auto")' }],
    },
    model_offload: {
      write: [
        {
          value: true,
          code: 'from_pretrained(path, device_map="auto", max_memory={0: "20GiB", "cpu": "60GiB"})',
        },
      ],
    },
    workers: {
      keys: ['dataloader_num_workers'],
      write: [{ code: 'TrainingArguments(dataloader_num_workers={value})' }],
      defaults: [{ value: 0, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    prefetch: {
      keys: ['dataloader_prefetch_factor'],
      write: [{ code: 'TrainingArguments(dataloader_prefetch_factor=2)' }],
    },
    pinned: {
      keys: ['dataloader_pin_memory'],
      write: [{ value: false, code: 'TrainingArguments(dataloader_pin_memory=False)' }],
      defaults: [{ value: true, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    sharding: {
      keys: ['fsdp'],
      values: { full_shard: 'full' },
      write: [
        { value: 'full', code: 'TrainingArguments(fsdp="full_shard auto_wrap")' },
        { value: 'gradients', code: 'TrainingArguments(deepspeed="zero2.json")' },
      ],
    },
    new_tokens: {
      keys: ['max_new_tokens'],
      write: [{ code: 'model.generate(**inputs, max_new_tokens={value})' }],
    },
    beams: { keys: ['num_beams'], write: [{ code: 'model.generate(**inputs, num_beams=1)' }] },
  },
};
