/**
 * Which frameworks a failure's surroundings show, beyond the one that printed the message: an engine,
 * a trainer, an application on top of PyTorch. Paths of frames and the lines around the message tell.
 */
import type { Line } from './text/dress.ts';
import type { Frame } from './tracebacks/frame.ts';

/** The higher, the nearer to the user: a runtime, a library on it, a trainer or engine, an application. */
type Level = 1 | 2 | 3 | 4;

interface Sign {
  readonly framework: string;
  readonly level: Level;
  /** As it stands in paths, logger names and messages; between word boundaries, case ignored. */
  readonly words: string;
}

const sign = (framework: string, level: Level, words: string = framework): Sign => ({
  framework,
  level,
  words,
});

const SIGNS: readonly Sign[] = [
  sign(
    'pytorch',
    1,
    String.raw`torch[\\/](?:nn|autograd|optim|cuda|distributed|utils)|torch\.(?:cuda\.|OutOfMemoryError)|by PyTorch`,
  ),
  sign('torch7', 2, String.raw`qlua|luarocks|cutorch|torch[\\/]install|nngraph`),
  sign('tensorflow', 1, String.raw`tensorflow|tf-keras|keras[\\/]src`),
  sign(
    'jax',
    1,
    String.raw`jax|jaxlib|xla_extension|XlaRuntimeError|JaxRuntimeError|Failed to launch CUDA kernel: \w{1,80}`,
  ),
  sign('paddle', 1, 'paddle|paddlepaddle'),
  sign('mxnet', 1, 'mxnet|gluoncv'),
  sign('onnxruntime-genai', 2, 'onnxruntime[-_]genai|OnnxRuntimeGenAI\\w{0,20}'),
  sign('onnxruntime', 1, 'onnxruntime|onnx runtime|OrtGetApiBase'),
  sign('llama.cpp', 1, String.raw`llama\.cpp|llama_\w{3,40}|ggml_\w{3,40}|ggml-cuda`),
  sign('whisper.cpp', 3, String.raw`whisper\.cpp|whisper_(?:init|model|full)\w{0,40}`),
  sign('rmm', 1, String.raw`\brmm(?:::|[\\/])\w+|RMM(?= failure|\])`),
  sign('cudf', 2, String.raw`cudf|cuml|cugraph|ai\.rapids|spark\.rapids`),
  sign('cupy', 1, 'cupy'),
  sign('numba', 1, String.raw`numba[\\/]\w+|numba\.cuda`),
  sign('xgboost', 1, 'xgboost'),
  sign('catboost', 1, 'catboost'),
  sign('lightgbm', 1, 'lightgbm'),
  sign('faiss', 1, 'faiss'),
  sign('mlx', 1, String.raw`mlx(?:_lm)?[\\/]\w+|mlx\.core`),
  sign('julia', 1, String.raw`CUDA\.jl|\.julia[\\/]packages`),
  sign('transformers', 2, String.raw`transformers[\\/]\w+|transformers\.\w+`),
  sign('diffusers', 2, String.raw`diffusers[\\/]\w+|diffusers\.\w+`),
  sign('peft', 2, String.raw`peft[\\/]\w+`),
  sign('bitsandbytes', 2),
  sign('accelerate', 2, String.raw`accelerate[\\/]\w+|accelerate\.commands`),
  sign(
    'fsdp',
    2,
    String.raw`distributed[\\/]fsdp|fully_sharded_data_parallel|FullyShardedDataParallel`,
  ),
  sign('pyg', 2, 'torch_geometric|torch_sparse|torch_scatter'),
  sign('dgl', 2, String.raw`dgl[\\/]\w+`),
  sign('mmdetection', 3, 'mmdet|mmdetection'),
  sign('mmsegmentation', 3, 'mmseg|mmsegmentation'),
  sign('mmrotate', 3),
  sign('mmediting', 3, 'mmedit|mmediting'),
  sign('mmcv', 2),
  sign('deepspeed', 3, 'deepspeed|sigkill_handler|see_memory_usage|exits with return code'),
  sign('lightning', 3, 'pytorch_lightning|lightning|lightning_fabric'),
  sign('trl', 3, String.raw`trl[\\/]\w+|(?:SFT|GRPO|DPO|PPO)Trainer|test_\w{2,12}_trainer`),
  sign('axolotl', 3),
  sign('llama-factory', 3, 'llama-factory|llamafactory|llmtuner'),
  sign('ms-swift', 3, String.raw`ms-swift|swift[\\/](?:llm|trainers)`),
  sign('torchtune', 3),
  sign('torchtitan', 3),
  sign('unsloth', 3),
  sign('megatron', 3, 'megatron'),
  sign('colossalai', 3, 'colossalai|coati'),
  sign('nemo', 3, 'nemo_toolkit|nemo'),
  sign('verl', 3),
  sign('openrlhf', 3),
  sign('slime', 3),
  sign(
    'vllm',
    3,
    String.raw`vllm|RayWorkerVllm|VllmWorker(?:Process)?|EngineCore(?:_DP\d+)?|LLMEngine|(?:INFO|WARNING|ERROR) \d\d-\d\d \d\d:\d\d:\d\d \[?\w{1,40}\.py:\d+`,
  ),
  sign(
    'sglang',
    3,
    String.raw`sglang|TpModelWorker\w{0,12}|Prefill batch[.,] #new-seq|Decode batch[.,] #running-req`,
  ),
  sign(
    'text-generation-inference',
    3,
    'text_generation_server|text-generation-inference|text_generation_launcher|text_generation_client|Request failed during generation|text-generation-launcher',
  ),
  sign('tensorrt-llm', 3, 'tensorrt_llm|TensorRT-LLM|TRT-LLM'),
  sign('lmdeploy', 3, 'lmdeploy|turbomind'),
  sign('autoawq', 3, String.raw`awq[\\/](?:models|quantize)|autoawq`),
  sign('autogptq', 3, 'auto_gptq|gptqmodel'),
  sign('ultralytics', 3, 'ultralytics|yolov[5-9]|yolo11'),
  sign('detectron2', 3, 'detectron2|detectron'),
  sign('fairseq', 3, 'fairseq|metaseq'),
  sign('espnet', 3, 'espnet2?'),
  sign('monai', 3),
  sign('nnunet', 3, 'nnunet(?:v2)?'),
  sign('fastai', 3),
  sign('opennmt', 3, 'onmt|opennmt'),
  sign('minkowski', 3, 'MinkowskiEngine'),
  sign(
    'gaussian-splatting',
    3,
    'gaussian_renderer|diff_gaussian_rasterization|gaussian-splatting|diff-gaussian-rasterization',
  ),
  sign('whisper', 3, String.raw`whisper[\\/]\w+\.py|faster_whisper|whisperx`),
  sign('ray', 3, String.raw`ray\.exceptions|ray::\w+|raylet|RayWorkerWrapper|LLMRayActor`),
  sign('triton', 3, 'tritonserver|triton_python_backend|TRITONBACKEND'),
  sign('torchserve', 3, String.raw`org\.pytorch\.serve|torchserve|MODEL_LOG`),
  sign('comfyui', 4, String.raw`comfyui|comfy[\\/]\w+\.py|comfy_extras|Node Type`),
  sign(
    'stable-diffusion-webui',
    4,
    'stable-diffusion-webui|sd-webui|Forge_?\\d*|A1111|sd_dreambooth_extension',
  ),
  sign('sdnext', 4, 'sdnext|sd\\.next|vladmandic'),
  sign('fooocus', 4),
  sign('invokeai', 4),
  sign('text-generation-webui', 4, 'text-generation-webui|oobabooga\\S{0,20}'),
  sign('koboldai', 4, 'koboldai(?:-client)?'),
  sign('sillytavern', 4, 'sillytavern|tavernai'),
  sign('fastchat', 4, 'fastchat|fschat|model_worker \\||NETWORK ERROR DUE TO HIGH TRAFFIC'),
  sign('tabbyapi', 4),
  sign('exllama', 3, 'exllama(?:v[23])?'),
  sign('ollama', 4, String.raw`ollama\S{0,12}`),
  sign('lmstudio', 4, String.raw`lm[ -]?studio|\[LMSInternal\]`),
  sign('llamafile', 4, String.raw`llamafile\S{0,12}`),
  sign('koboldcpp', 4),
  sign('isaac', 4, String.raw`isaac(?:gym|sim|lab)\S{0,8}|omni\.isaac|carb\.gym|omni\.physx`),
  sign('blender', 4, 'blender|cycles'),
  sign(
    'deepstream',
    4,
    String.raw`deepstream\S{0,8}|nvinfer|gst_?nv\w{3,30}|NvDs\w{3,40}|nvstreammux`,
  ),
  sign('basecaller', 4, String.raw`dorado|guppy_basecall\w{0,8}`),
  sign('photogrammetry', 4, 'colmap|alicevision|meshroom|openmvs'),
  sign('transcoder', 4, String.raw`ffmpeg|libavcodec|\w{2,6}_nvenc|\w{2,6}_cuvid`),
  sign(
    'kubernetes',
    4,
    String.raw`OOMKilled|kubectl|kubelet|command terminated with exit code \d+|Last State:?\s+Terminated`,
  ),
  sign('taichi', 3, '\\[Taichi\\]|taichi'),
  sign('nvdiffrast', 3, 'nvdiffrast|m_gpuPtr|rasterize_fwd_cuda'),
  sign('darktable', 3, 'darktable|opencl_pixelpipe'),
  sign('ethminer', 3, 'ethminer|generating DAG|initialize_dag|Mining program unexpected'),
  sign('slurm', 4, 'slurmstepd|srun|sbatch|sacct'),
];

const WORD = new RegExp(
  `(?<![A-Za-z0-9])(?:${SIGNS.map(({ words }) => `(${words})`).join('|')})(?![A-Za-z0-9])`,
  'gi',
);

/** Lines before and after a message that are looked at, and characters of each. */
const BEFORE = 60;
const AFTER = 20;
const LONGEST = 600;

/** What a line shows, once for each: messages that stand close together look at the same lines. */
const OF_LINE = new WeakMap<Line, readonly Sign[]>();

function signsOfLine(line: Line): readonly Sign[] {
  const made = OF_LINE.get(line) ?? signsIn((line.raw ?? line.text).slice(0, LONGEST));
  OF_LINE.set(line, made);
  return made;
}

function signsIn(text: string): Sign[] {
  const found: Sign[] = [];
  for (const match of text.matchAll(WORD)) {
    const index = match.findIndex((group, i) => i > 0 && group !== undefined);
    const shown = SIGNS[index - 1];
    if (shown !== undefined && !found.includes(shown)) found.push(shown);
  }
  return found;
}

const OF_FRAMES = new WeakMap<readonly Frame[], readonly Sign[]>();

function signsOfFrames(frames: readonly Frame[]): readonly Sign[] {
  const made = OF_FRAMES.get(frames) ?? signsIn(frames.map(({ file }) => file).join('\n'));
  OF_FRAMES.set(frames, made);
  return made;
}

/** @param at the message's line in `lines`. @returns the nearest to the user first. */
export function frameworksShown(
  frames: readonly Frame[],
  lines: readonly Line[],
  at: number,
): readonly string[] {
  const found = new Set<Sign>(signsOfFrames(frames));
  for (let i = Math.max(0, at - BEFORE); i < Math.min(lines.length, at + AFTER); i++) {
    const line = lines[i];
    if (line !== undefined) for (const shown of signsOfLine(line)) found.add(shown);
  }
  return [...found].sort((a, b) => b.level - a.level).map(({ framework }) => framework);
}

/** Frameworks that any of the lines shows, the nearest to the user first. */
export function frameworksIn(lines: readonly Line[]): readonly string[] {
  const found = new Set<Sign>();
  for (const line of lines) for (const shown of signsOfLine(line)) found.add(shown);
  return [...found].sort((a, b) => b.level - a.level).map(({ framework }) => framework);
}
