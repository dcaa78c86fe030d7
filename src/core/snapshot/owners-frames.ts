/**
 * What frames and stacks say: whose code a frame is, what the program was doing there, and which line
 * of the user's stands nearest to the allocation. Each interned string, frame and stack is looked at
 * once; afterwards everything is a lookup by id.
 */
import { NONE, type Snapshot } from './columns.ts';

/** Whose code a frame is. */
export const Code = {
  user: 0,
  /** A package from site-packages, PyTorch among them. */
  library: 1,
  /** The interpreter's own modules, and code that some tool generated. */
  runtime: 2,
  /** C and C++. */
  native: 3,
} as const;

/** What a frame shows of the moment; bits of `Frames.traits` and `Stacks.traits`. */
export const Trait = {
  backward: 0x1,
  accumulateGrad: 0x2,
  optimizer: 0x4,
  optimizerInit: 0x8,
  forward: 0x10,
  loss: 0x20,
  head: 0x40,
  load: 0x80,
  data: 0x100,
  communication: 0x200,
  workspace: 0x400,
  kvCache: 0x800,
  clip: 0x1000,
  recompute: 0x2000,
  /** The constructor of something, which may be a module. */
  constructor: 0x8000,
  /** `.to(...)`, `.cuda()`: a copy that the program itself asked for. */
  copy: 0x20000,
  /** Evaluation, validation, testing. */
  evaluation: 0x40000,
  /** Text or images made step by step, by a loop of its own. */
  generation: 0x80000,
  /** The capture of a CUDA graph. */
  capture: 0x100000,
  /** A checkpoint is put together and written. */
  save: 0x200000,
  /** Kernels are compiled and tried. */
  compile: 0x400000,
  /** An engine reserves the cache of keys and values. */
  kvAlloc: 0x800000,
} as const;

/** The stage of a program that an allocation belongs to, as far as its stack shows it. */
export const Stage = {
  unknown: 0,
  load: 1,
  data: 2,
  forward: 3,
  backward: 4,
  optimizer: 5,
  eval: 6,
  generate: 7,
  capture: 8,
  save: 9,
  compile: 10,
  kv_alloc: 11,
} as const;
/** Their names, as in the table of phases. */
export const STAGES = [
  'unknown',
  'load',
  'data',
  'forward',
  'backward',
  'optimizer',
  'eval',
  'generate',
  'capture',
  'save',
  'compile',
  'kv_alloc',
] as const;
export type StageName = (typeof STAGES)[number];

export interface StackFacts {
  /** Per frame: `Code`. */
  readonly code: Uint8Array;
  /** Per frame: bits of `Trait`. */
  readonly frameTraits: Uint32Array;
  /** Per frame: index into `libraries`, or NONE for the user's own and native code. */
  readonly library: Uint32Array;
  readonly libraries: readonly string[];
  /** Per stack, bits of `Trait` of all its frames. */
  readonly traits: Uint32Array;
  /** Per stack: `Stage`, that of its callers included: a forward pass of an evaluation is `eval`. */
  readonly stage: Uint8Array;
  /** Per stack: `Stage` of what the allocation is for, whatever that is part of: there it is `forward`. */
  readonly work: Uint8Array;
  /** Per stack: the innermost frame of the user's code, or NONE. */
  readonly userFrame: Uint32Array;
  /** Per stack: the innermost Python frame outside of PyTorch and the runtime, or NONE. */
  readonly packageFrame: Uint32Array;
  /** Per stack: the innermost Python frame, or NONE. */
  readonly pythonFrame: Uint32Array;
  /** Per stack: the innermost `forward` of the user's or a package's, else of torch.nn; or NONE. */
  readonly moduleFrame: Uint32Array;
  /** Per stack: the native frame that names a node of the graph, else the operator called; or NONE. */
  readonly operatorFrame: Uint32Array;
  /** Per stack: 1 where it has frames. Readers intern an empty list of frames, too. */
  readonly hasFrames: Uint8Array;
  /** Any stack has Python frames; any has native ones. */
  readonly hasPython: boolean;
  readonly hasNative: boolean;
}

/** Python sources, notebook cells and the like; all else that has an extension is native. */
const PYTHON_FILE: RegExp = /^<|\.(?:py|pyw|pyi|ipynb)$|(?:^|\/)[^/.?]+$/;
const STANDARD_LIBRARY: RegExp =
  /\/(?:lib(?:64)?\/)?python\d(?:\.?\d+)?t?\/(?:lib\/)?[^/]+|\/python\d+\.zip\//i;
/** PyTorch run from its source tree. */
const TORCH_TREE: RegExp =
  /\/torch\/(?:nn|optim|autograd|utils|_dynamo|_inductor|_functorch|_ops|_higher_order_ops|distributed|functional|cuda|_tensor|fx|amp|serialization|jit|_prims|_decomp|overrides|storage|random|func)(?:\/|\.py$)/;
const GENERATED: RegExp =
  /\/torchinductor_|\/torch_compile_debug\/|^<eval_with_key>|^<torch_package/;

/** Patterns see no more of a path, from its end, and of a name: some need quadratic time. */
const LONGEST_PATH = 1024;
const LONGEST_NAME = 4096;

interface FileFacts {
  readonly code: number;
  readonly library: string | undefined;
  readonly path: string;
}

/** Whose code the functions of a file are. @param file as the frame names it. */
export function classifyFile(file: string): FileFacts {
  const tail = file.slice(-LONGEST_PATH);
  const path = tail.includes('\\') ? tail.replaceAll('\\', '/') : tail;
  if (path === '' || path === '??' || !PYTHON_FILE.test(path)) {
    return { code: Code.native, library: undefined, path };
  }
  const site = Math.max(path.lastIndexOf('/site-packages/'), path.lastIndexOf('/dist-packages/'));
  if (site >= 0) {
    const parts = path.slice(site + 15).split('/');
    const first = parts[0] ?? '';
    const name = first.endsWith('.egg') ? (parts[1] ?? first) : first;
    return { code: Code.library, library: name.replace(/\.py$/, ''), path };
  }
  if (GENERATED.test(path)) return { code: Code.runtime, library: 'torch', path };
  if (path.startsWith('<frozen') || path.startsWith('<__array')) {
    return { code: Code.runtime, library: 'python', path };
  }
  if (TORCH_TREE.test(path)) return { code: Code.library, library: 'torch', path };
  if (STANDARD_LIBRARY.test(path)) return { code: Code.runtime, library: 'python', path };
  return { code: Code.user, library: undefined, path };
}

/** Names of functions, exact, and what they show. */
const FUNCTIONS: ReadonlyMap<string, number> = new Map<string, number>([
  ...of(Trait.forward, '_call_impl _wrapped_call_impl forward'),
  ...of(Trait.backward, 'backward _engine_run_backward _backward_impl'),
  ...of(Trait.optimizer, '_multi_tensor_adamw _multi_tensor_adam _fused_adamw _fused_adam'),
  ...of(Trait.optimizer, '_single_tensor_adamw _single_tensor_adam _single_tensor_sgd'),
  ...of(
    Trait.optimizer | Trait.optimizerInit,
    '_init_group _init_state init_state initialize_optimizer_states state_initializer',
  ),
  ...of(Trait.clip, 'clip_grad_norm_ clip_grad_norm clip_grad_value_ unscale_ _unscale_grads_'),
  ...of(Trait.clip, 'get_total_norm _get_total_norm clip_grads_with_norm_'),
  ...of(Trait.load, '_apply reset_parameters load_state_dict _load_from_state_dict to_empty'),
  ...of(Trait.load, 'from_pretrained load_checkpoint load_checkpoint_in_model load_model'),
  ...of(Trait.load, '_load_state_dict_into_model _load_state_dict_into_meta_model'),
  ...of(Trait.load, 'set_module_tensor_to_device _init_weights create_weights load_weights'),
  ...of(Trait.load, '_load_pretrained_model register_parameter materialize dispatch_model'),
  ...of(Trait.load, '_materialize_copy _move_states_to_device _init_params'),
  ...of(Trait.data, '_pin_memory pin_memory send_to_device _prepare_input _prepare_inputs'),
  ...of(Trait.data, 'move_data_to_device move_to_device batch_to_device transfer_batch_to_device'),
  ...of(Trait.data, 'get_batch get_batch_samples collate_fn to_device to_cuda_batch'),
  ...of(Trait.data, 'batch_to prepare_batch _prepare_batch load_batch next_batch make_batch'),
  ...of(Trait.kvCache | Trait.kvAlloc, 'allocate_kv_cache _allocate_kv_cache initialize_kv_cache'),
  ...of(Trait.kvCache | Trait.kvAlloc, 'init_kv_cache _allocate_kv_cache_tensors setup_caches'),
  ...of(Trait.kvCache | Trait.kvAlloc, '_create_buffers init_memory_pool allocate_gpu_cache'),
  ...of(Trait.recompute, 'recompute_fn unpack_hook recompute'),
  ...of(Trait.communication, '_alloc_storage alloc_storage unshard _unshard foreach_all_gather'),
  ...of(Trait.communication, 'foreach_reduce _reduce_grad _allgather_params broadcast'),
  ...of(Trait.evaluation, 'test_step test_epoch test_loop predict_step prediction_step'),
  ...of(Trait.evaluation, 'evaluation_step prediction_loop evaluation_loop _run_evaluation'),
  ...of(Trait.generation, 'generate _generate generate_step generate_text generate_tokens'),
  ...of(Trait.generation, 'generate_stream stream_generate chat_completion text_completion'),
  ...of(Trait.generation, '_sample _beam_search _greedy_search _assisted_decoding'),
  ...of(Trait.generation, 'greedy_search beam_search contrastive_search sample_tokens'),
  ...of(Trait.generation, 'decode_one_token decode_n_tokens'),
  ...of(Trait.capture, 'capture_begin capture_graph cuda_graph_capture capture_model'),
  ...of(Trait.capture, '_capture_cudagraphs capture_one_batch_size'),
  ...of(Trait.save, 'save_checkpoint _save_checkpoint save_model save_pretrained save_state_dict'),
  ...of(Trait.save, 'state_dict full_state_dict get_state_dict get_model_state_dict'),
  ...of(Trait.save, '_full_post_state_dict_hook _post_state_dict_hook get_optimizer_state_dict'),
  ...of(Trait.save, 'save_16bit_model _zero3_consolidated_16bit_state_dict optim_state_dict'),
  ...of(Trait.compile, 'autotune_to_one_config benchmark_all_configs do_bench benchmark_gpu'),
  ...of(Trait.compile, 'coordinate_descent_tuning autotune_select_algorithm'),
  ...of(Trait.constructor, '__init__'),
  ...of(Trait.copy, 'to cuda'),
]);

function of(trait: number, names: string): [string, number][] {
  return names.split(' ').map((name) => [name, trait]);
}

/** Parts of Python function names. */
const FUNCTION_PARTS: readonly (readonly [RegExp, number])[] = [
  [/cross_entropy|crossentropy|nll_loss|log_softmax|for_?causal_?lm_?loss/i, Trait.loss],
  [/lm_head|logits/i, Trait.head],
  [/(?:init|load|create|make)_?(?:all_)?(?:weight|param)/i, Trait.load],
  [/all_?gather|reduce_?scatter|all_?reduce|all_?to_?all/i, Trait.communication],
  [/^(?:_?(?:multi_tensor|single_tensor|fused)_)/, Trait.optimizer],
  // `evaluate`, `run_eval`, `val_epoch`, `do_validation`, `model_eval`.
  [
    /^_*(?:(?:run|do|on)_)?(?:eval(?:uate|uation)?|valid(?:ate|ation)?|val)(?:_|$)/i,
    Trait.evaluation,
  ],
  [/_(?:eval(?:uate|uation)?|validate|validation)$/i, Trait.evaluation],
];

/** Parts of native function names. */
const NATIVE_PARTS: readonly (readonly [RegExp, number])[] = [
  [/torch::autograd::(?:Engine|PyNode|generated)\b|Engine::evaluate_function/, Trait.backward],
  [/AccumulateGrad/, Trait.backward | Trait.accumulateGrad],
  [/(?:LogSoftmax|NllLoss|CrossEntropy)\w*Backward/, Trait.loss],
  [/log_softmax|nll_loss|cross_entropy/, Trait.loss],
  [
    /getNewWorkspace|getCurrentCUDABlasHandle|CUDABlasLtWorkspace|cudnn.*[Ww]orkspace/,
    Trait.workspace,
  ],
  [/c10d::|ProcessGroup(?:NCCL|Gloo|MPI)/, Trait.communication],
  [/_fused_adam|_fused_sgd|FusedAdam/, Trait.optimizer],
];

/** A node of the autograd graph, and an operator as the dispatcher calls it. */
const NODE: RegExp = /generated::\w+Backward\d*::apply|AccumulateGrad::apply/;
const OPERATOR: RegExp = /at::_ops::\w+::(?:call|redispatch)/;
const OPTIMIZER_FILE: RegExp =
  /\/(?:optim|optimizers?)\/|optimizer[^/]*\.py$|\/ops\/(?:adam|lion|lamb|adagrad)\//i;
const NOT_OPTIMIZER: RegExp = /lr_scheduler|swa_utils/;
const OPTIMIZER_STEP: RegExp =
  /^(?:step|_step|update|_update_params|step_param|optimizer_step|wrapper|_use_grad|inner)$/;
const CACHE_FILE: RegExp = /cache_utils|kv_?cache/i;
/** Batches that move as a whole: BatchEncoding, BatchFeature, graphs. */
const BATCH_FILE: RegExp =
  /\/(?:tokenization_utils_base|feature_extraction_utils|image_processing_base)\.py$|\/torch_geometric\/(?:data|typing)|\/dgl\/heterograph\.py$|\/tensordict\//;
const DATA_LOADER_FILE: RegExp = /dataloader|data_loader|\/utils\/data\//i;
const CHECKPOINT_FILE: RegExp = /\/torch\/utils\/checkpoint\.py$|checkpointing\.py$/;
const EVALUATION_FILE: RegExp = /\/evaluation_loop\.py$/;
const GENERATION_FILE: RegExp = /\/transformers\/generation\//;
const CAPTURE_FILE: RegExp = /\/torch\/cuda\/graphs\.py$|\/cudagraph_trees\.py$/;
/** Reads tensors from files: what it makes is loaded, whatever its functions are called. */
const LOADING_FILE: RegExp =
  /\/torch\/serialization\.py$|\/safetensors\/|\/checkpoint_loading\.py$/;

/** The last part of a qualified name: `Trainer.step` is `step`, `f.<locals>.g` is `g`. */
const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function pythonTraits(name: string, facts: FileFacts): number {
  const last = lastPart(name);
  let traits = FUNCTIONS.get(last) ?? 0;
  for (const [part, trait] of FUNCTION_PARTS) if (part.test(last)) traits |= trait;
  const { path } = facts;
  if (OPTIMIZER_FILE.test(path) && !NOT_OPTIMIZER.test(path) && OPTIMIZER_STEP.test(last)) {
    traits |= Trait.optimizer;
  }
  if (CACHE_FILE.test(path)) traits |= Trait.kvCache;
  if (last === '__next__' && DATA_LOADER_FILE.test(path)) traits |= Trait.data;
  if (CHECKPOINT_FILE.test(path) && last === 'backward') traits |= Trait.recompute;
  if (EVALUATION_FILE.test(path)) traits |= Trait.evaluation;
  if (GENERATION_FILE.test(path)) traits |= Trait.generation;
  if (CAPTURE_FILE.test(path)) traits |= Trait.capture;
  if (LOADING_FILE.test(path)) traits |= Trait.load;
  // `recompute` names other things too: only PyTorch's own counts.
  if ((traits & Trait.recompute) !== 0 && !CHECKPOINT_FILE.test(path)) traits &= ~Trait.recompute;
  // module.to() and module.cuda() load; tensor.to() of the user's is a copy like any other.
  if ((traits & Trait.copy) !== 0) {
    traits &= ~Trait.copy;
    if (path.endsWith('/torch/nn/modules/module.py')) traits |= Trait.load;
    else if (BATCH_FILE.test(path)) traits |= Trait.data;
  }
  return traits;
}

function nativeTraits(name: string): number {
  let traits = 0;
  for (const [part, trait] of NATIVE_PARTS) if (part.test(name)) traits |= trait;
  return traits;
}

/** Looks at every frame and stack once. */
export function stackFacts(snapshot: Snapshot): StackFacts {
  const { strings, frames, stacks } = snapshot;
  const files = new Map<number, FileFacts>();
  const libraries: string[] = [];
  const libraryIds = new Map<string, number>();
  const code = new Uint8Array(frames.count);
  const library = new Uint32Array(frames.count).fill(NONE);
  const frameTraits = new Uint32Array(frames.count);
  // 2 for a node of the graph, 1 for an operator.
  const isOperator = new Uint8Array(frames.count);
  for (let frame = 0; frame < frames.count; frame++) {
    const file = frames.file[frame] as number;
    let facts = files.get(file);
    if (facts === undefined) {
      facts = classifyFile(strings[file] ?? '');
      files.set(file, facts);
    }
    const name = (strings[frames.name[frame] as number] ?? '').slice(0, LONGEST_NAME);
    code[frame] = facts.code;
    if (facts.library !== undefined) {
      let id = libraryIds.get(facts.library);
      if (id === undefined) {
        id = libraries.push(facts.library) - 1;
        libraryIds.set(facts.library, id);
      }
      library[frame] = id;
    }
    if (facts.code === Code.native) {
      frameTraits[frame] = nativeTraits(name);
      isOperator[frame] = NODE.test(name) ? 2 : OPERATOR.test(name) ? 1 : 0;
    } else {
      frameTraits[frame] = pythonTraits(name, facts);
    }
  }
  const none = (): Uint32Array => new Uint32Array(stacks.count).fill(NONE);
  const traits = new Uint32Array(stacks.count);
  const stage = new Uint8Array(stacks.count);
  const work = new Uint8Array(stacks.count);
  const userFrame = none();
  const packageFrame = none();
  const pythonFrame = none();
  const moduleFrame = none();
  const operatorFrame = none();
  const hasFrames = new Uint8Array(stacks.count);
  const torch = libraryIds.get('torch') ?? NONE;
  let hasPython = false;
  let hasNative = false;
  for (let stack = 0; stack < stacks.count; stack++) {
    let all = 0;
    let torchModule = NONE;
    let isDecided = false;
    const begin = stacks.offsets[stack] as number;
    const end = stacks.offsets[stack + 1] as number;
    if (end > begin) hasFrames[stack] = 1;
    for (let i = begin; i < end; i++) {
      const frame = stacks.frames[i] as number;
      const own = frameTraits[frame] as number;
      const whose = code[frame] as number;
      all |= own;
      if (!isDecided) {
        const decided = stageOf(own);
        if (decided !== Stage.unknown) {
          work[stack] = decided;
          isDecided = true;
        }
      }
      if (whose === Code.native) {
        hasNative = true;
        // Of operators the outermost below Python, which is the one that was called; a node beats it.
        const rank = isOperator[frame] as number;
        const best = operatorFrame[stack] as number;
        const isNode = best !== NONE && isOperator[best] === 2;
        if (rank === 2 ? !isNode : rank === 1 && !isNode && pythonFrame[stack] === NONE) {
          operatorFrame[stack] = frame;
        }
        continue;
      }
      hasPython = true;
      if (pythonFrame[stack] === NONE) pythonFrame[stack] = frame;
      if (whose === Code.user && userFrame[stack] === NONE) userFrame[stack] = frame;
      const isPackage = whose === Code.user || (whose === Code.library && library[frame] !== torch);
      if (isPackage && packageFrame[stack] === NONE) packageFrame[stack] = frame;
      if ((own & Trait.forward) !== 0 && isNamedForward(snapshot, frame)) {
        if (isPackage && moduleFrame[stack] === NONE) moduleFrame[stack] = frame;
        if (!isPackage && torchModule === NONE) torchModule = frame;
      }
    }
    if (moduleFrame[stack] === NONE) moduleFrame[stack] = torchModule;
    // A forward pass under the engine, or where saved tensors are asked for, is one that is run again.
    if (work[stack] === Stage.forward && (all & (Trait.backward | Trait.recompute)) !== 0) {
      work[stack] = Stage.backward;
      all |= Trait.recompute;
    }
    stage[stack] = withinOf(work[stack] as number, all);
    traits[stack] = all;
  }
  return {
    code,
    frameTraits,
    library,
    libraries,
    traits,
    stage,
    work,
    userFrame,
    packageFrame,
    pythonFrame,
    moduleFrame,
    operatorFrame,
    hasFrames,
    hasPython,
    hasNative,
  };
}

function isNamedForward(snapshot: Snapshot, frame: number): boolean {
  return lastPart(snapshot.strings[snapshot.frames.name[frame] as number] ?? '') === 'forward';
}

/** The stage that one frame decides: of several the innermost counts (a step may call a closure). */
function stageOf(traits: number): number {
  if ((traits & (Trait.optimizer | Trait.clip)) !== 0) return Stage.optimizer;
  if ((traits & Trait.backward) !== 0) return Stage.backward;
  if ((traits & Trait.load) !== 0) return Stage.load;
  if ((traits & (Trait.forward | Trait.loss | Trait.head)) !== 0) return Stage.forward;
  if ((traits & Trait.data) !== 0) return Stage.data;
  return Stage.unknown;
}

/** What the callers make of it: a forward pass can be that of a capture, a generation, an evaluation. */
function withinOf(work: number, traits: number): number {
  // A state is gathered by the optimizer's own functions, too: what it is for decides.
  if ((traits & Trait.save) !== 0) return Stage.save;
  if (work !== Stage.forward && work !== Stage.unknown && work !== Stage.data) return work;
  if ((traits & Trait.compile) !== 0) return Stage.compile;
  if ((traits & Trait.kvAlloc) !== 0) return Stage.kv_alloc;
  if ((traits & Trait.capture) !== 0) return Stage.capture;
  if ((traits & Trait.generation) !== 0) return Stage.generate;
  if ((traits & Trait.evaluation) !== 0) return Stage.eval;
  return work;
}

/** Stages in which a model runs forward. */
export const isForward = (stage: number): boolean =>
  stage === Stage.forward || stage === Stage.eval || stage === Stage.generate;

/** Names of places for people: the shortest tails of paths that tell files apart. */
export class Places {
  readonly #snapshot: Snapshot;
  readonly #short: Map<number, string> = new Map();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    const byBase = new Map<string, Map<string, number[]>>();
    const seen = new Set<number>();
    for (let frame = 0; frame < snapshot.frames.count; frame++) {
      const file = snapshot.frames.file[frame] as number;
      if (seen.has(file)) continue;
      seen.add(file);
      const path = (snapshot.strings[file] ?? '').replaceAll('\\', '/');
      const base = path.slice(path.lastIndexOf('/') + 1);
      const paths = byBase.get(base) ?? new Map<string, number[]>();
      byBase.set(base, paths);
      const ids = paths.get(path) ?? [];
      ids.push(file);
      paths.set(path, ids);
    }
    for (const [base, paths] of byBase) {
      const tails = tailsOf(base, [...paths.keys()]);
      for (const [path, ids] of paths) {
        for (const id of ids) this.#short.set(id, tails.get(path) ?? base);
      }
    }
  }

  /** `train.py`, or `models/train.py` where two files have that name. */
  file(frame: number): string {
    return this.#short.get(this.#snapshot.frames.file[frame] as number) ?? '';
  }

  /** `train.py:12`. */
  line(frame: number): string {
    return `${this.file(frame)}:${this.#snapshot.frames.line[frame] as number}`;
  }

  function(frame: number): string {
    return this.#snapshot.strings[this.#snapshot.frames.name[frame] as number] ?? '';
  }
}

/** Adds folders from the right until the paths differ; a handful at most. */
function tailsOf(base: string, paths: readonly string[]): ReadonlyMap<string, string> {
  if (paths.length === 1) return new Map(paths.map((path) => [path, base]));
  for (let depth = 2; depth <= 6; depth++) {
    const tails = new Map(paths.map((path) => [path, path.split('/').slice(-depth).join('/')]));
    if (new Set(tails.values()).size === paths.length) return tails;
  }
  return new Map(paths.map((path) => [path, path]));
}
