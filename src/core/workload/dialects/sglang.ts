import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'SGLang',
    summary:
      'A static pool for weights and cache, and the rest of the card for activations and graphs; most sizes follow the card.',
  },
  zh: {
    title: 'SGLang',
    summary: '权重和缓存占用静态内存池，其余显存留给激活值和 CUDA graph；多数大小随显卡而定。',
  },
  ru: {
    title: 'SGLang',
    summary:
      'Статический пул для весов и кэша, остальное — активациям и графам; большинство размеров зависит от карты.',
  },
} as const;

export const sglang: Dialect = {
  id: 'sglang',
  code: 'UN822',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'sglang@0.5.23:sglang/srt/arg_groups/fields',
    'sglang@0.5.23:sglang/srt/arg_groups/memory_hook.py (sizes by the card)',
    'sglang@0.4.9:sglang/srt/server_args.py',
  ],
  name: 'SGLang',
  package: 'sglang',
  frameworks: ['sglang'],
  rests_on: ['pytorch'],
  settings: {
    engine_fraction: {
      keys: ['mem_fraction_static'],
      write: [{ code: '--mem-fraction-static {value}' }],
    },
    context_length: {
      keys: ['context_length', 'context_len'],
      write: [{ code: '--context-length {value}' }],
    },
    max_sequences: {
      keys: ['max_running_requests'],
      write: [{ code: '--max-running-requests {value}' }],
    },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: '--max-running-requests {value}' }] },
    batched_tokens: {
      keys: ['chunked_prefill_size'],
      write: [{ code: '--chunked-prefill-size {value}' }],
    },
    kv_dtype: {
      keys: ['kv_cache_dtype'],
      values: {
        auto: 'auto',
        bf16: 'fp16',
        bfloat16: 'fp16',
        fp8_e4m3: 'fp8',
        fp8_e5m2: 'fp8',
        mxfp8: 'fp8',
        nvfp4: 'q4',
        fp4_mx_block16: 'q4',
      },
      write: [{ value: 'fp8', code: '--kv-cache-dtype fp8_e4m3' }],
      defaults: [{ value: 'auto', source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/model.py' }],
    },
    cuda_graphs: {
      keys: ['disable_cuda_graph'],
      values: { true: false, false: true },
      write: [
        {
          value: false,
          from: '0.5.14',
          code: '--cuda-graph-backend-decode disabled --cuda-graph-backend-prefill disabled',
        },
        { value: false, to: '0.5.13', code: '--disable-cuda-graph' },
      ],
      defaults: [
        {
          to: '0.5.13',
          value: true,
          source: 'sglang@0.5.10:sglang/srt/server_args.py (disable_cuda_graph)',
        },
        {
          from: '0.5.14',
          value: true,
          source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/exec_.py (disable_cuda_graph)',
        },
      ],
    },
    capture_sizes: {
      keys: ['cuda_graph_max_bs', 'cuda_graph_max_bs_decode'],
      write: [
        { from: '0.5.14', code: '--cuda-graph-max-bs-decode {value}' },
        { to: '0.5.13', code: '--cuda-graph-max-bs {value}' },
      ],
    },
    engine_sleep: {
      keys: ['enable_memory_saver'],
      write: [{ value: true, code: '--enable-memory-saver' }],
      defaults: [{ value: false, source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/exec_.py' }],
    },
    weights_offload: {
      keys: ['cpu_offload_gb'],
      write: [{ code: '--cpu-offload-gb {value}' }],
      defaults: [{ value: 0, source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/exec_.py' }],
    },
    expert_parallel: { keys: ['ep_size', 'expert_parallel_size', 'ep'] },
    tensor_parallel: {
      keys: ['tp_size', 'tensor_parallel_size', 'tp'],
      write: [{ code: '--tp-size {value}' }],
      defaults: [{ value: 1, source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/parallel.py' }],
    },
    pipeline_parallel: {
      keys: ['pp_size', 'pipeline_parallel_size'],
      write: [{ code: '--pp-size {value}' }],
      defaults: [{ value: 1, source: 'sglang@0.5.23:sglang/srt/arg_groups/fields/parallel.py' }],
    },
    weights_dtype: {
      keys: ['dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        half: 'fp16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        float: 'fp32',
        float32: 'fp32',
        'torch.float32': 'fp32',
      },
      write: [
        { value: 'bf16', code: '--dtype bfloat16' },
        { value: 'fp16', code: '--dtype half' },
      ],
    },
    quantization: {
      keys: ['quantization'],
      values: {
        none: 'none',
        awq: '4bit',
        awq_marlin: '4bit',
        modelopt_fp4: '4bit',
        petit_nvfp4: '4bit',
        mxfp4: '4bit',
        fp8: '8bit',
        mxfp8: '8bit',
        modelopt_fp8: '8bit',
        w8a8_int8: '8bit',
        w8a8_fp8: '8bit',
      },
      write: [{ value: '8bit', code: '--quantization fp8' }],
    },
  },
};
