/**
 * Which phase a failure happened in, and what shows it. The rules look at one frame each; the order
 * of the list is the order of precedence: a forward frame inside a backward pass is recomputation,
 * hence backward; a forward frame inside evaluation is evaluation.
 */
import type { Phase } from '../base/phase.ts';
import type { Frame } from './tracebacks/frame.ts';

/** `second`: the first turn has passed, so what it creates is there. */
export type Turn = 'first' | 'second' | 'later';

/** What shows the phase: a frame, a line of text, or the message itself. */
export type PhaseEvidence =
  | {
      readonly kind: 'frame';
      readonly frame: Frame;
      readonly recomputation: boolean;
    }
  | { readonly kind: 'line'; readonly text: string; readonly at: number }
  | { readonly kind: 'message' }
  /** The events of a recording around it. */
  | { readonly kind: 'recording' }
  | { readonly kind: 'nothing' };

export interface PhaseReading {
  readonly value: Phase;
  readonly because: PhaseEvidence;
  /** Whether it was the first turn of the loop, where a progress bar shows it. */
  readonly turn?: Turn;
  /** For `transfer`: true when the model itself was being moved. */
  readonly moves_model: boolean;
}

interface Rule {
  readonly phase: Phase;
  readonly function?: RegExp;
  readonly file?: RegExp;
  readonly code?: RegExp;
  /** Files in which the rule's words mean something else. */
  readonly notFile?: RegExp;
  /** Only a name: a frame of PyTorch's layers below it says more. */
  readonly isWeak?: boolean;
  /** Only where a forward pass of a module runs below it. */
  readonly isAboveForward?: boolean;
  /** Only of the innermost frame: what was being computed when it failed. */
  readonly isInnermost?: boolean;
}

/** A rule matches when each pattern that it has matches the frame. */
const RULES: readonly Rule[] = [
  { phase: 'backward', function: /^(?:\w+\.)*(?:backward|_?run_backward|_engine_run_backward)$/ },
  { phase: 'backward', file: /[\\/]torch[\\/]autograd[\\/]/, function: /backward|^grad$/ },
  // The engine's threads have no frame of the call to backward: checkpointing shows it.
  {
    phase: 'backward',
    file: /[\\/]torch[\\/]utils[\\/]checkpoint\.py$/,
    function: /^(?:\w+\.)*(?:recompute_fn|unpack_hook)$/,
  },
  { phase: 'backward', code: /\.backward\(|\bautograd\.grad\(/ },
  // Set-up of engines runs a step or moves weights on its way.
  {
    phase: 'init',
    function:
      /^(?:\w+\.)*(?:initialize_optimizer_states|_configure_(?:zero_optimizer|distributed_model|optimizer)|_create_fp(?:16|32)_\w+|_auto_wrap|_move_module_to_device|_init_param_handle\w*|_convert_to_(?:zero_parameters|deepspeed_param))$/,
  },
  // DeepSpeed's optimizers copy and divide the weights when they are made.
  {
    phase: 'init',
    file: /[\\/]deepspeed[\\/]runtime[\\/](?:zero[\\/]stage\w*|\w*optimizer)\.py$/,
    function: /^(?:\w+\.)*__init__$/,
  },
  {
    phase: 'init',
    file: /[\\/]torch[\\/]nn[\\/]parallel[\\/]distributed\.py$/,
    function: /^(?:\w+\.)*(?:__init__|_sync_\w+)$/,
  },
  // TensorFlow makes all variables at once, before anything runs.
  { phase: 'init', code: /\b(?:global_variables_initializer|initialize_all_variables)\(/ },
  { phase: 'optimizer', file: /[\\/]torch[\\/]optim[\\/]|[\\/]bitsandbytes[\\/]optim[\\/]/ },
  {
    phase: 'optimizer',
    function:
      /^(?:\w+\.)*_?(?:optim\w*_step|take_model_step|_init_group|_maybe_opt_step|clip_grad_norm\w*|_?unscale_\w*|zero_grad)$/,
  },
  {
    phase: 'optimizer',
    function: /^(?:\w+\.)*step$/,
    file: /optim|grad_scaler|zero[\\/]|deepspeed/,
  },
  {
    phase: 'optimizer',
    code: /\b\w*(?:optim\w*|opt|scaler)(?:\[\w+\])?\.step\(|\b_maybe_opt_step\(/,
  },
  {
    phase: 'optimizer',
    code: /\bstate\[["'](?:exp_avg(?:_sq)?|momentum_buffer|sum|square_avg)["']\] ?=/,
  },
  { phase: 'save', function: /^(?:\w+\.)*_?save(?:_|$)\w*|_save_ckpt$/, isWeak: true },
  // bitsandbytes puts weights of 8 bits back into rows when a state dict is made.
  { phase: 'save', function: /^undo_layout$/ },
  { phase: 'save', code: /\btorch\.save\(|\.save_(?:pretrained|checkpoint|model|state)\w*\(/ },
  {
    phase: 'load',
    function:
      /^(?:\w+\.)*(?:from_pretrained|from_config|from_single_file|set_module_tensor_to_device|_load_state_dict_into_\w+|load_state_dict|_load_pretrained_model|load_checkpoint\w*|load_model\w*|loadmodel)$/,
  },
  {
    phase: 'load',
    // Data is loaded in the middle of work.
    function:
      /^(?:\w+\.)*_?(?:load(?:_(?!batch|data|image|img|sample|example|video|audio|frame|token|text|and)\w*)?|restore_\w+)$/,
    isWeak: true,
  },
  // Weights are packed before anything runs.
  {
    phase: 'load',
    function:
      /^(?:\w+\.)*(?:pseudo_)?quantize_(?:weights?|tensors?|linear|layer|model_weights?)(?:_\w+)?$/,
  },
  {
    phase: 'load',
    code: /\.from_pretrained\(|\bload_state_dict\(|\btorch\.load\(|\bload_model\(|\bload_checkpoint\w*\(/,
  },
  {
    phase: 'capture',
    function:
      /^(?:\w+\.)*(?:capture\w*|_?capture_(?:model|graph)s?|_warmup_cudagraph\w*|compile_or_warm_up_model|_dummy_sampler_run)$/,
  },
  { phase: 'capture', file: /cuda_?graph/i },
  // What is not quantized is cast to fp32 before anything is trained.
  { phase: 'load', function: /^prepare_model_for_(?:kbit|int8)_training$/ },
  {
    phase: 'kv_alloc',
    function:
      /^(?:\w+\.)*_?(?:init(?:ialize)?_(?:kv_)?caches?|initialize_kv_caches|allocate_kv_cache\w*|setup_caches|_allocate_kv_cache\w*|determine_(?:num_)?available_\w+)$/,
  },
  // A cache of keys and values that is made whole before anything is generated.
  {
    phase: 'kv_alloc',
    file: /[\\/](?:\w*_)?(?:kv_?)?cache(?:_\w+)?\.py$/,
    function:
      /^(?:\w+\.)*(?:create_state_tensors|_?allocate\w*|(?:early|lazy)_initialization|_?create_buffers?)$/,
  },
  {
    phase: 'kv_alloc',
    file: /[\\/](?:kv_?)?cache_manager\.py$/,
    code: /\bkv_?caches?\b/i,
  },
  {
    phase: 'kv_alloc',
    code: /\b\w*(?:KV|Static|Quantized|Paged|ExLlama\w{0,4})_?Cache\w*\(|\b(?:set|build|make|create|setup|init)_(?:kv_?)?caches?\(|\b\w*(?:k|key|v|value|kv)_?(?:cache|states|pool)s?\w{0,4}\s*=\s*torch\.(?:zeros|empty|full)\(|\b(?:cache_kvs?|kv_caches?)\b.{0,30}\b(?:zeros|empty|full)\(|\bcache_(?:[kv]|key|value)s?\s*=\s*torch\.(?:zeros|empty|full)\(/,
  },
  { phase: 'capture', code: /\.capture_(?:begin|end)\(|\btorch\.cuda\.graph\(/ },
  { phase: 'prefill', function: /^(?:\w+\.)*prefill$/i },
  // What the Trainer keeps of an evaluation: nothing else puts tensors together there.
  { phase: 'eval', file: /[\\/]transformers[\\/]trainer_pt_utils\.py$/ },
  // An evaluation loop that generates is evaluation.
  {
    phase: 'eval',
    function:
      /^(?:\w+\.)*_?(?:evaluate\w*|evaluation\w*|validate\w*|validation\w*|prediction_(?:step|loop)|run_(?:eval|valid)\w*|perform_actual_validation|\w*sanity_check)$/,
  },
  {
    phase: 'generate',
    function:
      /^(?:\w+\.)*(?:generate|_?greedy_search|_?beam_search|_sample|_beam_search|decode_step|generate_token)$/,
  },
  {
    phase: 'generate',
    function: /^(?:\w+\.)*(?:stream_(?:generate|chat)|generate_stream\w*|chat)$/,
  },
  { phase: 'generate', file: /[\\/]generation[\\/]utils\.py$/ },
  { phase: 'generate', code: /\.generate\(|past_key_values?\[|\bpast_key_values?\.update\(/ },
  {
    phase: 'eval',
    function:
      /^(?:\w+\.)*_?(?:eval|evals|eval_\w+|run_(?:eval|valid|test)\w*|evaluate\w*|evaluation\w*|run_evaluation|valid|valid_\w+|validate\w*|validation\w*|val|val_\w+|test|test_(?:step|loop|epoch|model)\w*|do_(?:eval|val|test)\w*|\w*sanity_check|predict|predict_(?!with_cfg|noise|eps|x0|start|once)\w+|prediction_\w+|infer|inference\w*|sliding_window_inference|\w+_inference|perform_actual_validation|\w+_gpu_test|compute_validation_\w+|inference_on_dataset)$/,
    // The model class of Ultralytics calls its forward pass "predict".
    notFile: /ultralytics.*[\\/]nn[\\/]tasks\.py$/,
  },
  { phase: 'eval', code: /\b(?:evaluate|validate|run_validation|sliding_window_inference)\(/ },
  // A script that shows what a finished model does.
  {
    phase: 'eval',
    file: /(?:^|[\\/])(?:demo|infer|inference|predict|prediction|visuali[sz]e|extract|eval|evaluat(?:e|ion|or)|validat(?:e|ion)|test(?:ing|er)?)(?:[_-]\w{1,40})?\.py$/,
    function: /^(?:<module>|main|run\w*|process\w*|demo\w*|detect\w*)$/,
    isAboveForward: true,
  },
  {
    phase: 'eval',
    file: /(?:^|[\\/])(?:demo|infer|inference|predict|prediction|extract|embed|eval|evaluat(?:e|ion|or))(?:[_-]\w{1,40})?\.py$/,
    function: /^(?:<module>|main)$/,
    code: /(?:=|^|\() ?(?:self\.)?(?:model|net|encoder|backbone|network)\((?!\))/,
    isInnermost: true,
  },
  {
    phase: 'compile',
    file: /[\\/]torch[\\/]_(?:inductor|dynamo)[\\/]/,
    // The same files call the compiled code later on.
    function:
      /compile_fx|codegen_and_compile|compile_to_|^_compile|autotune|benchmark|convert_frame/,
  },
  {
    phase: 'transfer',
    file: /[\\/]parallel[\\/]data_parallel\.py$/,
    function: /__init__$/,
  },
  {
    phase: 'forward',
    function:
      /^(?:\w+\.)*(?:forward\w*|(?:de|en)code_first_stage|_call_impl|_wrapped_call_impl|_conv_forward|compute_loss|training_step|loss_fn|scaled_dot_product_attention|apply_model)$/,
  },
  // Layers and functions of other frameworks, where they compute.
  {
    phase: 'backward',
    file: /[\\/](?:chainer[\\/](?:variable|_backprop\w*)|paddle[\\/]\S{0,60}[\\/]?varbase_patch_methods|mxnet[\\/]autograd)\.py$/,
    function: /backward/,
  },
  {
    phase: 'forward',
    file: /[\\/](?:chainer[\\/](?:functions[\\/]|links[\\/]|function(?:_node)?\.py|link\.py)|paddle[\\/]nn[\\/](?:functional|layer)[\\/]|mxnet[\\/]gluon[\\/](?:nn[\\/]|block\.py)|keras[\\/]\S{0,60}layers[\\/])/,
    function: /^(?:\w+\.)*(?:__call__|call|forward\w*|apply|hybrid_forward|conv\w*|_conv\w*)$/,
  },
  // A layer that is being made allocates its weights.
  {
    phase: 'init',
    code: /\b(?:nn\.)?Parameter\(\s?(?:data ?= ?)?torch\.(?:Tensor|FloatTensor|empty|zeros|ones|randn?)\(/,
  },
  {
    phase: 'init',
    file: /[\\/]torch[\\/]nn[\\/]modules[\\/]/,
    function: /^(?:\w+\.)*(?:__init__|reset_parameters)$/,
  },
  {
    phase: 'forward',
    file: /[\\/]torch[\\/]nn[\\/](?:modules[\\/](?!module\.py)|functional|parallel)/,
  },
  { phase: 'forward', file: /[\\/]torchinductor_/ },
  {
    phase: 'transfer',
    function:
      /^(?:\w+\.)*(?:to|cuda|_apply|convert|to_device|send_to_device|move_to_device|move_data_to_device|prepare_model|pin_memory)$/,
  },
  // A format alone (`x.to(weight.dtype)`) moves nothing; inside a call it is an argument of what computes.
  {
    phase: 'transfer',
    code: /\.(?:cuda|to(?!\((?:dtype ?= ?)?(?:[\w.]*dtype|torch\.(?:b?float\d*|half|double|u?int\d*|long|bool))\)))\([^()]*\)?[^=]*$/,
  },
  {
    phase: 'transfer',
    code: /^(?:[\w.]+ = )?[\w.]*(?:model|net|unet|vae|encoder|decoder|transformer|pipe|pipeline|module)\.to\((?:dtype ?= ?)?[\w.]+\)$/,
  },
  {
    phase: 'transfer',
    function: /^(?:\w+\.)*_?(?:get_batch(?:es)?|collate\w*|prefetch\w*|preload\w*|to_device\w*)$/,
  },
  // The first call to the device creates its context; below it nothing is computed yet.
  { phase: 'init', file: /[\\/]torch[\\/]cuda[\\/]/, function: /^_lazy_init$/ },
  { phase: 'init', isInnermost: true, code: /\btorch\.cuda\.(?:set_device|init)\(/ },
  {
    phase: 'forward',
    code: /(?:^|[=\s(])(?:self\.)?(?:\w*(?:model|net|unet|vae|encoder|decoder|backbone|transformer|criterion|loss_fn|loss_func|head|layer|module|block|attn|mlp))\(|\bF\.\w+\(|torch\.nn\.functional\.|\b_C\.\w+\(|\.fwd\(|\bsoftmax\(|\b(?:matmul|mm|bmm|baddbmm|einsum)\(/,
  },
  {
    phase: 'forward',
    function:
      /^(?:\w+\.)*(?:sample|sample_\w+|\w*ksampler|denoise\w*|calc_cond_batch|_calc_cond_batch)$/i,
  },
  {
    phase: 'forward',
    function:
      /^(?:\w+\.)*(?:train_(?:step|batch|one_step)|compute_\w*loss\w*|\w+_loss|_?ssim|extract_features|run_iter|propagate|message|render_rays|batchify_rays|run_network|get_targets|assign|\w+_overlaps|\w+_iou|cdist|pairwise_\w+)$/,
  },
  { phase: 'forward', file: /[\\/]diffusers[\\/]pipelines[\\/]/ },
  { phase: 'save', function: /^(?:\w+\.)*_?\w*state_dict$/ },
  {
    phase: 'init',
    function: /^(?:\w+\.)*(?:__init__|_?init_?|init_\w+|initialize\w*|_init_\w+)$/,
    // An array that a compiled library makes; a graph of TensorFlow, which is built before anything runs.
    notFile: /\.pyx$|[\\/]tensorflow[\\/]python[\\/]framework[\\/]ops\.py$/,
  },
  // Parameters, their averages and the states of the optimizer are made at once.
  { phase: 'init', code: /\b(?:init|create)_train_state\(|\bTrainState\.create\(/ },
  { phase: 'init', code: /\binit_process_group\(|\bdeepspeed\.initialize\(/ },
  // Alone: a training that keeps a cache shows frames of its own above it.
  {
    phase: 'generate',
    file: /[\\/]cache_utils\.py$/,
    function: /^(?:\w+\.)*update$/,
  },
  // Plain arithmetic on tensors, where no name tells more.
  {
    phase: 'forward',
    isInnermost: true,
    code: /^(?:return |[\w.,[\]: ]{1,60} (?:[-+*/@]|\*\*)?= ).{0,200}?(?:[\w)\]] (?:\*\*?|[-+/@]) [\w(-]|\btorch\.(?:cat|stack|exp|pow|sqrt|einsum|matmul|bmm|where|gather|cumsum|cumprod|norm|sum|mean|sigmoid|tanh|relu|softmax|sort|topk|roll|outer|meshgrid|clamp|abs|sin|cos)\()/,
  },
  // Engines and loaders make a model under a device, so that its weights lie there at once.
  {
    phase: 'load',
    file: /[\\/]torch[\\/]utils[\\/]_device\.py$/,
    function: /^__torch_function__$/,
  },
];

function matchesRule(rule: Rule, frame: Frame): boolean {
  return (
    (rule.function === undefined || rule.function.test(frame.function ?? '')) &&
    (rule.file === undefined || rule.file.test(frame.file)) &&
    (rule.code === undefined || rule.code.test(frame.code ?? '')) &&
    rule.notFile?.test(frame.file) !== true
  );
}

/** Frames inside a closure that an optimizer's step() calls are no optimizer work (Lightning). */
function withoutClosureCallers(frames: readonly Frame[]): readonly Frame[] {
  const closure = frames.findLastIndex((frame) => /closure/i.test(frame.function ?? ''));
  return closure < 0 ? frames : frames.slice(closure + 1);
}

const isLayer = (frame: Frame): boolean =>
  /[\\/]torch[\\/]nn[\\/](?:modules[\\/](?!module\.py)|functional)/.test(frame.file);

/** `model.cuda()`, `Net(…).to(device)`: by the name of what is moved; inputs can bear the model's name too. */
const MODEL_MOVED =
  /\breturn t\.(?:to|cuda)\(device(?:, dtype if t\.is_floating_point|\))|\b(?:self\.)?(?!\w*(?:input|output|batch|ids|mask|feat|label|state|hidden|embed|token|tensor|loss|data|target|image|img|img_))\w*(?:model|net|generator|discriminator|encoder|decoder|backbone|unet|pipe(?:line)?|module|network|transformer|bert|clip|vae)(?!\w*(?:input|output|batch|ids|mask|feat|label|state|hidden|embed|token|tensor|loss|data|target|image))\w{0,20}(?:\.(?:half|float|eval|bfloat16|train|double)\(\))?\.(?:to|cuda)\(|\bnn\.(?:Embedding\w{0,4}|Linear|Transformer\w{0,12}|LSTM|GRU|Sequential|Conv\w{2,14})\([^()]{0,120}\)\.(?:to|cuda)\(|\b(?:\w*(?:Net|Model|Transformer|GAN|Encoder|Decoder|Module|Pipeline|Network|ForCausalLM|For\w{2,30})\w*|\w*DataParallel)\([^()]{0,120}\)(?:\.\w{2,12}\(\))?\.(?:to|cuda)\(/i;

/** Functions of those who train. */
const TRAINS = /(?:^|\.)(?:\w*train\w*|fit|\w*optimi[sz]e\w*)$/i;

const MOVES_MODEL = /^(?:\w+\.)*(?:_apply|convert|prepare_model|to|cuda)$/;

/** The phase that the frames show, outermost first; undefined when they show none. */
export function phaseOfFrames(frames: readonly Frame[]): PhaseReading | undefined {
  const inside = withoutClosureCallers(frames);
  for (const rule of RULES) {
    const innermost = inside.length - 1;
    const at = inside.findIndex(
      (candidate, index) =>
        (rule.isInnermost !== true || index === innermost) && matchesRule(rule, candidate),
    );
    if (at < 0) continue;
    const below = inside.slice(at + 1);
    if (
      rule.isAboveForward === true &&
      (!below.some((frame) => /(?:^|\.)forward$/.test(frame.function ?? '')) ||
        below.some((frame) => TRAINS.test(frame.function ?? '')) ||
        /train/i.test(inside[at]?.file ?? ''))
    )
      continue;
    if (rule.isWeak === true && below.some(isLayer)) continue;
    // The outermost frame of the phase is the one that a reader recognises: "loss.backward()".
    const samePhase = RULES.filter((other) => other.phase === rule.phase);
    const frame = rule.isInnermost
      ? inside[at]
      : inside.find((f) =>
          samePhase.some((other) => other.isInnermost !== true && matchesRule(other, f)),
        );
    if (frame === undefined) continue;
    const deeper = inside.slice(inside.indexOf(frame) + 1);
    const recomputation =
      rule.phase === 'backward' &&
      deeper.some((f) =>
        /^(?:\w+\.)*(?:forward|_call_impl|recompute_fn|unpack_hook)$/.test(f.function ?? ''),
      );
    return {
      value: rule.phase,
      because: { kind: 'frame', frame, recomputation },
      moves_model:
        rule.phase === 'transfer' &&
        inside.some(
          (f) =>
            MODEL_MOVED.test(f.code ?? '') ||
            (/module\.py$|accelerator\.py$/.test(f.file) && MOVES_MODEL.test(f.function ?? '')),
        ),
    };
  }
  return undefined;
}

/** Lines near a message that show the phase when no frame does. */
const LINE_RULES: readonly { readonly phase: Phase; readonly pattern: RegExp }[] = [
  {
    phase: 'load',
    pattern:
      /Loading (?:checkpoint|pipeline|(?:safetensors|pt) checkpoint) (?:shards|components)|model failed to load|(?:fail(?:ed|ure)? (?:to|in|while|during|at)|error (?:while|during|in|when)|could not|unable to) (?:re)?load(?:ing)? (?:the |a )?(?:\w{1,24} )?(?:pipeline|model|checkpoint|engine|weights)\b|Starting to load model|\bmoving (?:the )?(?:model|pipeline|device|weights)s? to (?:the )?(?:cuda|gpu|device)\b|^initiali[sz]ing (?:the )?pipeline\b|Load weight begin|Loading (?:model )?weights(?! took)(?!.{0,120}\bdone\b)|\bLoading [\w./-]{0,60}\d(?:\.\d)?b\b[\w./-]{0,40}\.\.\.|\b[Ll]oading (?!\S{0,80}(?:data|vocab|token|train|valid|test))\S{1,80}\.(?:pth|ckpt|safetensors|gguf)\b(?!.{0,120}\b(?:done|took|ok)\b)|Loading (?:transformer|model|unet|text[ _]?encoder|vae|diffusion model) (?:parameters|weights|state[ _]?dict)(?!.{0,120}\b(?:done|took|100%))|模型(?:未|没有?)(?:能)?(?:成功)?加载(?!错误|失败|问题|异常)|加载模型(?:失败|出错)|模型加载(?:失败|出错)|не удалось загрузить модель/i,
  },
  // Scripts set the type of new tensors right before they make the model, and model parallel groups too.
  {
    phase: 'init',
    pattern:
      /\bset_default_tensor_type\(|\binitializing (?:tensor )?(?:model parallel|ddp|pipeline) with size \d/,
  },
  {
    phase: 'capture',
    pattern:
      /Capturing (?:the model for )?CUDA ?graph|CUDA graphs can take additional|Capture cuda graph|cudagraph capture/i,
  },
  { phase: 'generate', pattern: /^Output generated in [\d.]{1,9} seconds/ },
  { phase: 'save', pattern: /\bstate_dict\(\) call|Saving (?:model )?checkpoint|save_checkpoint/i },
  {
    phase: 'load',
    pattern:
      /(?:executing|Node Type:\**) \w*(?:Loader|Load_?(?:Model|Checkpoint|Pipeline)|(?:Model|Checkpoint|Pipeline)_?Load)\w*/i,
  },
  { phase: 'load', pattern: /\bexecuting method '?load_model\b/ },
  { phase: 'load', pattern: /\bInitializing the chat module\b|\bLoading (?:the )?chat module\b/ },
  {
    phase: 'forward',
    pattern: /(?:executing|Node Type:\**) \w*(?:Sampler|VAEDecode|VAEEncode|Upscale)\w*/i,
  },
  { phase: 'init', pattern: /\bcuDevicePrimaryCtxRetain\b/ },
  // Lua's tracebacks, innermost first.
  {
    phase: 'backward',
    pattern: /\.lua:\d{1,6}: in function '(?:updateGradInput|accGradParameters|backward)'/,
  },
  { phase: 'forward', pattern: /\.lua:\d{1,6}: in function '(?:updateOutput|forward)'/ },
  {
    phase: 'optimizer',
    pattern:
      /\.lua:\d{1,6}: in function '(?:optim\.)?(?:adam\w*|sgd|rmsprop|adagrad|adadelta|nag)'/,
  },
  {
    phase: 'eval',
    pattern:
      /^\s*(?:predict(?:ing|ion)?|infer(?:ring|ence)?|evaluat(?:e|ing|ion)|validat(?:e|ing|ion))\b:? ?\[?\d{1,7} ?\/ ?\d{2,7}\b\W{0,6}$/i,
  },
  // darknet draws a new size every few batches.
  { phase: 'forward', pattern: /^Resizing(?:, random_coef|\s*$)/ },
  { phase: 'prefill', pattern: /[:{ ]prefill[:{]/ },
  // The loggers of detectors: "Test:  [ 14/500]  eta: …"
  { phase: 'eval', pattern: /^\s{0,4}Test:\s{1,3}\[\s{0,6}\d{1,9}\/\d{1,9}\]\s{1,3}eta: / },
  {
    phase: 'eval',
    pattern:
      /sliding_window_inference|\b(?:Evaluating|Validating|Validation (?:DataLoader|round)|Sanity Checking)\b|\*{3,} Running (?:Evaluation|evaluation|Prediction|prediction|Eval|Test|Validation)\b/,
  },
];

/** A line of source code right above the message, where the frame line itself was cut off. */
const CODE_LINE = /^\s*(?:[\w.,[\]"' ]+ = |return |[\w.]+\()[\w.]+.*[)(\w\]]$/;

/** What each line shows by itself; computed once for all messages among the lines. */
export function phasesShown(lines: readonly { readonly text: string }[]): (Phase | undefined)[] {
  return lines.map(({ text }) => {
    if (text.length > LONGEST_TELLING_LINE) return undefined;
    return LINE_RULES.find(({ pattern }) => pattern.test(text))?.phase;
  });
}

/** A line that tells a phase is not longer than this. */
const LONGEST_TELLING_LINE = 4000;
/** Lines above and below a message that can tell its phase. */
const ABOVE = 4;
const BELOW = 12;

/**
 * The phase that lines around a message show: a source line right above it, else the nearest line
 * that names one. @param shown what phasesShown() gave for `lines`. @param at the message's index.
 */
export function phaseOfLines(
  lines: readonly { readonly text: string; readonly number: number }[],
  shown: readonly (Phase | undefined)[],
  at: number,
): PhaseReading | undefined {
  const marked = markedAbove(lines, at);
  const above = marked ?? lines[at - 1];
  // A notebook marks the line with an arrow and its number.
  const code = above?.text.replace(/^\s*-*> ?\d{1,6} +/, '').trim() ?? '';
  if (above !== undefined && above.text.length < 300 && CODE_LINE.test(code)) {
    const rule = RULES.find(
      (r) =>
        r.isInnermost !== true &&
        r.code?.test(code) &&
        r.function === undefined &&
        r.file === undefined,
    );
    const phase =
      rule?.phase ?? (/^return .*[\w)\]] [*+] [\w(]/.test(code) ? 'forward' : undefined);
    if (phase !== undefined) return fromLine(phase, above);
  }
  const torn = callIn(lines[at]);
  if (torn !== undefined) return torn;
  const noted = belowComment(lines, at);
  if (noted !== undefined) return noted;
  for (let step = 0; step <= ABOVE + BELOW; step++) {
    const index = step <= ABOVE ? at - step : at + step - ABOVE;
    const [line, phase] = [lines[index], shown[index]];
    if (line === undefined || phase === undefined) continue;
    // What a logger told of is over; a load below it is of what came next, unless it never ended.
    const isNext = index > at && LOADS.has(phase) && isLogged(lines[at]);
    if (isNext && !UNFINISHED.test(line.text)) continue;
    return fromLine(phase, line);
  }
  return undefined;
}

/** A bar that stands where the program was left. */
const UNFINISHED = /(?<!\d)\d{1,2}%\|/;
const LOADS: ReadonlySet<Phase> = new Set(['load', 'init']);
const isLogged = (line: { readonly text: string; readonly raw?: string } | undefined): boolean =>
  line?.raw !== undefined && /\b(?:ERROR|WARN(?:ING)?|CRITICAL)\b/.test(line.raw.slice(0, 200));

/** Processes that fail at once write into each other's lines: "OutOfMemoryError: self.optimizer.step()CUDA out of …". */
const TORN_CALL =
  /(?:^|[\s:(])(?:\w+\.)*(?:optim\w*\.(?<step>step)|\w*loss\w*\.(?<backward>backward))\(\)/;

function callIn(
  line: { readonly text: string; readonly number: number } | undefined,
): PhaseReading | undefined {
  const groups = TORN_CALL.exec(line?.text.slice(0, 300) ?? '')?.groups;
  if (line === undefined || groups === undefined) return undefined;
  return fromLine(groups['step'] === undefined ? 'backward' : 'optimizer', line);
}

/** The line that a drawn traceback points at, in a box right above the message: `❱ 629 │ … │`. */
function markedAbove(
  lines: readonly { readonly text: string; readonly number: number }[],
  at: number,
): { readonly text: string; readonly number: number } | undefined {
  if (!/^\s*[╰└]/.test(lines[at - 1]?.text ?? '')) return undefined;
  for (let i = at - 2; i >= 0 && i >= at - MOST_IN_BOX; i -= 1) {
    const line = lines[i];
    const code = /❱ *\d{1,6} *(?<code>[^\n]{1,300})/.exec(line?.text ?? '')?.groups?.['code'];
    if (line !== undefined && code !== undefined)
      return { text: code.replace(/^[│| ]+|[│| ]+$/g, ''), number: line.number };
  }
  return undefined;
}

const MOST_IN_BOX = 12;

const COMMENT = /^\s*(?:#|\/\/)/;

/** A message that somebody noted in a comment stands above the line of code that it came from. */
function belowComment(
  lines: readonly { readonly text: string; readonly number: number }[],
  at: number,
): PhaseReading | undefined {
  if (!COMMENT.test(lines[at]?.text ?? '')) return undefined;
  const below = lines.slice(at + 1, at + 1 + BELOW).find(({ text }) => !COMMENT.test(text));
  if (below === undefined || !CODE_LINE.test(below.text)) return undefined;
  const rule = RULES.find(
    ({ code, isWeak, isInnermost }) =>
      isWeak !== true && isInnermost !== true && code?.test(below.text.trim()),
  );
  return rule === undefined ? undefined : fromLine(rule.phase, below);
}

function fromLine(value: Phase, line: { text: string; number: number }): PhaseReading {
  return {
    value,
    because: { kind: 'line', text: line.text.trim().slice(0, 120), at: line.number },
    moves_model: value === 'transfer' && MODEL_MOVED.test(line.text),
  };
}

/** What shows how far a loop is: at which line it stands, and which turn it shows. */
export interface Progress {
  readonly index: number;
  readonly turn: Turn;
  /** Steps that are done; absent where only epochs are told. */
  readonly done?: number;
  /** A line of figures that the loop itself printed: it was that of the training. */
  readonly isLogged: boolean;
  /** The bar of an evaluation: within a training it says nothing of the training's own steps. */
  readonly isOfEvaluation?: true;
}

/** Bars, and the counts that scripts print themselves: "[ 29/210] processing image", "Test:  [ 14/500]  eta". */
const PROGRESS =
  /(?:^|[\s|])(\d{1,9})\/(\d{1,9}) \[\d|^\s{0,4}\[\s{0,6}(\d{1,9})\/(\d{2,9})\] |^\s{0,4}image (\d{1,9})\/(\d{2,9}) \S|^\s{0,4}Test:\s{1,3}\[\s{0,6}(\d{1,9})\/(\d{1,9})\]\s{1,3}eta: /;
const OF_EVALUATION = /^.{0,40}\b(?:eval|valid)\w{0,8}\b|^\s{0,4}Test: /i;
/** Bars of work that is no training loop. */
const NO_LOOP =
  /Loading|Downloading|Fetching|Map\b|Tokeniz|\bepochs?\b|\bfold\b|\btrial|\beval|\bvalid|Task Queue|\b(?:De|En)cod(?:er|ing)\b|\bdenois|\bsampling\b|\binference\b|\bgenerating\b|\btiles?\b|Processed prompts|\brender|\bupscal|\bextract/i;
/** Lines above a failure in which its progress bar stands. */
const REACH = 400;

/**
 * "it 7990", "Iter: 7990/300000", "global_step=7990", "Epoch: [3][ 120/5005]", "Epoch 3: 120/5005", the
 * bars of Keras.
 */
const LOGGED_STEP =
  /^\s*\[\d{1,6}\/\d{1,6}\]\s?\[(\d{1,9})\/\d{1,9}\]|^\s*(\d{1,9})\/\d{1,9} (?:\[[=>.]|\u2501)|\b(?:it|iter|iteration|step|global[_ ]step|train[_ ]step|num_updates|batch(?=\W{1,4}\d{1,9}\/))(?!\w)["']?\s?[:=#[(]{0,2}\s{0,6}(\d{1,9})(?![\d.]|:\d|\s?[a-z]{1,3}\/s)|\bepochs?\b\W{1,4}\d{1,6}(?:\/\d{1,6})?\W{1,4}(\d{1,9})\/\d{1,9}|\bepoch[ [:]{0,3}\d{1,6}[\] ,]{1,4}\[?batch[ [:]{1,3}(\d{1,9})|^\s*updates? (\d{1,9}),/i;
const LOGGED_EPOCH = /\bepoch(?!\w)["']?\s?[:=#[(]{0,2}\s{0,6}(\d{1,6})(?:\.\d{1,9})?(?!\d)/i;
/** What a loop prints of its step, in whatever order. */
const METRIC =
  /(?:fps|reward|loss|acc|psnr|perplexity|ppl|grad_?norm)\w{0,12}["']?\s?[:=]?\s{0,4}\(?-?\d/i;
/** Settings, other loops, and what was read rather than done. */
const NOT_LOGGED =
  /\b(?:max|total|num(?:ber)?|warm-?up|save|eval\w*|valid\w*|test\w*|resum\w*|restor\w*|load\w*|download\w*|checkpoint\w*|every|sampl\w*|denois\w*|inference|render\w*|Namespace|batch_?size|seed|(?:num_)?workers)\b/i;
const LONGEST_LOGGED_LINE = 600;

/** All that shows the progress of loops among the lines, in order. */
export function progressOf(lines: readonly { readonly text: string }[]): Progress[] {
  return lines.flatMap(({ text }, index): Progress[] => {
    const match = text.includes('/') ? PROGRESS.exec(text) : null;
    if (match === null) return loggedIn(text, index);
    const isOfEvaluation = OF_EVALUATION.test(text);
    // The bar of whole epochs: that one of them is over is all that it says.
    if (/\bepochs?\b(?!\W{0,3}\d{1,6}\W{1,8}\d{1,3}%)/i.test(text) && Number(match[1] ?? 0) >= 2)
      return [{ index, turn: 'later', isLogged: true }];
    if (NO_LOOP.test(text) && !isOfEvaluation) return loggedIn(text, index);
    const done = Number(match[1] ?? match[3] ?? match[5] ?? match[7]);
    const turn = done === 0 ? 'first' : done === 1 ? 'second' : 'later';
    return [{ index, done, turn, isLogged: false, ...(isOfEvaluation && { isOfEvaluation }) }];
  });
}

/** A line with metrics is printed when its step is done; counts begin at 0 or 1, so the next one is sure. */
function loggedIn(text: string, index: number): Progress[] {
  if (text.length > LONGEST_LOGGED_LINE || !METRIC.test(text) || NOT_LOGGED.test(text)) return [];
  const step = LOGGED_STEP.exec(text);
  const done = Number(step?.slice(1).find((digits) => digits !== undefined));
  if (done >= 2) return [{ index, done, turn: 'later', isLogged: true }];
  return Number(LOGGED_EPOCH.exec(text)?.[1]) >= 2
    ? [{ index, turn: 'later', isLogged: true }]
    : [];
}

/**
 * How far the loop was at the line with index `at`: what stands last above it.
 * @param ofEvaluation the bar of an evaluation is meant, too
 */
export function progressAt(
  progress: readonly Progress[],
  at: number,
  ofEvaluation = false,
): Progress | undefined {
  const last = progress.findLast(
    ({ index, isOfEvaluation }) => index <= at && (ofEvaluation || isOfEvaluation !== true),
  );
  return last !== undefined && at - last.index <= REACH ? last : undefined;
}
