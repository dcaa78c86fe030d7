import { describe, expect, test } from 'vitest';
import { assignmentsIn, versionsIn } from '../evidence/assignments.ts';
import { linesOf } from '../evidence/text/dress.ts';
import {
  defaultOf,
  dialectsOf,
  type Known,
  printedSettings,
  type Versions,
  writeChange,
} from './dialect.ts';
import { dialects } from './dialects.gen.ts';
import { isOfType, type SettingName, type SettingValue } from './settings.ts';

/** What a text says of a framework's settings. */
function read(framework: string, text: string): Readonly<Record<string, SettingValue>> {
  const printed = printedSettings(
    assignmentsIn(linesOf(text, 1, false)),
    dialectsOf([framework], dialects),
  );
  return Object.fromEntries([...printed].map(([name, { value }]) => [name, value]));
}

const write = (
  framework: string,
  setting: SettingName,
  to: SettingValue,
  { old, versions = new Map() }: { old?: SettingValue; versions?: Versions } = {},
): string | undefined =>
  writeChange({ setting, to }, dialectsOf([framework], dialects), versions, old)?.code;

const usual = (
  framework: string,
  setting: SettingName,
  versions: Versions = new Map(),
): Known | undefined => defaultOf(setting, dialectsOf([framework], dialects), versions);

const at = (name: string, version: string): Versions =>
  new Map([[name, { from: version, to: version }]]);

test('every value that a dialect reads, writes or has by default is one of its setting', () => {
  for (const { id, settings } of dialects) {
    for (const [name, { values = {}, write = [], defaults = [] }] of Object.entries(settings)) {
      const all = [
        ...Object.values(values),
        ...write.flatMap(({ value }) => value ?? []),
        ...defaults.map(({ value }) => value),
      ];
      for (const value of all) {
        expect(isOfType(name as SettingName, value), `${id}: ${name} = ${value}`).toBe(true);
      }
    }
  }
});

test('a value of another kind says nothing', () => {
  expect(read('llama.cpp', 'bash -c "make"\nllama-server -ngl auto -c 8192')).toEqual({
    context_length: 8192,
  });
});

describe('vllm', () => {
  const ENGINE =
    "INFO 03-02 10:00:00 [core.py:93] Initializing a V1 LLM engine (v0.11.0) with config: model='m', dtype=torch.bfloat16, max_seq_len=32768, load_format=auto, tensor_parallel_size=2, pipeline_parallel_size=1, quantization=None, enforce_eager=False, kv_cache_dtype=fp8, seed=0";

  test('reads the line that an engine prints of itself', () => {
    expect(read('vllm', ENGINE)).toMatchObject({
      context_length: 32768,
      tensor_parallel: 2,
      cuda_graphs: true,
      kv_dtype: 'fp8',
      quantization: 'none',
      weights_dtype: 'bf16',
    });
  });

  test('reads command lines and printed arguments', () => {
    expect(
      read('vllm', 'vllm serve m --enforce-eager --max-num-seqs 64 --gpu-memory-utilization=0.95'),
    ).toMatchObject({ cuda_graphs: false, max_sequences: 64, engine_fraction: 0.95 });
    expect(
      read('vllm', "non-default args: {'max_model_len': 4096, 'enable_sleep_mode': True}"),
    ).toMatchObject({ context_length: 4096, engine_sleep: true });
  });

  test('its first lines show the version', () => {
    const shown = (text: string) => versionsIn(linesOf(text, 1, false));
    expect(shown(ENGINE)).toEqual([{ package: 'vllm', version: '0.11.0' }]);
    expect(shown('INFO [api_server.py:2034] vLLM API server version 0.20.2')).toEqual([
      { package: 'vllm', version: '0.20.2' },
    ]);
  });

  test('plans 0.9 of the card up to 0.19, 0.92 from 0.20 on', () => {
    expect(usual('vllm', 'engine_fraction', at('vllm', '0.11.0'))?.value).toBe(0.9);
    expect(usual('vllm', 'engine_fraction', at('vllm', '0.33.0'))?.value).toBe(0.92);
    expect(usual('vllm', 'max_sequences')).toBeUndefined();
  });

  test('writes flags, and capture sizes as the version takes them', () => {
    expect(write('vllm', 'max_sequences', 'half', { old: 256 })).toBe('--max-num-seqs 128');
    expect(write('vllm', 'engine_fraction', 'lower', { old: 0.95 })).toBe(
      '--gpu-memory-utilization N  # below 0.95',
    );
    expect(write('vllm', 'cuda_graphs', false)).toBe('--enforce-eager');
    expect(write('vllm', 'capture_sizes', 'lower', { versions: at('vllm', '0.10.2') })).toContain(
      '--compilation-config',
    );
    expect(write('vllm', 'capture_sizes', 'lower', { versions: at('vllm', '0.25.1') })).toContain(
      '--cudagraph-capture-sizes',
    );
  });
});

describe('sglang', () => {
  test('reads server_args, and the sizes that it settled on', () => {
    expect(
      read(
        'sglang',
        "server_args=ServerArgs(model_path='m', context_length=None, kv_cache_dtype='auto', mem_fraction_static=0.874, max_running_requests=None, chunked_prefill_size=8192, tp_size=4, cpu_offload_gb=0, disable_cuda_graph=False, enable_memory_saver=False)",
      ),
    ).toEqual({
      kv_dtype: 'auto',
      engine_fraction: 0.874,
      batched_tokens: 8192,
      tensor_parallel: 4,
      weights_offload: 0,
      cuda_graphs: true,
      engine_sleep: false,
    });
    expect(
      read('sglang', 'chunked_prefill_size=8192, max_running_requests=2048, context_len=131072'),
    ).toMatchObject({ max_sequences: 2048, context_length: 131072 });
  });

  test('writes the flags of the version', () => {
    expect(write('sglang', 'cuda_graphs', false, { versions: at('sglang', '0.5.5') })).toBe(
      '--disable-cuda-graph',
    );
    expect(write('sglang', 'cuda_graphs', false, { versions: at('sglang', '0.5.23') })).toContain(
      '--cuda-graph-backend-decode disabled',
    );
  });
});

describe('llama-cpp', () => {
  test('reads command lines and what a context prints', () => {
    expect(
      read('llama.cpp', './llama-server -m m.gguf -ngl 99 -c 32768 -ub 1024 -fa -ctk q8_0 -np 4'),
    ).toEqual({
      gpu_layers: 99,
      context_length: 32768,
      physical_batch: 1024,
      flash_attention: true,
      kv_dtype: 'q8',
      max_sequences: 4,
    });
    expect(
      read(
        'llama.cpp',
        'llama_context: n_ctx                 = 8192\nllama_context: n_ubatch              = 512\nllama_context: flash_attn            = auto',
      ),
    ).toEqual({ context_length: 8192, physical_batch: 512 });
  });

  test('a quantised cache comes with flash attention', () => {
    expect(write('llama.cpp', 'kv_dtype', 'q8')).toBe('-fa on -ctk q8_0 -ctv q8_0');
    expect(write('llama.cpp', 'gpu_layers', 'lower', { old: 33 })).toBe('-ngl N  # below 33');
  });
});

describe('ollama', () => {
  test('reads the environment that the server prints, empty variables too', () => {
    const env =
      'time=2025-10-02T09:00:00.000Z level=INFO source=routes.go:1481 msg="server config" env="map[CUDA_VISIBLE_DEVICES: HIP_VISIBLE_DEVICES: HTTPS_PROXY: HTTP_PROXY: NO_PROXY: OLLAMA_CONTEXT_LENGTH:8192 OLLAMA_DEBUG:INFO OLLAMA_FLASH_ATTENTION:true OLLAMA_GPU_OVERHEAD:536870912 OLLAMA_HOST:http://127.0.0.1:11434 OLLAMA_KEEP_ALIVE:5m0s OLLAMA_KV_CACHE_TYPE:q8_0 OLLAMA_LLM_LIBRARY: OLLAMA_LOAD_TIMEOUT:5m0s OLLAMA_NUM_PARALLEL:2 OLLAMA_SCHED_SPREAD:false]"';
    expect(read('ollama', env)).toEqual({
      context_length: 8192,
      flash_attention: true,
      engine_reserve: 536870912,
      kv_dtype: 'q8',
      max_sequences: 2,
      spread: false,
    });
  });

  test('reads the request to load and the runner of llama.cpp', () => {
    expect(
      read(
        'ollama',
        'msg=load request="{Operation:fit LoraPath:[] Parallel:1 BatchSize:512 FlashAttention:false KvSize:4096 KvCacheType: NumThreads:8 GPULayers:[] MultiUserCache:false}"',
      ),
    ).toMatchObject({ max_sequences: 1, physical_batch: 512, flash_attention: false });
    expect(read('ollama', 'runner --ctx-size 8192 --n-gpu-layers 33 --parallel 4')).toMatchObject({
      context_length: 8192,
      gpu_layers: 33,
      max_sequences: 4,
    });
  });

  test('the reserve is in bytes and starts at none', () => {
    expect(usual('ollama', 'engine_reserve')?.value).toBe(0);
    expect(write('ollama', 'engine_reserve', 1073741824)).toBe(
      'export OLLAMA_GPU_OVERHEAD=1073741824',
    );
  });
});

describe('diffusers', () => {
  test('reads calls of the pipeline and of its VAE', () => {
    expect(
      read(
        'diffusers',
        '    pipe.enable_model_cpu_offload()\n    pipe.vae.enable_tiling()\n    pipe.vae.enable_slicing()\n    num_images_per_prompt=1',
      ),
    ).toEqual({ model_offload: true, vae_tiling: true, vae_slicing: true, micro_batch: 1 });
  });

  test('attention is SDPA by itself; a cast by layers came with 0.33', () => {
    expect(usual('diffusers', 'attention', at('diffusers', '0.36.0'))?.value).toBe('sdpa');
    expect(
      write('diffusers', 'quantization', '8bit', { versions: at('diffusers', '0.32.2') }),
    ).toBeUndefined();
  });
});

describe('tgi', () => {
  test('reads flags and what the launcher prints', () => {
    expect(
      read(
        'text-generation-inference',
        'Args { model_id: "m", num_shard: Some(2), quantize: Some(BitsandbytesNf4), dtype: None, max_total_tokens: Some(4096), max_batch_prefill_tokens: Some(4096), cuda_memory_fraction: 0.9 }',
      ),
    ).toEqual({
      tensor_parallel: 2,
      quantization: '4bit',
      context_length: 4096,
      batched_tokens: 4096,
      engine_fraction: 0.9,
    });
  });
});

describe('jax', () => {
  test('the name of the fraction follows the version', () => {
    expect(read('jax', 'XLA_PYTHON_CLIENT_MEM_FRACTION=.80 python t.py')).toEqual({
      memory_fraction: 0.8,
    });
    expect(read('jax', 'os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] = ".30"')).toEqual({
      memory_fraction: 0.3,
    });
    expect(write('jax', 'memory_fraction', 1)).toBe(
      'unset XLA_CLIENT_MEM_FRACTION XLA_PYTHON_CLIENT_MEM_FRACTION',
    );
    expect(write('jax', 'memory_fraction', 0.95, { versions: at('jax', '0.4.30') })).toBe(
      'export XLA_PYTHON_CLIENT_MEM_FRACTION=0.95',
    );
    expect(write('jax', 'memory_fraction', 0.95)).toBe('export XLA_CLIENT_MEM_FRACTION=0.95');
    expect(usual('jax', 'preallocation')?.value).toBe(true);
  });
});

describe('tensorflow', () => {
  test('growth is the opposite of taking the pool at start', () => {
    expect(read('tensorflow', '    tf.config.experimental.set_memory_growth(gpu, True)')).toEqual({
      preallocation: false,
    });
    expect(read('tensorflow', 'TF_FORCE_GPU_ALLOW_GROWTH=true python train.py')).toEqual({
      preallocation: false,
    });
  });
});

describe('engines with a share of what is free', () => {
  test('tensorrt-llm, lmdeploy', () => {
    expect(
      read('tensorrt-llm', 'KvCacheConfig(free_gpu_memory_fraction=0.85) max_num_tokens=8192'),
    ).toEqual({ engine_fraction: 0.85, batched_tokens: 8192 });
    expect(read('lmdeploy', '--cache-max-entry-count 0.5 --quant-policy 8 --tp 2')).toEqual({
      engine_fraction: 0.5,
      kv_dtype: 'q8',
      tensor_parallel: 2,
    });
  });
});

describe('libraries and applications', () => {
  test('tensorrt, onnxruntime', () => {
    expect(read('tensorrt', 'trtexec --onnx=m.onnx --memPoolSize=workspace:4096')).toEqual({
      workspace: 4096,
    });
    expect(read('onnxruntime', "{'arena_extend_strategy': 'kSameAsRequested'}")).toEqual({
      arena_growth: 'exact',
    });
  });

  test('comfyui, stable-diffusion-webui', () => {
    expect(read('comfyui', 'python main.py --lowvram --fp8_e4m3fn-unet')).toMatchObject({
      sequential_offload: true,
      quantization: '8bit',
    });
    expect(read('comfyui', 'python main.py --highvram')).toMatchObject({ model_offload: false });
    expect(
      read('stable-diffusion-webui', 'Launching Web UI with arguments: --medvram --xformers'),
    ).toMatchObject({ model_offload: true, attention: 'sdpa' });
  });

  test('mxnet, catboost', () => {
    expect(read('mxnet', 'MXNET_BACKWARD_DO_MIRROR=1 python train.py')).toEqual({
      checkpointing: true,
    });
    expect(usual('catboost', 'memory_fraction')?.value).toBe(0.95);
  });
});
