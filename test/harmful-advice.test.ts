// Advice that is repeated everywhere and that would mislead in one particular situation. A pair of
// a situation and an advice is one test: the advice is not among the steps of the main incident.
import { describe, expect, test } from 'vitest';
import { diagnoseText, type Incident } from '../src/core/index.ts';
import { remedies } from '../src/core/remedies/measures.gen.ts';
import { noRemedies } from '../src/core/remedies/no-remedies.gen.ts';
import { ERAS, GiB, MiB, type Truth } from './make/messages.ts';

type Advice = readonly [remedy: string, why: string];

interface Situation {
  readonly name: string;
  readonly text: string;
  /** The kind of the main incident; 'gpu_oom' unless said. */
  readonly kind?: string;
  /** Advice that must not be among the steps. */
  readonly never: readonly Advice[];
  /** Advice that must be among them. */
  readonly helps?: readonly string[];
}

const CARD: Truth = {
  device: 0,
  requested: GiB,
  total: 79.1 * GiB,
  free: 0.4 * GiB,
  allocated: 76.2 * GiB,
  idle: 0.9 * GiB,
};
function printAs(versions: string, t: Partial<Truth>): string {
  const era = ERAS.find((e) => e.versions === versions);
  if (era === undefined) throw new Error(`no wording for ${versions}`);
  return era.print({ ...CARD, ...t });
}
const print = (t: Partial<Truth> = {}): string => printAs('2.9-', t);

type Frame = readonly [file: string, line: number, name: string, code: string];
const frames = (...lines: readonly Frame[]): string =>
  [
    'Traceback (most recent call last):',
    ...lines.flatMap(([f, n, name, code]) => [
      `  File "${f}", line ${n}, in ${name}`,
      `    ${code}`,
    ]),
  ].join('\n');
const lines = (...parts: readonly string[]): string => `${parts.join('\n')}\n`;

const SITE = '/opt/venv/lib/python3.11/site-packages';
const TORCH = `${SITE}/torch`;
const MAIN: Frame = ['/srv/job/finetune.py', 212, 'main', 'trainer.train()'];
const TRAINER: Frame = [
  `${SITE}/transformers/trainer.py`,
  2674,
  '_inner_training_loop',
  'tr_loss_step = self.training_step(model, inputs, num_items_in_batch)',
];
const FORWARD: Frame = ['/srv/job/finetune.py', 97, 'step', 'loss = model(**batch).loss'];
const BACKWARD: Frame = ['/srv/job/finetune.py', 98, 'step', 'loss.backward()'];
const AUTOGRAD: Frame = [`${TORCH}/_tensor.py`, 648, 'backward', 'torch.autograd.backward('];
const STEP: Frame = ['/srv/job/finetune.py', 101, 'step', 'optimizer.step()'];
const ADAM: Frame = [
  `${TORCH}/optim/adamw.py`,
  180,
  '_init_group',
  'state["exp_avg"] = torch.zeros_like(p, memory_format=torch.preserve_format)',
];
const LINEAR: Frame = [
  `${TORCH}/nn/modules/linear.py`,
  125,
  'forward',
  'return F.linear(input, self.weight, self.bias)',
];
const TO_CUDA: Frame = ['/srv/job/finetune.py', 41, 'build', 'model = model.to("cuda")'];
const CONVERT: Frame = [
  `${TORCH}/nn/modules/module.py`,
  1355,
  'convert',
  'return t.to(device, dtype if t.is_floating_point() else None, non_blocking)',
];
const GENERATE: Frame = [
  '/srv/job/answer.py',
  33,
  'answer',
  'out = model.generate(**inputs, max_new_tokens=512)',
];
const SAMPLE: Frame = [
  `${SITE}/transformers/generation/utils.py`,
  2781,
  '_sample',
  'outputs = self(**model_inputs, return_dict=True)',
];
const NO_GRAD: Frame = [
  `${TORCH}/utils/_contextlib.py`,
  120,
  'decorate_context',
  'return func(*args, **kwargs)',
];

const situations: readonly Situation[] = [
  {
    name: 'the first optimizer step of a model whose states exceed the card',
    text: lines(frames(MAIN, STEP, ADAM), print({ requested: 462 * MiB, idle: 0.3 * GiB })),
    never: [
      ['smaller-micro-batch', 'the graph is freed before the step'],
      ['gradient-accumulation', 'it keeps gradients longer'],
      ['checkpoint-activations', 'no activations are held here'],
      ['fused-attention', 'no attention runs here'],
      ['empty-cache', 'the allocator has done it before it gave up'],
      ['shorter-sequences', 'states do not depend on the length'],
    ],
    helps: ['eight-bit-optimizer'],
  },
  {
    name: 'the weights do not fit while the model is moved to the card',
    text: lines(
      frames(TO_CUDA, CONVERT),
      print({
        total: 23.69 * GiB,
        requested: 112 * MiB,
        free: 36 * MiB,
        allocated: 23.1 * GiB,
        idle: 20 * MiB,
      }),
    ),
    never: [
      ['smaller-micro-batch', 'no batch is on the card yet'],
      ['gradient-accumulation', 'there are no gradients yet'],
      ['checkpoint-activations', 'there are no activations yet'],
      ['eight-bit-optimizer', 'there is no optimizer yet'],
      ['fused-optimizer', 'there is no optimizer yet'],
      ['fused-attention', 'no attention has run'],
    ],
    helps: ['weights-in-lower-precision'],
  },
  {
    name: 'the batch is printed to be one already',
    text: lines(
      '***** Running training *****',
      '  Num examples = 51,760',
      '  Instantaneous batch size per device = 1',
      '  Gradient Accumulation steps = 16',
      frames(MAIN, TRAINER, LINEAR),
      print(),
    ),
    never: [
      ['smaller-micro-batch', 'there is nothing below one'],
      ['gradient-accumulation', 'it divides a batch that is one'],
      ['find-largest-batch', 'one is the smallest'],
      ['empty-cache', 'the allocator has done it before it gave up'],
    ],
  },
  {
    name: 'backward inside a recomputed block',
    text: lines(
      frames(
        MAIN,
        BACKWARD,
        AUTOGRAD,
        [`${TORCH}/utils/checkpoint.py`, 1129, 'unpack_hook', 'frame.recompute_fn(*args)'],
        LINEAR,
      ),
      print(),
    ),
    never: [
      ['checkpoint-activations', 'the traceback shows that it is on'],
      ['no-grad', 'training needs the graph'],
      ['empty-cache', 'the allocator has done it before it gave up'],
    ],
  },
  {
    name: 'gradient checkpointing and bf16 are printed as on',
    text: lines(
      'TrainingArguments(',
      'bf16=True,',
      'gradient_checkpointing=True,',
      'per_device_train_batch_size=1,',
      'optim=adamw_bnb_8bit,',
      ')',
      frames(MAIN, TRAINER, LINEAR),
      print(),
    ),
    never: [
      ['checkpoint-activations', 'it is on'],
      ['mixed-precision', 'it is on'],
      ['smaller-micro-batch', 'it is one'],
      ['eight-bit-optimizer', 'it is on'],
    ],
  },
  {
    name: 'generation under no_grad',
    text: lines(
      frames(GENERATE, NO_GRAD, SAMPLE, LINEAR),
      print({ total: 23.69 * GiB, requested: 1.2 * GiB, allocated: 22 * GiB, idle: 0.4 * GiB }),
    ),
    never: [
      ['checkpoint-activations', 'no graph is kept'],
      ['eight-bit-optimizer', 'nothing is trained'],
      ['gradient-accumulation', 'nothing is trained'],
      ['no-grad', 'generate does it already'],
      ['lora', 'nothing is trained'],
      ['shard-optimizer-states', 'nothing is trained'],
    ],
  },
  {
    name: 'vLLM: the context is longer than the KV cache holds',
    text: lines(
      'INFO 11-03 10:12:44 [gpu_worker.py:298] Available KV cache memory: 3.05 GiB',
      'ERROR 11-03 10:12:44 [core.py:708] EngineCore failed to start.',
      "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (3.05 GiB). Based on the available memory, the estimated maximum model length is 24976. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.",
    ),
    never: [
      ['lower-engine-budget', 'it leaves even less for the cache'],
      ['checkpoint-activations', 'nothing is trained'],
      ['empty-cache', 'a budget is not a cache'],
      ['expandable-segments', 'nothing is fragmented'],
      ['smaller-micro-batch', 'one request alone does not fit'],
    ],
    helps: ['shorter-context', 'raise-engine-budget'],
  },
  {
    name: 'vLLM: less is free at the start than the wanted share',
    text: lines(
      'ERROR 11-03 10:20:02 [core.py:708] EngineCore failed to start.',
      'ValueError: Free memory on device (9.12/23.65 GiB) on startup is less than desired GPU memory utilization (0.9, 21.28 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.',
    ),
    never: [
      ['raise-engine-budget', 'the share asked is already more than is free'],
      ['smaller-micro-batch', 'no request has been served'],
      ['shorter-context', 'the check is about free memory'],
      ['checkpoint-activations', 'nothing is trained'],
      ['expandable-segments', 'nothing is fragmented'],
    ],
    helps: ['lower-engine-budget'],
  },
  {
    name: 'vLLM: the sampler’s warm-up with many dummy requests',
    text: lines(
      'RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.',
    ),
    never: [
      ['raise-engine-budget', 'it leaves less for the sampler'],
      ['higher-engine-budget', 'it leaves less for the sampler'],
      ['checkpoint-activations', 'nothing is trained'],
      ['eight-bit-optimizer', 'nothing is trained'],
      ['shorter-context', 'it does not shrink the logits'],
    ],
    helps: ['fewer-sequences-at-once'],
  },
  {
    name: 'a worker is killed with exit code -9',
    kind: 'host_oom',
    text: lines(
      '[2026-11-03 08:41:20,114] [INFO] [launch.py:316:sigkill_handler] Killing subprocess 41822',
      "[2026-11-03 08:41:20,977] [ERROR] [launch.py:322:sigkill_handler] ['/opt/venv/bin/python', '-u', 'finetune.py', '--local_rank=3'] exits with return code = -9",
    ),
    never: [
      ['smaller-micro-batch', 'the GPU did not run out'],
      ['empty-cache', 'it is host memory'],
      ['expandable-segments', 'it is host memory'],
      ['larger-card', 'a larger card has no more host memory'],
      ['checkpoint-activations', 'the GPU did not run out'],
      ['offload-optimizer-states', 'offload needs more host memory'],
    ],
  },
  {
    name: 'a loader worker dies of a bus error',
    kind: 'host_oom',
    text: lines(
      frames(['/srv/job/train.py', 77, 'epoch', 'for images, labels in loader:']),
      "RuntimeError: DataLoader worker (pid 3312) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.",
    ),
    never: [
      ['empty-cache', 'it is /dev/shm'],
      ['larger-card', 'it is /dev/shm'],
      ['expandable-segments', 'it is /dev/shm'],
      ['mixed-precision', 'the GPU did not run out'],
      ['loader-workers', 'more workers need more of it'],
    ],
    helps: ['larger-shared-memory'],
  },
  {
    name: 'Windows: the paging file is too small',
    kind: 'host_oom',
    text: lines(
      'OSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading "C:\\venv\\lib\\site-packages\\torch\\lib\\cublas64_12.dll" or one of its dependencies.',
    ),
    never: [
      ['smaller-micro-batch', 'it is the commit limit of the system'],
      ['larger-card', 'it is the commit limit of the system'],
      ['empty-cache', 'it is the commit limit of the system'],
      ['reinstall-drivers', 'the library is fine'],
    ],
    helps: ['larger-paging-file'],
  },
  {
    name: 'a JAX program asks for more than its pool has',
    text: lines(
      'W1103 09:15:12.113 bfc_allocator.cc:497] Allocator (GPU_0_bfc) ran out of memory trying to allocate 17.31GiB (rounded to 18589934592) requested by op',
      'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 18589934592 bytes.',
    ),
    never: [
      ['empty-cache', 'JAX has no such call'],
      ['expandable-segments', 'it is a setting of PyTorch'],
      ['max-split-size', 'it is a setting of PyTorch'],
      ['eight-bit-optimizer', 'bitsandbytes is for PyTorch'],
      ['limit-preallocation', 'a smaller pool serves the program even less'],
    ],
  },
  {
    name: 'JAX finds no room for a few kilobytes beside another process',
    text: lines(
      'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 147456 bytes.',
    ),
    never: [
      ['quantized-weights', 'the program is not what is large'],
      ['larger-card', 'the pool takes its share of any card'],
      ['expandable-segments', 'it is a setting of PyTorch'],
      ['empty-cache', 'JAX has no such call'],
    ],
    helps: ['limit-preallocation'],
  },
  {
    name: 'a recent TRL, which checkpoints and computes in bf16 by default',
    text: lines(
      'trl==0.29.0',
      'torch==2.9.1',
      frames(
        MAIN,
        [
          `${SITE}/trl/trainer/sft_trainer.py`,
          1180,
          'compute_loss',
          '(loss, outputs) = super().compute_loss(',
        ],
        LINEAR,
      ),
      print(),
    ),
    never: [
      ['checkpoint-activations', 'it is on by default'],
      ['mixed-precision', 'it is on by default'],
      ['empty-cache', 'the allocator has done it before it gave up'],
      ['fused-optimizer', 'it is on by default'],
    ],
  },
  {
    name: 'another process holds the card',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      print({
        requested: 20 * MiB,
        free: 11 * MiB,
        allocated: 1.1 * GiB,
        idle: 6 * MiB,
        own: { pid: 9120, bytes: 1.6 * GiB, isMarked: true },
        others: [{ pid: 4411, bytes: 77.3 * GiB }],
      }),
    ),
    never: [
      ['empty-cache', 'the own process holds next to nothing'],
      ['expandable-segments', 'the own process holds next to nothing'],
      ['max-split-size', 'the own process holds next to nothing'],
      ['larger-card', 'the card is large enough'],
    ],
    helps: ['end-neighbour'],
  },
  {
    name: 'a small request is refused on a slice with plenty free',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      print({
        total: 9.75 * GiB,
        requested: 2 * MiB,
        free: 7.1 * GiB,
        allocated: 1.9 * GiB,
        idle: 80 * MiB,
      }),
    ),
    never: [
      ['smaller-micro-batch', 'more is free than was asked'],
      ['empty-cache', 'more is free than was asked'],
      ['gradient-accumulation', 'more is free than was asked'],
      ['checkpoint-activations', 'more is free than was asked'],
      ['larger-card', 'more is free than was asked'],
    ],
  },
  {
    name: 'fragmentation with torch 1.8',
    text: lines(
      'torch 1.8.1+cu111',
      frames(MAIN, FORWARD, LINEAR),
      printAs('1.4-1.9', {
        total: 15.78 * GiB,
        requested: 1.5 * GiB,
        free: 0.3 * GiB,
        allocated: 9.1 * GiB,
        idle: 5.6 * GiB,
      }),
    ),
    never: [
      ['expandable-segments', 'it does not exist before 2.1'],
      ['empty-cache', 'the allocator has done it before it gave up'],
      ['larger-card', 'more than enough is idle'],
    ],
  },
  {
    name: 'next to nothing is idle, so nothing is fragmented',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      print({ requested: 2 * GiB, free: 0.1 * GiB, allocated: 77.9 * GiB, idle: 40 * MiB }),
    ),
    never: [
      ['max-split-size', 'the idle blocks cannot serve the request'],
      ['gc-threshold', 'the idle blocks cannot serve the request'],
      ['roundup-divisions', 'the idle blocks cannot serve the request'],
      ['empty-cache', 'the allocator has done it before it gave up'],
    ],
  },
  {
    name: 'a size that no card has',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      print({ requested: 1_372_604.51 * GiB, free: 60 * GiB, allocated: 12 * GiB }),
    ),
    never: [
      ['smaller-micro-batch', 'the size itself is wrong'],
      ['quantized-weights', 'the size itself is wrong'],
      ['larger-card', 'there is no such card'],
      ['expandable-segments', 'the size itself is wrong'],
      ['empty-cache', 'the size itself is wrong'],
      ['checkpoint-activations', 'the size itself is wrong'],
    ],
    helps: ['check-the-size'],
  },
  {
    name: 'FSDP gathers the full state to save it',
    text: lines(
      frames(
        MAIN,
        ['/srv/job/finetune.py', 140, 'save', 'state = model.state_dict()'],
        [
          `${TORCH}/distributed/fsdp/_state_dict_utils.py`,
          173,
          '_full_pre_state_dict_hook',
          '_common_unshard_pre_state_dict_hook(',
        ],
        [
          `${TORCH}/distributed/fsdp/_flat_param.py`,
          1437,
          '_alloc_padded_unsharded_flat_param',
          '_alloc_storage(unsharded_flat_param, flat_param._padded_unsharded_size)',
        ],
      ),
      print({ requested: 3.2 * GiB }),
    ),
    never: [
      ['smaller-micro-batch', 'no batch is on the card while saving'],
      ['checkpoint-activations', 'there are no activations while saving'],
      ['gradient-accumulation', 'nothing is computed while saving'],
      ['mixed-precision', 'nothing is computed while saving'],
    ],
    helps: ['save-sharded-state'],
  },
  {
    name: 'evaluation collects the logits of the whole set',
    text: lines(
      frames(
        MAIN,
        [`${SITE}/transformers/trainer.py`, 4489, 'evaluation_loop', 'all_preds.add(logits)'],
        [
          `${SITE}/transformers/trainer_pt_utils.py`,
          322,
          'add',
          'self.tensors = nested_concat(self.tensors, tensors, padding_index=self.padding_index)',
        ],
        [
          `${SITE}/transformers/trainer_pt_utils.py`,
          101,
          'torch_pad_and_concatenate',
          'return torch.cat((tensor1, tensor2), dim=0)',
        ],
      ),
      print({ requested: 7.4 * GiB, allocated: 70 * GiB }),
    ),
    never: [
      ['smaller-micro-batch', 'the training batch is not in use'],
      ['checkpoint-activations', 'no graph is kept'],
      ['gradient-accumulation', 'nothing is trained here'],
      ['eight-bit-optimizer', 'it is not about the states'],
      ['no-grad', 'the Trainer does it already'],
    ],
    helps: ['move-eval-outputs-to-host'],
  },
  {
    name: 'NCCL finds no room for its buffers',
    text: lines(
      frames(MAIN, ['/srv/job/finetune.py', 60, 'setup', 'dist.barrier()']),
      'torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:268, unhandled cuda error (run with NCCL_DEBUG=INFO for details), NCCL version 2.21.5',
      'ncclUnhandledCudaError: Call to CUDA function failed.',
      'Last error:',
      "Cuda failure 2 'out of memory'",
    ),
    never: [
      ['expandable-segments', 'the buffers are outside the allocator'],
      ['max-split-size', 'the buffers are outside the allocator'],
      ['roundup-divisions', 'the buffers are outside the allocator'],
      ['reinstall-drivers', 'the driver answered correctly'],
    ],
    helps: ['limit-collective-buffers'],
  },
  {
    name: 'no context can be created because others hold the card',
    text: lines(
      frames(
        ['/srv/job/serve.py', 12, '<module>', 'torch.zeros(1, device="cuda")'],
        [`${TORCH}/cuda/__init__.py`, 372, '_lazy_init', 'torch._C._cuda_init()'],
      ),
      'RuntimeError: CUDA error: out of memory',
      'CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.',
    ),
    never: [
      ['smaller-micro-batch', 'nothing of the job is on the card'],
      ['checkpoint-activations', 'nothing of the job is on the card'],
      ['expandable-segments', 'the allocator has not begun'],
      ['empty-cache', 'the cache is empty'],
      ['quantized-weights', 'no weights are on the card'],
    ],
  },
  {
    name: 'cuBLAS cannot create its handle',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
    ),
    never: [
      ['max-split-size', 'the handle is outside the allocator'],
      ['cudnn-benchmark', 'it takes more workspace'],
      ['reinstall-drivers', 'the driver answered correctly'],
      ['restart-the-environment', 'it fails again'],
    ],
  },
  {
    name: 'the memory in use grows from step to step',
    text: lines(
      'step 100 allocated 21.4 GiB',
      'step 200 allocated 30.9 GiB',
      'step 300 allocated 40.6 GiB',
      'step 400 allocated 50.1 GiB',
      'step 500 allocated 59.7 GiB',
      'step 600 allocated 69.5 GiB',
      frames(MAIN, FORWARD, LINEAR),
      print({ requested: 64 * MiB, free: 20 * MiB, allocated: 77.5 * GiB, idle: 40 * MiB }),
    ),
    never: [
      ['larger-card', 'it fills as well, only later'],
      ['quantized-weights', 'it fills as well, only later'],
      ['empty-cache', 'what grows is held by references'],
      ['expandable-segments', 'what grows is not idle'],
      ['max-split-size', 'what grows is not idle'],
    ],
  },
  {
    name: 'llama.cpp puts too many layers on the card',
    text: lines(
      'load_tensors: offloading 48 repeating layers to GPU',
      'load_tensors: offloaded 49/49 layers to GPU',
      'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 18432.00 MiB on device 0: cudaMalloc failed: out of memory',
      'alloc_tensor_range: failed to allocate CUDA0 buffer of size 19327352832',
      'llama_model_load: error loading model: unable to allocate CUDA0 buffer',
    ),
    never: [
      ['expandable-segments', 'it is a setting of PyTorch'],
      ['empty-cache', 'it is a call of PyTorch'],
      ['checkpoint-activations', 'nothing is trained'],
      ['eight-bit-optimizer', 'nothing is trained'],
      ['smaller-micro-batch', 'the weights do not depend on it'],
    ],
    helps: ['fewer-gpu-layers'],
  },
  {
    name: 'an ordinary forward pass in training',
    text: lines(frames(MAIN, FORWARD, LINEAR), print()),
    never: [
      ['cudnn-benchmark', 'it takes more workspace'],
      ['restart-the-environment', 'the same run fails again'],
      ['reinstall-drivers', 'the driver is fine'],
      ['collect-garbage', 'what is held has references'],
      ['reset-peak-stats', 'it changes counters, not memory'],
      ['data-augmentation', 'it changes neither'],
      ['more-host-memory', 'it is the memory of the GPU'],
      ['eval-mode', 'it keeps the graph'],
    ],
    helps: ['smaller-micro-batch', 'checkpoint-activations'],
  },
  {
    name: 'a device-side assert beside words about memory',
    kind: 'look_alike',
    text: lines(
      '../aten/src/ATen/native/cuda/Indexing.cu:1290: indexSelectLargeIndex: block: [31,0,0], thread: [64,0,0] Assertion `srcIndex < srcSelectDimSize` failed.',
      frames(MAIN, FORWARD, LINEAR),
      'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
    ),
    never: [
      ['smaller-micro-batch', 'an index is out of range'],
      ['empty-cache', 'an index is out of range'],
      ['end-neighbour', 'an index is out of range'],
      ['larger-card', 'an index is out of range'],
    ],
  },
  {
    name: 'a Triton kernel wants more shared memory than a multiprocessor has',
    kind: 'look_alike',
    text: lines(
      frames(MAIN, FORWARD),
      'triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 196608, Hardware limit: 101376. Reducing block sizes or `num_stages` may help.',
    ),
    never: [
      ['smaller-micro-batch', 'a tile does not depend on it'],
      ['larger-shared-memory', 'it is not /dev/shm'],
      ['quantized-weights', 'device memory is not short'],
      ['empty-cache', 'device memory is not short'],
    ],
  },
  {
    name: 'the cap on the own process is reached on an empty card',
    text: lines(
      frames(MAIN, FORWARD, LINEAR),
      print({
        requested: 512 * MiB,
        free: 60 * GiB,
        allocated: 15.6 * GiB,
        idle: 0.1 * GiB,
        allowed: 15.82 * GiB,
      }),
    ),
    never: [
      ['larger-card', 'the cap is a choice'],
      ['end-neighbour', 'the card is empty'],
      ['empty-cache', 'the idle blocks cannot serve the request'],
    ],
    helps: ['raise-cap'],
  },
  {
    name: 'a program for films has no graph of PyTorch',
    text: lines('Your GPU memory is full. Try reducing the timeline resolution.'),
    never: [
      ['checkpoint-activations', 'nobody trains there'],
      ['expandable-segments', 'it has another allocator'],
      ['empty-cache', 'it has another allocator'],
    ],
    helps: ['smaller-micro-batch'],
  },
  {
    name: 'a miner whose table outgrew the card',
    text: lines('Not enough GPU memory to place DAG, you cannot mine with this GPU'),
    never: [
      ['checkpoint-activations', 'nobody trains there'],
      ['mixed-precision', 'the table is no tensor'],
    ],
  },
  {
    name: 'a sparse convolution inside a job of PyTorch',
    text: lines('cuda execution failed with error 2 (spconv/indice.cu:120)'),
    never: [['keep-data-on-host', 'nothing shows whole data on the card']],
    helps: ['checkpoint-activations'],
  },
];

const diagnoses = new Map<string, Promise<Incident | undefined>>();
function main(situation: Situation): Promise<Incident | undefined> {
  const known = diagnoses.get(situation.name);
  if (known !== undefined) return known;
  const made = diagnoseText(situation.text).then(({ incidents, verdict }) =>
    incidents.find(({ kind }) => kind === verdict),
  );
  diagnoses.set(situation.name, made);
  return made;
}
const stepsOf = async (situation: Situation): Promise<readonly string[]> =>
  (await main(situation))?.steps.map(({ remedy }) => remedy) ?? [];

const known = new Set([...remedies, ...noRemedies].map(({ id }) => id));

describe('the table of harmful advice', () => {
  test('has sixty pairs and more, none twice', () => {
    const pairs = situations.flatMap(({ name, never }) => never.map(([id]) => `${name}: ${id}`));
    expect(pairs.length).toBeGreaterThanOrEqual(60);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  test('names only advice that is registered', () => {
    const named = situations.flatMap(({ never, helps }) => [
      ...never.map(([id]) => id),
      ...(helps ?? []),
    ]);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe.each(situations)('$name', (situation) => {
  const { kind = 'gpu_oom', never, helps = [] } = situation;

  test(`is read as ${kind}`, async () => {
    expect((await main(situation))?.kind).toBe(kind);
  });

  test.each(never)('%s is no step: %s', async (id) => {
    expect(await stepsOf(situation)).not.toContain(id);
  });

  if (helps.length > 0)
    test(`${helps.join(', ')} among the steps`, async () => {
      expect(await stepsOf(situation)).toEqual(expect.arrayContaining([...helps]));
    });
});
