import type { Dialect } from '../dialect.ts';
import { ATTENTION, DTYPES, HF_OPTIMIZERS } from '../words.ts';

const TEXTS = {
  en: {
    title: 'Hugging Face Transformers',
    summary: 'The Trainer with TrainingArguments, from_pretrained and generate.',
  },
  zh: {
    title: 'Hugging Face Transformers',
    summary: 'Trainer 与 TrainingArguments、from_pretrained、generate。',
  },
  ru: {
    title: 'Hugging Face Transformers',
    summary: 'Trainer с TrainingArguments, from_pretrained и generate.',
  },
} as const;

const ARGUMENTS = 'transformers/training_args.py';

export const transformers: Dialect = {
  id: 'transformers',
  code: 'UN802',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'transformers@4.30.2, 4.34 to 4.39, 4.44 to 4.46, 4.49, 4.50, 4.55 to 4.57, 5.0, 5.2, 5.9 to 5.12, 5.15 to 5.18: training_args.py, modeling_utils.py',
    'https://huggingface.co/docs/transformers/main_classes/trainer',
  ],
  name: 'Transformers',
  package: 'transformers',
  frameworks: ['transformers'],
  rests_on: ['accelerate', 'pytorch'],
  settings: {
    batch_finder: {
      keys: ['auto_find_batch_size'],
      write: [{ value: true, code: 'TrainingArguments(auto_find_batch_size=True)' }],
      defaults: [{ value: false, source: 'transformers@4.57.0:src/transformers/training_args.py' }],
    },
    micro_batch: {
      keys: ['per_device_train_batch_size', 'per_gpu_train_batch_size'],
      write: [{ code: 'TrainingArguments(per_device_train_batch_size={value})' }],
      defaults: [
        { only: 'stated', value: 8, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` },
      ],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'TrainingArguments(gradient_accumulation_steps={value})' }],
      defaults: [
        { only: 'stated', value: 1, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` },
      ],
    },
    sequence_length: {
      keys: ['model_max_length', 'max_source_length', 'max_seq_length', 'block_size'],
      write: [{ code: 'tokenizer(texts, truncation=True, max_length={value})' }],
    },
    length_grouping: {
      keys: ['group_by_length', 'train_sampling_strategy'],
      values: { true: true, false: false, group_by_length: true, random: false, sequential: false },
      write: [
        {
          value: true,
          from: '5.2',
          code: 'TrainingArguments(train_sampling_strategy="group_by_length")',
        },
        { value: true, code: 'TrainingArguments(group_by_length=True)' },
      ],
      defaults: [
        {
          value: false,
          source: `transformers@5.18.0:${ARGUMENTS} (train_sampling_strategy "random"; group_by_length False in 5.0.0)`,
        },
      ],
    },
    checkpointing: {
      keys: ['gradient_checkpointing', 'gradient_checkpointing_enable'],
      write: [
        { value: true, from: '5.0', code: 'TrainingArguments(gradient_checkpointing=True)' },
        {
          value: true,
          from: '4.35',
          code: 'TrainingArguments(gradient_checkpointing=True, gradient_checkpointing_kwargs={"use_reentrant": False})',
        },
        { value: true, code: 'TrainingArguments(gradient_checkpointing=True)' },
        // In a loop of one's own.
        { value: true, code: 'model.gradient_checkpointing_enable()' },
      ],
      defaults: [{ value: false, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` }],
    },
    activation_offload: {
      write: [
        {
          value: true,
          from: '5.17',
          code: 'TrainingArguments(gradient_checkpointing=True, gradient_checkpointing_kwargs={"offload": True})',
        },
      ],
      defaults: [
        {
          value: false,
          source:
            'transformers@5.18.0:transformers/modeling_utils.py (gradient_checkpointing_enable)',
        },
      ],
    },
    compute_precision: {
      flags: { bf16: 'bf16', fp16: 'fp16' },
      write: [
        { value: 'bf16', code: 'TrainingArguments(bf16=True)' },
        { value: 'fp16', code: 'TrainingArguments(fp16=True)' },
      ],
      defaults: [
        {
          value: 'fp32',
          source: `transformers@5.18.0:${ARGUMENTS} (bf16, fp16 False; also in 4.30.2)`,
        },
      ],
    },
    fused_loss: {
      flags: { use_liger_kernel: true, use_liger: true },
      write: [{ value: true, from: '4.45', code: 'TrainingArguments(use_liger_kernel=True)' }],
      defaults: [{ value: false, source: `transformers@5.18.0:${ARGUMENTS} (use_liger_kernel)` }],
    },
    attention: {
      keys: ['attn_implementation'],
      values: ATTENTION,
      write: [
        {
          value: 'flash',
          from: '4.36',
          code: 'AutoModelForCausalLM.from_pretrained(name, attn_implementation="flash_attention_2")',
        },
        {
          value: 'sdpa',
          from: '4.36',
          code: 'AutoModelForCausalLM.from_pretrained(name, attn_implementation="sdpa")',
        },
      ],
    },
    static_cache: {
      keys: ['cache_implementation'],
      values: { static: true, dynamic: false },
    },
    generation_cache: {
      keys: ['use_cache'],
      write: [{ value: false, code: 'model.config.use_cache = False' }],
      defaults: [
        {
          from: '5.0',
          value: false,
          source: `transformers@5.0.0:${ARGUMENTS} (use_cache of the Trainer)`,
        },
      ],
    },
    hidden_states: {
      keys: ['output_hidden_states'],
      write: [{ value: false, code: 'model.config.output_hidden_states = False' }],
    },
    compiled: {
      keys: ['torch_compile'],
      write: [{ value: true, from: '4.27', code: 'TrainingArguments(torch_compile=True)' }],
      defaults: [{ value: false, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` }],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: DTYPES,
      write: [
        {
          value: 'bf16',
          from: '4.56',
          code: 'AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16)',
        },
        {
          value: 'bf16',
          code: 'AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16)',
        },
        {
          value: 'fp16',
          from: '4.56',
          code: 'AutoModelForCausalLM.from_pretrained(name, dtype=torch.float16)',
        },
        {
          value: 'fp16',
          code: 'AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.float16)',
        },
      ],
      // From 5.0 on it is what the checkpoint was saved in, which the text need not show.
      defaults: [
        {
          to: '4.99',
          value: 'fp32',
          source:
            'transformers@4.57.1:transformers/modeling_utils.py (dtype None: torch.get_default_dtype(); "auto" since 5.0.0)',
        },
      ],
    },
    double_quantization: {
      keys: ['bnb_4bit_use_double_quant'],
      write: [{ value: true, code: 'BitsAndBytesConfig(bnb_4bit_use_double_quant=True)' }],
    },
    quantization: {
      flags: { load_in_4bit: '4bit', load_in_8bit: '8bit' },
      write: [
        {
          value: '4bit',
          from: '4.30',
          code: 'from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16))',
        },
        {
          value: '8bit',
          code: 'from_pretrained(name, quantization_config=BitsAndBytesConfig(load_in_8bit=True))',
        },
      ],
    },
    optimizer: {
      keys: ['optim'],
      values: HF_OPTIMIZERS,
      write: [
        {
          value: 'adamw-fused',
          code: 'TrainingArguments(optim="adamw_torch_fused")',
        },
        { value: 'adamw-8bit', code: 'TrainingArguments(optim="adamw_bnb_8bit")' },
        { value: 'adamw-paged', code: 'TrainingArguments(optim="paged_adamw_8bit")' },
        { value: 'adafactor', code: 'TrainingArguments(optim="adafactor")' },
        { value: 'lion', code: 'TrainingArguments(optim="lion_8bit")' },
        { value: 'sgd', code: 'TrainingArguments(optim="sgd")' },
        {
          value: 'galore',
          from: '4.39',
          code: 'TrainingArguments(optim="galore_adamw", optim_target_modules=["attn", "mlp"])',
        },
      ],
      defaults: [
        {
          only: 'stated',
          value: 'adamw-fused',
          source: `transformers@5.18.0:${ARGUMENTS} (default_optim with torch 2.8 or later)`,
        },
      ],
    },
    sharding: {
      keys: ['fsdp'],
      values: {
        full_shard: 'full',
        'full_shard auto_wrap': 'full',
        'full_shard auto_wrap offload': 'full',
        'full_shard offload auto_wrap': 'full',
        shard_grad_op: 'gradients',
        'shard_grad_op auto_wrap': 'gradients',
        no_shard: 'none',
      },
      write: [
        {
          value: 'full',
          from: '5.10',
          code: 'TrainingArguments(fsdp=True, fsdp_config={"version": 2})',
        },
        {
          value: 'full',
          code: 'TrainingArguments(fsdp="full_shard auto_wrap")',
        },
      ],
    },
    reshard: {
      write: [
        {
          value: true,
          from: '5.10',
          code: 'TrainingArguments(fsdp_config={"reshard_after_forward": True})',
        },
      ],
    },
    communication_bucket: {
      keys: ['ddp_bucket_cap_mb'],
      write: [{ code: 'TrainingArguments(ddp_bucket_cap_mb={value})  # MiB, not elements' }],
    },
    tensor_parallel: {
      write: [
        {
          from: '4.49',
          code: 'from_pretrained(name, tp_plan="auto")  # torchrun --nproc-per-node {value}',
        },
      ],
    },
    spread: {
      keys: ['device_map'],
      values: { auto: true, balanced: true, sequential: true, balanced_low_0: true },
      write: [{ value: true, code: 'from_pretrained(name, device_map="auto")' }],
    },
    evaluates: {
      keys: ['eval_strategy', 'evaluation_strategy', 'do_eval'],
      values: { steps: true, epoch: true, no: false },
      defaults: [
        {
          only: 'stated',
          value: false,
          source: `transformers@5.18.0:${ARGUMENTS} (eval_strategy)`,
        },
      ],
    },
    eval_batch: {
      keys: ['per_device_eval_batch_size', 'per_gpu_eval_batch_size'],
      write: [{ code: 'TrainingArguments(per_device_eval_batch_size={value})' }],
      defaults: [
        { only: 'stated', value: 8, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` },
      ],
    },
    eval_outputs_to_host: {
      keys: ['eval_accumulation_steps'],
      values: {
        '1': true,
        '2': true,
        '4': true,
        '5': true,
        '8': true,
        '10': true,
        '16': true,
        '20': true,
        '32': true,
        '50': true,
        '100': true,
        none: false,
        null: false,
      },
      write: [{ value: true, code: 'TrainingArguments(eval_accumulation_steps=8)' }],
      defaults: [
        { value: false, source: `transformers@5.18.0:${ARGUMENTS} (eval_accumulation_steps None)` },
      ],
    },
    eval_loss_only: {
      keys: ['prediction_loss_only'],
      write: [{ value: true, code: 'TrainingArguments(prediction_loss_only=True)' }],
      defaults: [
        { value: false, source: `transformers@5.18.0:${ARGUMENTS} (prediction_loss_only)` },
      ],
    },
    workers: {
      keys: ['dataloader_num_workers'],
      write: [{ code: 'TrainingArguments(dataloader_num_workers={value})' }],
    },
    prefetch: {
      keys: ['dataloader_prefetch_factor'],
      write: [{ from: '4.38', code: 'TrainingArguments(dataloader_prefetch_factor={value})' }],
    },
    pinned: {
      keys: ['dataloader_pin_memory'],
      write: [
        { value: false, code: 'TrainingArguments(dataloader_pin_memory=False)' },
        { value: true, code: 'TrainingArguments(dataloader_pin_memory=True)' },
      ],
      defaults: [{ value: true, source: `transformers@5.18.0:${ARGUMENTS} (also in 4.30.2)` }],
    },
    kv_dtype: {
      write: [
        {
          value: 'q4',
          from: '4.57',
          code: 'model.generate(..., cache_implementation="quantized", cache_config={"backend": "quanto", "nbits": 4})',
        },
      ],
    },
    new_tokens: {
      keys: ['max_new_tokens'],
      write: [{ code: 'model.generate(..., max_new_tokens={value})' }],
    },
    beams: {
      keys: ['num_beams'],
      write: [{ code: 'model.generate(..., num_beams={value})' }],
      defaults: [
        {
          value: 1,
          source:
            'transformers@4.57.1:transformers/generation/configuration_utils.py (None, taken as 1, in 5.0.0)',
        },
      ],
    },
  },
};
