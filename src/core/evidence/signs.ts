/**
 * What frames and lines around a failure show of the work that was being done and of what was in force:
 * attention scores, logits, a loaded checkpoint, recomputation. Causes and remedies ask for a sign by
 * its name and never read text.
 */
import { literalsOf, mayMatch } from './text/literals.ts';
import type { Frame } from './tracebacks/frame.ts';

export type Sign =
  // In force.
  | 'checkpointing'
  | 'no-grad'
  | 'autocast'
  | 'zero'
  | 'zero-3'
  | 'fsdp'
  | 'ddp'
  | 'data-parallel'
  | 'eight-bit-optimizer'
  | 'lora'
  | 'four-bit'
  | 'flash-attention'
  | 'sdpa'
  | 'compiled'
  | 'fused-loss'
  | 'offload'
  | 'foreach-step'
  | 'fused-step'
  // What was being computed.
  | 'attention-scores'
  | 'logits'
  | 'loss'
  | 'convolution'
  | 'upsampling'
  | 'vae'
  | 'pairwise'
  | 'dense-matrix'
  | 'graph-aggregation'
  | 'experts'
  | 'beam-search'
  | 'generation'
  | 'metrics'
  | 'calibration'
  | 'tiling'
  | 'concatenation'
  // What was being kept or moved.
  | 'optimizer-states'
  | 'optimizer-set-up'
  | 'transform'
  | 'rasterizer'
  | 'takes-workspace'
  | 'states-told'
  | 'read-checkpoint'
  | 'load-optimizer-states'
  | 'load-weights'
  | 'full-state-gather'
  | 'eval-outputs'
  | 'reference-model'
  | 'moving-average'
  | 'copy-of-model'
  | 'kept-outputs'
  | 'sum-of-losses'
  | 'kept-graph'
  | 'retry-after-failure'
  | 'host-shortage'
  | 'told-growth'
  | 'repeated-run'
  | 'later-run'
  | 'switches-model'
  // Who else.
  | 'rollout-engine'
  | 'rollout'
  | 'graph-capture'
  | 'sampler-warm-up'
  | 'profile-run'
  | 'collective'
  | 'pinning'
  | 'context-creation'
  | 'first-call'
  | 'other-framework'
  | 'notebook'
  | 'windows'
  | 'wsl'
  | 'unified-memory'
  | 'slice'
  | 'sized-pool'
  | 'pool-at-start'
  | 'engine-wakes'
  | 'data-loader'
  | 'single-rank'
  // What the program itself advises.
  | 'advises-smaller-work'
  | 'fragmentation-hint'
  | 'native-program'
  | 'rank-entry'
  | 'mapped-load'
  | 'tunes-convolutions'
  | 'densifies'
  | 'share-warned'
  | 'indices-too-long'
  | 'paged-states'
  | 'serves-requests'
  // What somebody says or shows of having tried.
  | 'tried-counter-reset'
  | 'tried-augmentation'
  | 'tried-restart'
  | 'tried-drivers'
  | 'tried-collection'
  | 'tried-deletion'
  | 'tried-eval-mode'
  | 'tried-workers'
  | 'tried-attention-slicing'
  | 'tried-environment-in-script'
  | 'tried-host-memory'
  // Of sharding.
  | 'gathered-weights-kept'
  // Of data.
  | 'whole-data'
  | 'loading-data'
  | 'negative-size'
  | 'worker-process'
  | 'partition-sizes'
  | 'ended-by-rule'
  | 'absurd-count'
  | 'cache-extended'
  | 'volatile-ignored';

/** Where a sign was seen. */
export type SignPlace =
  | { readonly frame: Frame }
  | { readonly line: number; readonly text: string };

export type Signs = ReadonlyMap<Sign, SignPlace>;

interface FrameRule {
  readonly sign: Sign;
  /** Patterns on the frame; all that are given must match. */
  readonly file?: RegExp;
  readonly function?: RegExp;
  readonly code?: RegExp;
  /** Only in the deepest so many frames: what was being computed when it failed. */
  readonly deepest?: number;
}

const EACH_WITH_EACH =
  /\b\w*(?:features?|embeds?|embeddings?) ?@ ?\w*(?:features?|embeds?|embeddings?)\w*\.(?:t\(\)|T\b)|\bbmm\(\s?\w*quer(?:y|ies)[^,\n]{0,60}, ?\w*keys?\b/i;

const FRAME_RULES: readonly FrameRule[] = [
  { sign: 'checkpointing', file: /[\\/]torch[\\/]utils[\\/]checkpoint\.py$/ },
  { sign: 'checkpointing', file: /[\\/]deepspeed[\\/]runtime[\\/]activation_checkpointing[\\/]/ },
  {
    sign: 'checkpointing',
    file: /[\\/](?:megatron|unsloth_zoo)[\\/].*(?:random|checkpoint\w*)\.py$/,
    function: /checkpoint|backward/i,
  },
  // torch.no_grad() and inference_mode() as decorators leave this frame.
  {
    sign: 'no-grad',
    file: /[\\/]torch[\\/](?:utils[\\/]_contextlib|autograd[\\/]grad_mode)\.py$/,
    function: /decorate_context/,
  },
  // generate() of transformers runs without gradients.
  { sign: 'no-grad', file: /[\\/]transformers[\\/]generation[\\/]/ },
  // The Trainer evaluates without gradients whatever the model does.
  {
    sign: 'no-grad',
    file: /[\\/]transformers[\\/]trainer\w*\.py$/,
    function: /^(?:evaluation_loop|prediction_loop|prediction_step)$/,
  },
  { sign: 'no-grad', code: /with torch\.(?:no_grad|inference_mode)\(/ },
  { sign: 'autocast', function: /^(?:decorate_autocast|convert_to_fp32)$/ },
  { sign: 'autocast', code: /\bautocast\(/ },
  { sign: 'zero', file: /[\\/]deepspeed[\\/]runtime[\\/]zero[\\/]/ },
  {
    sign: 'zero-3',
    file: /[\\/]deepspeed[\\/]runtime[\\/]zero[\\/](?:stage3|partition|parameter_offload)/,
  },
  { sign: 'fsdp', file: /[\\/]torch[\\/]distributed[\\/](?:fsdp|_composable[\\/]fsdp)[\\/]/ },
  { sign: 'ddp', file: /[\\/]torch[\\/]nn[\\/]parallel[\\/]distributed\.py$/ },
  {
    sign: 'data-parallel',
    file: /[\\/]torch[\\/]nn[\\/]parallel[\\/](?:data_parallel|parallel_apply|replicate|scatter_gather)\.py$/,
  },
  {
    sign: 'eight-bit-optimizer',
    file: /[\\/]bitsandbytes[\\/]/,
    function: /optimizer_update_8bit|update_8bit/,
  },
  {
    sign: 'eight-bit-optimizer',
    file: /[\\/]bitsandbytes[\\/]optim[\\/]/,
    code: /\btorch\.uint8\b/,
  },
  { sign: 'eight-bit-optimizer', file: /[\\/]torchao[\\/](?:\w+[\\/])*(?:low_bit_)?optim[\\/]/ },
  { sign: 'lora', file: /[\\/]peft[\\/](?:tuners|peft_model)/ },
  { sign: 'lora', file: /[\\/](?:loralib|lora)[\\/]/ },
  { sign: 'four-bit', file: /[\\/]bitsandbytes[\\/]/, function: /4bit|matmul_4bit/i },
  { sign: 'flash-attention', file: /[\\/](?:flash_attn|xformers)[\\/]/ },
  { sign: 'flash-attention', function: /flash_attention|flash_attn/ },
  { sign: 'sdpa', code: /scaled_dot_product_attention/ },
  { sign: 'sdpa', function: /scaled_dot_product_attention|sdpa/ },
  { sign: 'compiled', file: /[\\/](?:torchinductor_|torch[\\/]_(?:inductor|dynamo)[\\/])/ },
  { sign: 'fused-loss', file: /[\\/](?:liger_kernel|cut_cross_entropy)[\\/]/ },
  { sign: 'offload', function: /offload/i, file: /[\\/](?:deepspeed|accelerate|diffusers)[\\/]/ },
  // The two ways in which PyTorch's own optimizers step: over lists of tensors, or in one kernel.
  { sign: 'foreach-step', file: /[\\/]torch[\\/]optim[\\/]/, function: /^_multi_tensor_\w+$/ },
  { sign: 'fused-step', file: /[\\/]torch[\\/]optim[\\/]/, function: /^_fused_\w+$/ },

  {
    sign: 'attention-scores',
    deepest: 4,
    code: /(?:matmul|bmm|baddbmm|einsum|@)\s*\(?[^=]{0,60}(?:\bkey|\bk\b|k\.transpose|keys|key_states|key_layer)|(?:attn|attention)_?(?:weights|scores|probs|mask)?\w*\s*=|attn_weights|attention_scores|attention_probs|\bscores\b\s*=|\bsim\s*=\s*(?:torch\.)?einsum|get_attention_scores/,
  },
  {
    sign: 'attention-scores',
    deepest: 3,
    function: /^(?:eager_attention_forward|get_attention_scores|_attention|_attn|compute_attn\w*)$/,
  },
  {
    sign: 'logits',
    deepest: 5,
    code: /\blm_head\b|\blogits\s*=|logits\.float\(\)|logits\.(?:contiguous|view|clone|to)\(|log_softmax\(\s*logits|\bvocab_size\b|embed_out\(|log_probs?\s*=|logprobs/,
  },
  {
    sign: 'logits',
    deepest: 5,
    function:
      /^(?:ForCausalLMLoss|fixed_cross_entropy|cross_entropy|selective_log_softmax|get_batch_logps|_get_per_token_logps\w*|vocab_parallel_\w+|logprobs_from_logits|entropy_from_logits|_compute_log_?probs?)$/,
  },
  // The cache of keys and values gets longer by a copy: the old and the new one at once.
  { sign: 'cache-extended', deepest: 3, function: /^(?:extend|append)_kv_cache$/ },
  {
    sign: 'cache-extended',
    deepest: 3,
    code: /torch\.(?:cat|concat)\(.{0,60}\b\w{0,24}(?:kv_?cache|past_key(?:_value)?s?|past_values?|key_cache|value_cache|(?<![a-z])[kv]_cache|(?<![a-z_])cache_(?:[kv]|key|value)|layer_past)(?![a-z_])|\bpast_state\.index_select\(|\blayer_past\b/i,
  },
  { sign: 'loss', deepest: 4, function: /^(?:\w*_?loss\w*|compute_loss|criterion)$/i },
  {
    sign: 'loss',
    deepest: 3,
    code: /\bF\.\w*(?:cross_entropy|mse_loss|l1_loss|nll_loss|binary_cross_entropy|kl_div)\w*\(/,
  },
  { sign: 'convolution', deepest: 2, function: /^_conv_forward$|^conv\d?d?$/ },
  { sign: 'convolution', deepest: 2, code: /F\.conv(?:_transpose)?\dd\(|torch\.conv/ },
  { sign: 'upsampling', deepest: 2, code: /F\.interpolate\(|\bupsample\w*\(|grid_sample\(/ },
  { sign: 'vae', file: /[\\/](?:autoencoders?|vae|first_stage)[\w\\/]*\.py$/i, deepest: 12 },
  {
    sign: 'vae',
    function: /^(?:decode_first_stage|encode_first_stage|vae_decode\w*|VAEDecode\w*)$/,
  },
  {
    sign: 'vae',
    code: /\bvae\.(?:decode|encode)\(|(?:decode|encode)_first_stage\(|first_stage_model\.(?:decode|encode)\(/,
  },
  {
    sign: 'pairwise',
    deepest: 3,
    code: /\b(?:cdist|pairwise\w*|bbox_overlaps|box_iou|calculate_iou|ious?)\s*(?:=|\()|unsqueeze\(\s*1\)\s*[-*+]\s*\w+\.unsqueeze\(\s*0\)|\[:,\s*None[^\]]*\]\s*[-*+]\s*\w+\[None/,
  },
  {
    sign: 'pairwise',
    deepest: 3,
    function:
      /^(?:cdist|pairwise_\w+|bbox_overlaps|box_iou|assign|assign_wrt_overlaps|_pairwise_\w+)$/,
  },
  // A library's scratch, taken from the card at the first call.
  {
    sign: 'takes-workspace',
    deepest: 3,
    function: /workspace_buffer$|^_?(?:get|alloc\w*)_workspace/i,
  },
  // A product of each with each: features by features, queries by keys.
  { sign: 'pairwise', deepest: 3, code: EACH_WITH_EACH },
  // A square array by one count, whatever library makes it below: a distance or an influence of each on each.
  {
    sign: 'pairwise',
    deepest: 14,
    code: /\b(?:zeros|ones|empty|full)\(\s?\(?\[?\s?(N(?:_?[a-z]{1,16})?|n_[a-z]\w{0,20}|num_\w{1,24}|len\(\w{1,24}\))\s?,\s?\1\s?[)\]]/,
  },
  // What is sparse by nature (a graph, a bag of words, classes) is written out with all its zeros.
  {
    sign: 'dense-matrix',
    deepest: 4,
    function:
      /^(?:\w+\.)*_?(?:to_?dense|to_dense_adj|to_dense_batch|toarray|todense|densify(?!_and|_prun)\w*|to_numpy_(?:array|matrix)|squareform|one_?hot\w*)$/,
  },
  {
    sign: 'dense-matrix',
    deepest: 3,
    code: /\.(?:to_?dense|todense|toarray)\(|\bto_dense_adj\(|\bto_numpy_(?:array|matrix)\(|\bsquareform\(|\bone_?hot\w*\(|\b(?:zeros|ones|empty|full|rand\w*)\(\(?\[?\s?([\w.]{0,24}n(?:um)?_?(?:nodes?|vert(?:ices)?|users?|items?|entities|points|samples))\s?,\s?\1\b|\beye\(\s?[\w.]{0,24}n(?:um)?_?(?:nodes?|vert(?:ices)?|users?|items?|entities|points|samples|classes)\b/i,
  },
  {
    sign: 'graph-aggregation',
    deepest: 6,
    file: /[\\/](?:torch_geometric|torch_scatter|torch_sparse|dgl)[\\/]/,
  },
  { sign: 'experts', deepest: 5, function: /expert|moe/i },
  { sign: 'beam-search', function: /beam_search/ },
  {
    sign: 'generation',
    function:
      /^(?:generate|_sample|_greedy_search|greedy_search|sample|_beam_search|beam_search|stream_generate|chat|stream_chat)$/,
    file: /[\\/](?:generation|transformers_modules|modeling_\w+|transformers)[\\/.]|chat/,
  },
  {
    sign: 'metrics',
    // Above a layer's frames it is the model that is computed.
    deepest: 4,
    function:
      /^(?:\w+\.)*(?:(?:compute|calc|calculate|get|evaluate|eval)_(?:metrics?|scores?|predictions?|map|auc\w*|recall\w*|accuracy|ranks?|ious?|distances?|distmat|similarit(?:y|ies))|ap_per_class|accuracy|recall_at_k|precision_at_k|mean_average_precision|score_\w+|score)$/,
  },
  {
    sign: 'calibration',
    file: /[\\/](?:awq|auto_gptq|gptqmodel|optimum[\\/]gptq|llmcompressor|auto_round)[\\/]/,
    function: /quantize|_get_input_feat|calib|init_quant|_search_best|hessian/i,
  },
  // A set or a table, not a batch, is put on the device.
  {
    sign: 'whole-data',
    deepest: 2,
    code: /(?<![\w.])(?:[xXyY]_?(?:train|test|val|all)|(?:train|test|val|valid|all|full|raw)_?(?:data|set|x|y|feats?|features|images|imgs|labels|tensors?|points|rays)|data_?set\w{0,12}|features|corpus|rays?_all|all_rays|table|df)\b[\w.[\]'"(), =]{0,60}\.(?:to|cuda)\(/i,
  },
  // The constructor of a data set or an iterator: what it keeps is all of it.
  {
    sign: 'whole-data',
    deepest: 2,
    file: /[\\/](?:data|dataset|corpus|data_?loader|iterator)\w*\.py$/i,
    function: /^__init__$/,
    code: /\bself\.\w{1,30} = .{1,120}\.(?:to|cuda)\(/,
  },
  {
    sign: 'whole-data',
    deepest: 2,
    function: /^load_\w{0,24}(?:frames|images|video|dataset|data)\w{0,24}$/,
    code: /\.(?:to|cuda)\(/,
  },
  {
    sign: 'whole-data',
    deepest: 2,
    code: /\bself\.(?:images|rays|frames|poses|data|features) = self\.\w{1,20}\b.{0,60}\.(?:to|cuda)\(/,
  },
  // Radiance fields: where the photographs are kept, all of them.
  { sign: 'whole-data', deepest: 2, code: /\bdata_device\b/ },
  // Splats are added where the picture is poor: the scene grows.
  {
    sign: 'densifies',
    deepest: 4,
    function: /^(?:cat_tensors_to_optimizer|densif\w*|add_densification\w*)$/,
  },
  // Splats are sorted in buffers whose size a kernel counts.
  { sign: 'rasterizer', deepest: 3, code: /_C\.rasterize_gaussians\w*\(/ },
  // A Fourier transform, whose plan wants scratch of its own.
  { sign: 'transform', deepest: 3, file: /[\\/]fft[\\/]\w+\.py$/ },
  { sign: 'tiling', function: /tiled?|sliding_window|patch_wise/i },
  { sign: 'concatenation', deepest: 1, code: /torch\.(?:cat|stack)\(|np\.concatenate\(/ },

  {
    sign: 'optimizer-states',
    file: /[\\/]optim(?:izers?)?[\\/]|optimizer\w*\.py$/,
    function:
      /^_init_group$|^init_state$|^_?init_(?:optimizer_)?states?$|initialize_optimizer_states/,
  },
  {
    sign: 'optimizer-states',
    file: /[\\/]deepspeed[\\/]runtime[\\/]/,
    function: /^initialize_optimizer_states$|^_create_fp32_partitions$/,
  },
  {
    sign: 'optimizer-set-up',
    function: /^(?:_configure_(?:zero|basic|bf16|fp16)?_?optimizer)$/,
    code: /\b_configure_\w*optimizer\(|\bDeepSpeedZeroOptimizer\w*\(/,
  },
  // Megatron copies the weights to fp32 when it makes its optimizer.
  {
    sign: 'optimizer-states',
    file: /[\\/]optimizer(?:[\\/]|\.py$)/,
    code: /\bmain_param\w*\s*=|\.detach\(\)\.clone\(\)\.float\(\)/,
  },
  // The masters in fp32 of this rank's part.
  {
    sign: 'optimizer-states',
    file: /[\\/]deepspeed[\\/]runtime[\\/]/,
    code: /\w*fp32\w*groups?\w*(?:\.append\(|\s*=)|\.float\(\)/,
  },
  {
    sign: 'optimizer-states',
    code: /\binitialize_optimizer_states\(|exp_avg(?:_sq)?["']?\]?\s*=|momentum_buffer\w*["']?\]?\s*=|state\[["'](?:exp_avg|step|momentum|sum)/,
  },
  {
    sign: 'read-checkpoint',
    file: /[\\/]torch[\\/]serialization\.py$/,
    function: /load|restore_location|persistent_load|_cuda_deserialize|default_restore_location/,
  },
  { sign: 'load-optimizer-states', function: /^_?load_optimizer(?:_and_scheduler|s|_states?)?$/ },
  {
    sign: 'load-optimizer-states',
    code: /optimi[sz]er\w*\.load_(?:state_dict|opt_state)\(|load_opt_state/,
  },
  {
    sign: 'load-optimizer-states',
    file: /[\\/]torch[\\/]optim[\\/]optimizer\.py$/,
    function: /load_state_dict|_process_value_according_to_param_policy|cast|_cast/,
  },
  {
    sign: 'load-weights',
    function:
      /^(?:load_state_dict|_load_from_state_dict|_load_state_dict_into_\w+|_load_pretrained_model|from_pretrained|load_model|load_weights|load_checkpoint\w*|set_module_tensor_to_device|load_file|load_torch_file|load_checkpoint_guess_config)$/,
  },
  {
    sign: 'full-state-gather',
    file: /[\\/]fsdp[\\/]_state_dict_utils\.py$|[\\/]fsdp[\\/](?:fully_sharded_data_parallel|_unshard_param_utils)\.py$/,
    function: /full_(?:pre|post)?_?(?:pre_|post_)?state_dict|unshard|summon_full_params|state_dict/,
  },
  {
    sign: 'full-state-gather',
    function:
      /^(?:_zero3_consolidated_16bit_state_dict|get_fp32_state_dict\w*|gather_full_state_dict|get_full_state_dict|_gather_(?:optim_state|all_orig_param_state)|_full_pre_state_dict_hook|_full_post_state_dict_hook|get_model_state_dict)$/,
  },
  {
    sign: 'full-state-gather',
    code: /FullStateDictConfig|FULL_STATE_DICT|full_state_dict\s*=\s*True/,
  },
  {
    sign: 'eval-outputs',
    function:
      /^(?:nested_concat|torch_pad_and_concatenate|nested_gather|_nested_gather|gather_for_metrics|pad_across_processes|EvalLoopContainer|nested_numpify)$/,
  },
  {
    sign: 'eval-outputs',
    deepest: 3,
    file: /[\\/]transformers[\\/]trainer_pt_utils\.py$/,
    code: /torch\.cat\(|nested_/,
  },
  {
    sign: 'eval-outputs',
    file: /[\\/]transformers[\\/]trainer\w*\.py$/,
    function: /^evaluation_loop$/,
    code: /nested_concat|preds_host|all_preds|gather|logits/,
  },
  {
    sign: 'eval-outputs',
    code: /\b(?:all_)?(?:preds?|predictions|outputs|logits|labels)\w*\s*=\s*(?:\w+ if \w+ is None else )?torch\.(?:cat|stack)\(|\btorch\.(?:cat|stack)\(self\.(?:preds?|target|outputs|predictions|all_\w+)|_(?:preds|outputs|logits)\.append\(/,
  },
  { sign: 'reference-model', code: /\bref_model\b|reference_model|\bref_policy\b/ },
  {
    sign: 'reference-model',
    function: /ref_log_?probs?|compute_ref\w*|create_reference_model|reference_log/,
  },
  { sign: 'moving-average', code: /\bema\w*\s*[=(.]|ModelEMA|EMAModel|model_ema/i },
  { sign: 'moving-average', function: /^(?:\w*ema\w*)$/i },
  { sign: 'copy-of-model', code: /\bdeepcopy\(/ },
  // {name: value.clone() for name, value in weights.items()}
  {
    sign: 'copy-of-model',
    deepest: 2,
    code: /\{\s*\w+\s*:\s*\w+\.(?:data\.|detach\(\)\.)?clone\(\)[\w.()]{0,24} for \w+, ?\w+ in .{0,40}(?:state_dict|param|weight|\bsd\b)/i,
  },
  { sign: 'copy-of-model', file: /[\\/]copy\.py$/, function: /deepcopy/ },
  {
    sign: 'kept-outputs',
    code: /\b\w+\.append\(\s*(?:self\.)?(?:model|net|encoder|backbone|extractor|network)\w{0,12}\(|\b\w+\.append\(\s*(?:loss|output|pred|logit|out|feature|hidden|score|result|y)\w*\s*\)|\b(?:total|running|epoch|sum|avg|train|all)_?loss(?:es)?\s*\+=\s*(?!.*(?:\.item\(\)|\.detach\(\)|float\()).*loss/i,
  },
  // Failed where it is added: the graphs of all steps so far hang on the sum.
  {
    sign: 'sum-of-losses',
    deepest: 1,
    code: /^(?:\w+\.)?\w{0,12}(?:total|running|epoch|sum|avg|train|all|mean|cum)\w{0,8}loss\w{0,4} ?\+= ?\w{0,20}loss\w{0,12}$/i,
  },
  { sign: 'kept-graph', code: /retain_graph\s*=\s*True|create_graph\s*=\s*True/ },
  // One process that builds model after model: trials of a search, folds.
  {
    sign: 'repeated-run',
    file: /[\\/](?:optuna|hyperopt|ray[\\/]tune|talos|keras_?tuner|kerastuner|hyperas|nni|smac|skopt|ax|autokeras|determined|bayes_opt|deap)[\\/]/,
    function:
      /^_?(?:run_trial\w*|optimi[sz]e\w*|objective\w*|fmin|trainable\w*|scan_run|scan_round|ingest_model|search|_?build_and_fit_model|maximize|minimize|hypermodel\w*|evaluate_config|probe|__init__|fit)$/,
  },
  {
    sign: 'repeated-run',
    function: /^(?:cross_val\w*|hyperparameter_search|(?:run|train)_(?:fold|trial)\w*)$/,
  },

  { sign: 'rollout-engine', file: /[\\/](?:vllm|sglang)[\\/]/ },
  {
    sign: 'rollout',
    function:
      /^(?:_generate\w*|generate_sequences|rollout\w*|make_experience\w*|_generate_and_score_completions|_prepare_inputs)$/,
    file: /[\\/](?:trl|verl|openrlhf|slime|areal|roll)[\\/]/,
  },
  { sign: 'rollout', file: /[\\/](?:grpo|rloo|ppo)_trainer\.py$/ },
  {
    sign: 'graph-capture',
    function:
      /capture_model|capture_graph|_dummy_run_capture|capture_one_batch_size|CudaGraphRunner|cuda_?graph/i,
  },
  { sign: 'sampler-warm-up', function: /_dummy_sampler_run|warm_?up_sampler/ },
  {
    sign: 'profile-run',
    function:
      /^(?:profile_run|profile_num_available_blocks|determine_num_available_blocks|determine_available_memory|_dummy_run)$/,
  },
  {
    sign: 'collective',
    file: /[\\/]torch[\\/]distributed[\\/](?:distributed_c10d|c10d_logger)\.py$/,
  },
  { sign: 'mapped-load', code: /\bmap_location ?=/ },
  // Where the processes of a distributed program begin.
  { sign: 'rank-entry', function: /^(?:main_worker|ddp_main|run_ddp|main_process|dist_main)$/ },
  {
    sign: 'rank-entry',
    file: /(?:^|[\\/])(?:\w+_)?(?:ddp|dist|distributed)(?:_\w+)?\.py$/,
    function: /^(?:main|train|run|<module>)$/,
  },
  { sign: 'pinning', function: /pin_memory/ },
  { sign: 'pinning', file: /[\\/]pin_memory\.py$|[\\/]pinned_memory\.pyx$/ },
  { sign: 'pinning', deepest: 1, code: /\.pin_memory\(\)[\s,)]*$/ },
  // A copy that does not wait needs memory of the host that stays where it is.
  { sign: 'pinning', code: /\.to\((?:device=)?["']cpu["'],\s*non_blocking=True/ },
  {
    sign: 'context-creation',
    function:
      /^(?:_lazy_init|cuCtxCreate|init_context|set_device|cudaSetDevice|current_device|synchronize)$|cuCtxCreate|make_context/,
  },
  // The first call to the device, below which nothing of the program is there yet.
  {
    sign: 'first-call',
    deepest: 1,
    function: /^_lazy_init$|cuCtxCreate|^make_context$|^init_context$/,
  },
  {
    sign: 'first-call',
    deepest: 1,
    code: /\btorch\.cuda\.(?:set_device|init)\(|\btorch\._C\._cuda_(?:init|setDevice)\(/,
  },
  {
    sign: 'sized-pool',
    code: /\b(?:initialize_allocator|PoolMemoryResource|set_(?:memory_)?limit|rmm\.reinitialize|use_rmm_pool|LimitingResourceAdaptor)\(|\b(?:initial|maximum)_pool_size\b|\brmm_pool_size\b/,
  },
  // Theano's new backend takes its share of the card as one array of bytes.
  {
    sign: 'pool-at-start',
    deepest: 2,
    code: /\bempty\(\(?g(?:pu_?)?mem\b|\bpre_?allocat\w{0,4}\(|\bcnmem\w{0,8}\(/i,
  },
  // A sleeping engine takes its weights and cache back, beside whatever came meanwhile.
  {
    sign: 'engine-wakes',
    file: /[\\/](?:vllm|sglang|torch_memory_saver|lmdeploy)[\\/]/,
    function: /^(?:wake_?up\w*|create_and_map|resume(?:_memory_occupation)?)$/,
  },
  { sign: 'other-framework', file: /[\\/](?:tensorflow|keras|jax|jaxlib|paddle|mxnet|cupy)[\\/]/ },
  {
    sign: 'notebook',
    file: /^<ipython-input|ipykernel_\d+|^(?:Cell )?In\s?\[|^Cell In|<cell line/,
  },
  { sign: 'windows', file: /^(?:[A-Za-z]:\\|[\w.-]+\\[\w.\\-]+\.py$)/ },
  { sign: 'wsl', file: /^\/mnt\/[a-z]\// },
  { sign: 'data-loader', file: /[\\/]torch[\\/]utils[\\/]data[\\/]/ },
];

function isMatch(rule: FrameRule, frame: Frame): boolean {
  return (
    (rule.file === undefined || rule.file.test(frame.file)) &&
    (rule.function === undefined || rule.function.test(frame.function ?? '')) &&
    (rule.code === undefined || rule.code.test(frame.code ?? ''))
  );
}

/** What frames show, outermost first in `frames`; of several frames the deepest is the place. */
export function signsOfFrames(frames: readonly Frame[]): Signs {
  const found = new Map<Sign, SignPlace>();
  const files = frames
    .map(({ file }) => file)
    .join('\n')
    .toLowerCase();
  const functions = frames
    .map(({ function: name = '' }) => name)
    .join('\n')
    .toLowerCase();
  const codes = frames
    .map(({ code = '' }) => code)
    .join('\n')
    .toLowerCase();
  for (const rule of FRAME_RULES) {
    if (found.has(rule.sign)) continue;
    const isPossible =
      mayStandIn(files, rule.file) &&
      mayStandIn(functions, rule.function) &&
      mayStandIn(codes, rule.code);
    if (!isPossible) continue;
    const among = rule.deepest === undefined ? frames : frames.slice(-rule.deepest);
    const frame = among.findLast((one) => isMatch(rule, one));
    if (frame !== undefined) found.set(rule.sign, { frame });
  }
  return found;
}

/** Literals of a pattern, worked out when it is first asked for. */
const literals = new Map<RegExp, readonly string[] | undefined>();

/** Whether a pattern can match in a text. @param lowered the text in lower case. */
function mayStandIn(lowered: string, pattern: RegExp | undefined): boolean {
  if (pattern === undefined) return true;
  if (!literals.has(pattern)) literals.set(pattern, literalsOf(pattern));
  return mayMatch(literals.get(pattern), lowered);
}

interface LineRule {
  readonly sign: Sign;
  readonly pattern: RegExp;
  /** Only below a line with this. */
  readonly after?: RegExp;
  /** Only above a line with this. */
  readonly before?: RegExp;
}

/** What single lines show, wherever they stand in the window. */
const LINE_RULES: readonly LineRule[] = [
  {
    sign: 'full-state-gather',
    pattern:
      /Failed to clone\(\) tensor with name .{0,120}state_dict|FULL_STATE_DICT|FullStateDictConfig/,
  },
  {
    sign: 'rollout-engine',
    pattern:
      /vllm_mode\W{1,4}colocate|use_vllm\W{1,4}true|colocate_all|hybrid_engine\W{1,4}true|rollout\.name\W{1,4}(?:vllm|sglang)|wake_up\(|LLMRayActor|rollout_mode|sleep mode|\bactor_rollout_\w{1,40}\(/i,
  },
  { sign: 'rollout', pattern: /\bGRPO|\bRLOO|\bPPOTrainer|\brollout/ },
  { sign: 'reference-model', pattern: /\bref_model\b|reference (?:model|policy)/i },
  {
    sign: 'graph-capture',
    pattern:
      /Capturing (?:the model for )?CUDA ?graph|CUDA graphs can take additional|Capture cuda graph|_ESTIMATE_CUDAGRAPHS\b/i,
  },
  // A part of a card: NVIDIA's instances by profile or UUID, virtual GPUs by their names.
  {
    sign: 'slice',
    pattern:
      /\bMIG-(?:GPU-)?[0-9a-f]{8}-|\bMIG \d{1,2}[gc]\.\d|\b\d{1,2}g\.\d{1,3}gb\b|\b(?:GRID|NVIDIA) [A-Z]{1,3}\d{1,4}\w{0,4}-\d{1,3}[QCAB]\b/,
  },
  // Layers that give a container a part of a card.
  { sign: 'slice', pattern: /\bHAMI-core\b|\b4pdvGPU\b|\blibvgpu\b|\bvcuda\b|\bcuda-control\b/i },
  {
    sign: 'engine-wakes',
    pattern:
      /\bcumem_allocator\.c|\btorch_memory_saver\.cpp\b|\bwake_up\(|\bresume_memory_occupation\b/,
  },
  {
    sign: 'pool-at-start',
    pattern:
      /\bPreallocating too much memory can prevent\b|\b(?:key|value|kv|k|v)_(?:buffer|pool)\w{0,6} = \[?torch\.(?:empty|zeros)\(\(?(?:self\.)?(?:size|max_\w+)|\bcnmemInit\b|\binitCnmem\b|\bdevice_memory_(?:GB|fraction)\b.{0,60}?[=:]\s?\d/,
  },
  // A program in C++: gradients are kept there unless a guard stands around the call.
  { sign: 'native-program', pattern: /\binstance of 'c10::(?:OutOfMemory)?Error'/ },
  { sign: 'serves-requests', pattern: /"(?:GET|POST|PUT) \/\S{0,120} HTTP\/\d|\bMODEL_LOG - / },
  { sign: 'fragmentation-hint', pattern: /\bIf the cause is memory fragmentation maybe\b/ },
  // Pictures, batches and pieces, and not the settings of an engine.
  {
    sign: 'advises-smaller-work',
    pattern:
      /\b(?:try|tr(?:y|ies) to|consider|please|suggest\w{0,4}|recommend\w{0,4}|you (?:can|may|should|could))\b(?: [\w'-]{1,16}){0,6} (?:smaller|reduc\w{1,3}|lower(?:ing)?|decreas\w{1,3}|fewer)\b(?: [\w'-]{1,16}){0,4} (?:batch(?:[ _-]?size)?|tiles?|resolution|images?|crops?|patch\w{0,4}|chunks?|width|height|frames)\b(?![_-])|\btry to set --?tile\w{0,6}\b.{0,16}\bsmaller\b/i,
  },
  { sign: 'pairwise', pattern: EACH_WITH_EACH },
  // As many rows as columns: one of each pair of something.
  { sign: 'pairwise', pattern: /\bshape \((\d{4,9}), \1\)/ },
  {
    sign: 'pinning',
    pattern:
      /\b(?:Return value|returned|failed|error)\b.{0,40}\b(?:cudaMallocHost|cudaHostAlloc|cuMemAllocHost|cuMemHostAlloc|hipHostMalloc)\(/i,
  },
  { sign: 'pinning', pattern: /\b(?:THC)?CachingHostAllocator(?:Impl)?\.(?:cpp|h):\d/ },
  {
    sign: 'paged-states',
    pattern: /\bcsrc[\\/]pythonInterface\.c(?:pp)?\b|\bPagedAdamW?\w{0,10}\b/,
  },
  { sign: 'indices-too-long', pattern: /\bwill result in indexing errors\b/ },
  // A whole array becomes a part of an object.
  {
    sign: 'whole-data',
    pattern:
      /^\s*self\.\w{1,30} = torch\.(?:from_numpy|tensor|as_tensor|FloatTensor)\(.{1,120}\.(?:to|cuda)\([^()]{0,40}\)\s*$/,
  },
  // The line of code alone, its frame cut off.
  {
    sign: 'pinning',
    pattern: /^\s*(?:\[\.\.\.\] ?)?[\w.[\]]{0,80}(?: = [\w.[\]]{1,80})?\.pin_memory\(\)\s*$/,
  },
  { sign: 'rasterizer', pattern: /\b_C\.rasterize_gaussians\w*\(/ },
  // The bar of the training of splats: its name, and a running loss of seven digits.
  {
    sign: 'densifies',
    pattern: /^Training progress:\s{1,3}\d{1,3}%\|.{0,200}\bLoss=\d\.\d{7}\b/,
  },
  // Stable Diffusion WebUI Forge lets its user say how much of the card weights may take.
  {
    sign: 'share-warned',
    pattern: /\bThis means you will have \d{1,2}% GPU memory\b.{0,40}\bto do matrix computation\b/,
  },
  { sign: 'whole-data', pattern: /\.to\((?:self\.)?data_device\)/ },
  { sign: 'tunes-convolutions', pattern: /\bto find the best convolution algorithm\b/ },
  { sign: 'volatile-ignored', pattern: /\bvolatile was removed and now has no effect\b/ },
  // A size below zero, as it is or as what 32 bits make of it.
  {
    sign: 'negative-size',
    pattern:
      /\balloc\w{0,8}\b.{0,40}?(?<![\w.])-\d{5,19} ?b(?:ytes?)?\b|\balloc\w{0,8}\b.{0,400}\(42949(?:0[2-9]|[1-5]\d|6[0-6])\d{3}\)/i,
  },
  // multiprocessing names the child that raised it by its number.
  {
    sign: 'worker-process',
    pattern: /^Process (?:\w{0,12}Process|\w{0,12}PoolWorker)-(?:\d{1,3}:)?\d{1,4}:\s*$/,
  },
  // ZeRO says how many parameters this rank keeps states for.
  { sign: 'partition-sizes', pattern: /\bpartition count \[[\d, ]{1,40}\] and sizes\[\(\d{6,13},/ },
  // Who ended a process, and for what: a probe, a time limit, a stop that somebody asked for.
  {
    sign: 'ended-by-rule',
    pattern:
      /\b(?:liveness|startup) probe\b.{0,24}\bfail|\bfailed (?:liveness|startup) probe\b|\bFailed with result 'timeout'|\bdocker (?:stop|kill)\b|\bcancell?ed by (?:the )?(?:user|admin)/i,
  },
  // What a native frame was called with: the largest count that there is stands for one that went wrong.
  {
    sign: 'absurd-count',
    pattern:
      /\b_{0,2}(?:n|num|size|count|len|length|bytes|nelem|nmemb)=(?:9223372036854775[78]\d{2}|1844674407370955\d{4})\b|\bwith shape \((?:\d{1,12}, )*(?:2147483647|4294967295|1073741823)\b/,
  },
  {
    sign: 'loading-data',
    pattern:
      /\b(?:Load(?:ing|ed)?|Reading|Read|Import(?:ing|ed)?|Upload(?:ing|ed)?|Copying|Transferring)\b.{0,48}\b(?:data ?sets?|images|frames|rays|point ?clouds?|points|gaussians|scenes?|mesh(?:es)?|vertices|triangles|volumes?|voxels|graphs?|tables?|rows|vectors|embeddings|samples|particles|micrographs|textures)\b/i,
  },
  // Lines of DeepSpeed while it makes an optimizer.
  {
    sign: 'optimizer-set-up',
    pattern:
      /\bCreating (?:[\w.]+ )?(?:unfused )?ZeRO (?:stage \d )?optimizer|\bsub_partition_count: \d|\binitializ(?:e|ing) optimizer states\b|\bpartition info:|\bReduce bucket size \d|\bCreating (?:fp16|bf16|BF16) (?:\w+ )?optimizer/i,
  },
  {
    sign: 'states-told',
    pattern:
      /\bzero[-_ ]?(?:2|3|stage[-_ :=]{0,2}[123])\b|\b(?:param|grad|gradient|optimizer)[_ -](?:shard|partition)s?\b|\bexp_avg(?:_sq)?\b|\boptimi[sz]er states?\b|\bmaster (?:weights|params|copy)\b/i,
  },
  // A server that stays up loads one model after another; what was there before may be there still.
  {
    sign: 'switches-model',
    pattern:
      /\b\w*(?:server|manager|worker|service|api|loader|gateway|registry)\b.{0,80}\b(?:fail(?:ed|ure)? to|error|could not|unable to)\b.{0,12}\b(?:re)?(?:load|switch|swap)(?:ing)?\b.{0,12}\b(?:pipeline|model|checkpoint|engine)\b/i,
  },
  { sign: 'switches-model', pattern: /\bchanging setting sd_model_checkpoint to\b/ },
  { sign: 'sampler-warm-up', pattern: /warming up sampler/i },
  { sign: 'four-bit', pattern: /load_in_4bit["']?\s*[=:]\s*true|bnb_4bit|\bqlora\b/i },
  { sign: 'wsl', pattern: /microsoft-standard-WSL|\bWSL ?2?\b/ },
  { sign: 'windows', pattern: /\bWDDM\b|[A-Z]:\\(?:Users|Windows|Program)/ },
  {
    sign: 'unified-memory',
    pattern:
      /\bNvMapMem(?:AllocInternalTagged|HandleAlloc)\b|\b(?:GB10|DGX Spark|GH200|GB200|[Jj]etson|Orin|Thor|Tegra|Xavier)\b/,
  },
  {
    sign: 'retry-after-failure',
    pattern: /During handling of the above exception, another exception occurred/,
    // Libraries try one import and then another; only a shortage that was caught is meant.
    after: /\bout of memory\b|OutOfMemory/i,
    before: /\bout of memory\b|OutOfMemory/i,
  },
  {
    sign: 'retry-after-failure',
    pattern:
      /\b(?:catch|catching|caught)\b.{0,40}\b(?:OOM|out of memory|exceptions?|errors?)\b.{0,60}\b(?:retry|retries|retried|retrying|try again|smaller)\b|捕获.{0,20}(?:OOM|异常|错误).{0,30}(?:重试|再试)|(?:перехват|лов)\w{1,6}.{0,40}(?:OOM|исключени|ошибк).{0,50}(?:повтор|снова|ещё раз)/i,
  },
  {
    sign: 'host-shortage',
    pattern:
      /DefaultCPUAllocator: (?:not enough|can['’]t allocate) memory|paging file is too small|os error 1455|WinError 1455/i,
  },
  {
    sign: 'told-growth',
    pattern:
      /\bresults will accumulate in RAM\b|\bLeaking\b(?! ?relu)|\bleaked (?:\w+ ){0,3}(?:tensors?|buffers?|bytes|allocations?|features?|entries|memory)\b|\bmemory leak\w{0,4}\b|\b(?:memory|usage|consumption|vram)\b.{0,40}\b(?:steadily|gradually|continuously|constantly|slowly|keeps?|kept) (?:\w+ )?(?:increas|grow|ris|climb)\w{0,4}|\b(?:steady|slow|gradual|constant|continuous) (?:increase|growth|rise)\b|(?:显存|内存)(?:占用)?.{0,6}(?:一直|持续|逐渐|逐步|不断|慢慢)(?:在)?(?:增|上升|上涨|变大)|(?:显存|内存)泄[漏露]|утечк\w{1,3} (?:видео)?памяти|память.{0,20}(?:постоянно|постепенно|медленно) раст/i,
  },
  { sign: 'vae', pattern: /\bExecuting (?:De|En)coder Task Queue:\s{0,4}\d{1,2}%/ },
  { sign: 'vae', pattern: /\b(?:at|in|during|while)\b.{0,24}\bVAE\b.{0,12}\b(?:de|en)cod/i },
  // Folds that are counted from 0: the second one.
  { sign: 'later-run', pattern: /\bfold\W{1,3}1\b/i, after: /\bfold\W{1,3}0\b/i },
  { sign: 'repeated-run', pattern: /\bfold\W{1,3}1\b/i, after: /\bfold\W{1,3}0\b/i },
  {
    sign: 'later-run',
    pattern:
      /\bfold\W{1,3}(?:[2-9]|[1-9]\d)\b|\bTrial [1-9]\d{0,5} failed|\bRunning Trial #(?:[2-9]|[1-9]\d)/i,
  },
  {
    sign: 'repeated-run',
    pattern:
      /\bfold\W{1,3}(?:[2-9]|[1-9]\d)\b|\bTrial \d+ (?:finished|failed|complete|pruned)|\b(?:Trial|Trials|Round|Run|Experiment) ?#?(?:[2-9]|[1-9]\d)\b(?:.{0,40}\b(?:complete|failed|error|summary|of \d))|\bTrial (?:[2-9]|[1-9]\d) ?\/ ?\d|\bRunning Trial #(?:[2-9]|[1-9]\d)|\b(?:talos|keras[_-]?tuner|hyperopt|hyperas)\b|\bGridSearchCV\b|\bout of the last \d+ calls to\b|\bRandomizedSearchCV\b|\bhyper-?parameter (?:search|tuning|optimi[sz]ation)\b/i,
  },
  {
    sign: 'ddp',
    pattern: /DistributedType\.MULTI_GPU|\bDistributedDataParallel\b|\bstrategy=["']?ddp/,
  },
  { sign: 'convolution', pattern: /while running \w{0,40}Conv\w{0,40} node/ },
  {
    sign: 'offload',
    pattern:
      /offload_(?:optimizer|param)\w{0,6}\W.{0,40}\b(?:cpu|nvme)\b|\bcpu_offload["']?\s{0,4}[=:]\s{0,4}true\b|DeepSpeedCPUAdam/i,
  },
  {
    sign: 'single-rank',
    pattern:
      /\b(?:world[_ ]size|num[_-]processes|num[_-]gpus|nproc[_-]per[_-]node)["']?[\s=:]{1,4}1(?!\d)/i,
  },
  { sign: 'tried-counter-reset', pattern: /\breset_(?:peak_memory_stats|max_memory_\w{6,10})\b/ },
  { sign: 'tried-augmentation', pattern: /\b(?:data[ -]?)?augmentations?\b/i },
  {
    sign: 'tried-restart',
    pattern:
      /\b(?:restart|reboot)(?:ed|ing|s)?\b.{0,40}\b(?:kernel|runtime|notebook|colab|machine|computer|pc|server|system|session|environment)\b|\breboot(?:ed|ing)?\b/i,
  },
  {
    sign: 'tried-drivers',
    pattern:
      /\b(?:re-?install|updat|upgrad|downgrad)(?:e|ed|ing)?\b.{0,40}\b(?:drivers?|cuda|cudnn)\b/i,
  },
  { sign: 'tried-collection', pattern: /\bgc\.collect\(/ },
  {
    sign: 'tried-deletion',
    pattern: /\bdel (?:self\.)?\w{0,20}(?:model|net|pipe|unet|optimizer|trainer|learn)\w{0,20}\b/,
  },
  { sign: 'tried-eval-mode', pattern: /\b(?:model|net|self)\w{0,20}\.eval\(\)/ },
  // Any log of a training prints its workers; few of them are a sign.
  { sign: 'tried-workers', pattern: /\bn(?:um)?_?workers[\s"'=:,]{1,6}(?:to )?[01](?!\d)/i },
  { sign: 'tried-attention-slicing', pattern: /\battention[_ ]slic(?:ing|e)\b/i },
  {
    sign: 'tried-environment-in-script',
    pattern:
      /os\.(?:environ(?:\[|\.(?:update|setdefault)\()|putenv\().{0,20}PYTORCH_(?:(?:CUDA|HIP)_)?(?:ALLOC_CONF|MPS)/,
  },
  {
    sign: 'tried-host-memory',
    pattern:
      /\b(?:more|add(?:ed|ing)?|increas(?:e|ed|ing)|upgrad(?:e|ed|ing)|larger|bigger)\b.{0,30}\b(?:RAM|swap(?: ?file)?|virtual memory|page ?file|paging file)\b(?! usage)/i,
  },
  {
    sign: 'gathered-weights-kept',
    pattern:
      /\bSHARD_GRAD_OP\b|\b_?HYBRID_SHARD_ZERO2\b|\breshard_after_forward["']?\s{0,4}[=:]\s{0,4}["']?(?:false|no|never)\b/i,
  },
  {
    sign: 'other-framework',
    pattern:
      /Created (?:TensorFlow )?device \(?\/job:localhost\/replica:0\/task:0\/device:GPU|XlaRuntimeError/,
  },
];

const LONGEST_LINE = 2000;

/** What lines show; the last one is the place. One pass over all lines. */
export function signsOfLines(
  lines: readonly { readonly text: string; readonly number: number }[],
): Signs {
  const found = new Map<Sign, SignPlace>();
  const short = lines.filter(({ text }) => text.length <= LONGEST_LINE);
  const whole = short
    .map(({ text }) => text)
    .join('\n')
    .toLowerCase();
  const rules = LINE_RULES.filter(({ pattern }) => mayStandIn(whole, pattern));
  const waiting = new Set(rules.filter(({ after }) => after !== undefined));
  const seen = new Map<LineRule, SignPlace>();
  for (const { text, number } of short) {
    for (const rule of rules) {
      const held = seen.get(rule);
      if (held !== undefined && rule.before?.test(text) === true) found.set(rule.sign, held);
      if (waiting.has(rule)) {
        if (rule.after?.test(text) === true) waiting.delete(rule);
      } else if (rule.pattern.test(text)) {
        const place = { line: number, text: text.trim().slice(0, 160) };
        if (rule.before === undefined) found.set(rule.sign, place);
        else seen.set(rule, place);
      }
    }
  }
  return found;
}
