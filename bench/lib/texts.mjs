// @ts-check
/**
 * Failures and log lines of our own making, for the benches. The wording is that of the programs;
 * every figure, name and path is invented.
 */

const TAIL_2_2 =
  'If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)';
const TAIL_1_10 =
  'If reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF';

/**
 * Five failures of different families. `requested` is the range of bytes that the printed figure
 * can mean, so a reader can be checked without knowing how it rounds.
 * @type {readonly { name: string, text: string, requested: readonly [number, number][] }[]}
 */
export const FAILURES = [
  {
    name: 'CUDA 2.2+, traceback, rank prefix',
    requested: [around(3.37, 2 ** 30)],
    text: `[rank3]: Traceback (most recent call last):
[rank3]:   File "/srv/jobs/pretrain/train.py", line 412, in <module>
[rank3]:     main(parse_args())
[rank3]:   File "/srv/jobs/pretrain/train.py", line 371, in main
[rank3]:     loss.backward()
[rank3]:   File "/opt/venv/lib/python3.11/site-packages/torch/_tensor.py", line 581, in backward
[rank3]:     torch.autograd.backward(
[rank3]:   File "/opt/venv/lib/python3.11/site-packages/torch/autograd/__init__.py", line 347, in backward
[rank3]:     _engine_run_backward(
[rank3]:   File "/opt/venv/lib/python3.11/site-packages/torch/autograd/graph.py", line 825, in _engine_run_backward
[rank3]:     return Variable._execution_engine.run_backward(  # Calls into the C++ engine to run the backward pass
[rank3]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.37 GiB. GPU 3 has a total capacity of 79.10 GiB of which 1.21 GiB is free. Including non-PyTorch memory, this process has 77.88 GiB memory in use. Of the allocated memory 74.02 GiB is allocated by PyTorch, and 2.31 GiB is reserved by PyTorch but unallocated. ${TAIL_2_2}`,
  },
  {
    name: 'CUDA 1.10-2.0 sentence',
    requested: [around(574, 2 ** 20)],
    text: `Traceback (most recent call last):
  File "finetune.py", line 88, in run
    out = net(batch["pixels"])
  File "/home/u/miniconda3/lib/python3.8/site-packages/torch/nn/modules/module.py", line 1130, in _call_impl
    return forward_call(*input, **kwargs)
  File "/home/u/src/unet.py", line 203, in forward
    x = torch.cat([skip, up], dim=1)
RuntimeError: CUDA out of memory. Tried to allocate 574.00 MiB (GPU 1; 23.70 GiB total capacity; 20.94 GiB already allocated; 211.56 MiB free; 21.83 GiB reserved in total by PyTorch) ${TAIL_1_10}`,
  },
  {
    name: 'MPS',
    requested: [around(483.25, 2 ** 20), around(483.25, 1e6)],
    text: `Traceback (most recent call last):
  File "/Users/u/sketch/generate.py", line 57, in <module>
    image = pipe(prompt).images[0]
RuntimeError: MPS backend out of memory (MPS allocated: 16.42 GB, other allocations: 1.32 GB, max allowed: 18.13 GB). Tried to allocate 483.25 MB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).`,
  },
  {
    name: 'cudaMallocAsync block',
    requested: [around(2.75, 2 ** 30)],
    text: `torch.OutOfMemoryError: Allocation on device 2 would exceed allowed memory. (out of memory)
Currently allocated     : 43.16 GiB
Requested               : 2.75 GiB
Device limit            : 47.53 GiB
Free (according to CUDA): 38.19 MiB
PyTorch limit (set by user-supplied memory fraction)
                        : 17179869184.00 GiB`,
  },
  {
    name: 'CPU allocator',
    requested: [[73014444032, 73014444032]],
    text: `Traceback (most recent call last):
  File "/srv/jobs/prepare.py", line 31, in load_all
    table = torch.empty((rows, cols), dtype=torch.float32)
RuntimeError: [enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: can't allocate memory: you tried to allocate 73014444032 bytes. Error code 12 (Cannot allocate memory)`,
  },
];

/** More wordings, as seeds of the fuzz bench beside the repository's own fixtures. */
export const MORE_TEXTS = [
  `THCudaCheck FAIL file=/pytorch/aten/src/THC/generic/THCStorage.cu line=58 error=2 : out of memory
RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58`,
  'RuntimeError: CUDA out of memory. Tried to allocate 41.13 MiB (GPU 0; 7.93 GiB total capacity; 6.87 GiB already allocated; 32.56 MiB free; 301.21 MiB cached)',
  'RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 15.90 GiB total capacity; 3.61 GiB already allocated; 11.94 GiB free; 3.98 GiB allowed; 3.74 GiB reserved in total by PyTorch)',
  `torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 98.00 MiB. GPU \0 has a total capacity of 23.65 GiB of which 71.06 MiB is free. Process 4711 has 284.00 MiB memory in use. Process 815 has 17179869184.00 GiB memory in use. Of the allocated memory 22.40 GiB is allocated by PyTorch, with 46.00 MiB allocated in private pools (e.g., CUDA Graphs), and 312.50 MiB is reserved by PyTorch but unallocated. ${TAIL_2_2}`,
  'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 MiB. GPU 5 has a total capacity of 191.98 GiB of which 180.64 GiB is free. 1.05 GiB allowed; Of the allocated memory 1017.01 MiB is allocated by PyTorch, and 54.99 MiB is reserved by PyTorch but unallocated.',
  'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 6.25 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 11.02 GiB is allocated by PyTorch, and 1.74 GiB is reserved by PyTorch but unallocated. Please use `empty_cache` to release all unoccupied cached memory.',
  'RuntimeError: CUDA out of memory. Tried to allocate more than 1EB memory.',
  'torch.AcceleratorError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.',
  'OOM again... "GPU 0 has 8.00 GiB total capacity; 7.80 GiB already allocated; 12.19 MiB free"',
  `╭──────────────── Traceback (most recent call last) ────────────────╮
│ /home/u/train.py:143 in training_step                              │
│                                                                    │
│   142 │   loss = self.loss(batch)                                  │
│ ❱ 143 │   self.optimizer.step()                                    │
╰────────────────────────────────────────────────────────────────────╯
OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 39.39 GiB of which 913.06 MiB is free.`,
  `Cell In[9], line 3
      1 size = 200_000
----> 3 b = torch.randn(size, size, device="cuda")
\x1b[0;31mOutOfMemoryError\x1b[0m: CUDA out of memory. Tried to allocate 149.01 GiB. GPU 0 has a total capacity of 22.19 GiB of which 21.90 GiB is free.`,
];

/**
 * The bytes that "figure × unit", printed to two decimals, can stand for.
 * @param {number} figure
 * @param {number} unit
 * @returns {[number, number]}
 */
function around(figure, unit) {
  return [(figure - 0.00501) * unit, (figure + 0.00501) * unit];
}

const WORDS =
  'shard tokens bucket loader worker stage cache epoch prefetch queue batch gather shuffle index eval metric writer flush commit manifest tokenizer pipeline schedule planner'.split(
    ' ',
  );
const LOGGERS =
  'trainer.loop data.loader dist.comm ckpt.writer metrics.sink sched.cosine torch.distributed.run'.split(
    ' ',
  );

/**
 * One line of an unremarkable training log, without its line end. Many shapes, some with the words that a
 * reader of memory failures has to look at twice.
 * @param {() => number} random
 * @param {{ step: number, at: number }} clock moves on with each line
 */
export function logLine(random, clock) {
  clock.step += random() < 0.3 ? 1 : 0;
  clock.at += random() * 2;
  const step = clock.step;
  const time = stamp(clock.at);
  const loss = (10 * Math.exp(-step / 4e6) + random()).toFixed(4);
  const pick = (/** @type {readonly string[]} */ from) => from[Math.floor(random() * from.length)];
  const gib = (6 + 60 * random()).toFixed(1);
  switch (Math.floor(random() * 20)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `${time} INFO ${pick(LOGGERS)}: step=${step} loss=${loss} lr=${(3e-4 * random()).toExponential(3)} grad_norm=${(random() * 4).toFixed(3)} tok/s=${Math.floor(2e5 * random())}`;
    case 4:
    case 5:
      return `{"ts":"${time}","level":"info","logger":"${pick(LOGGERS)}","step":${step},"loss":${loss},"msg":"${pick(WORDS)} ${pick(WORDS)} done","ms":${Math.floor(900 * random())}}`;
    case 6:
    case 7:
      return `[rank${Math.floor(8 * random())}]: ${time} ${pick(WORDS)} ${pick(WORDS)} ${Math.floor(1e6 * random())} ok`;
    case 8:
      return progress(random, step);
    case 9:
      return `step ${step}: GPU memory: ${gib} GiB allocated, ${(Number(gib) + 2).toFixed(1)} GiB reserved (peak ${(Number(gib) + 3).toFixed(1)} GiB)`;
    case 10:
      return `${time} DEBUG ${pick(LOGGERS)} [pid ${3000 + Math.floor(600 * random())}] ${pick(WORDS)}: ${Math.floor(1000 * random())} out of 1000 files ${pick(WORDS)}ed`;
    case 11:
      return `W${String(1 + Math.floor(12 * random())).padStart(2, '0')}17 ${time.slice(11)} ${4000 + Math.floor(99 * random())} site-packages/torch/nn/functional.py:${Math.floor(5000 * random())}] UserWarning: ${pick(WORDS)} is deprecated, use ${pick(WORDS)}`;
    case 12:
      return `(Worker pid=${10000 + Math.floor(999 * random())}) ${pick(['INFO', 'DEBUG', 'WARNING'])} ${time.slice(5)} [${pick(WORDS)}.py:${Math.floor(900 * random())}] host memory ${Math.floor(60 * random())}% used, cache hit rate ${(100 * random()).toFixed(1)}%`;
    case 13:
      return `epoch ${Math.floor(step / 5000)} | ${pick(WORDS)}/${pick(WORDS)}: ${(random() * 2).toFixed(5)} | acc ${(random() * 100).toFixed(2)} | ETA ${Math.floor(40 * random())}:${String(Math.floor(60 * random())).padStart(2, '0')}:00`;
    case 14:
      return `node${Math.floor(32 * random())} | NCCL INFO Channel ${String(Math.floor(16 * random())).padStart(2, '0')}/0 : ${Math.floor(8 * random())}[${Math.floor(8 * random())}] -> ${Math.floor(8 * random())}[${Math.floor(8 * random())}] via P2P/CUMEM`;
    case 15:
      return `Saved ${pick(WORDS)}-${step}.pt (${(random() * 30).toFixed(2)} GB) in ${(random() * 90).toFixed(1)}s, error rate 0.${Math.floor(9999 * random())}`;
    case 16:
      return `    ${pick(WORDS)}.${pick(WORDS)}(${pick(WORDS)}=${Math.floor(512 * random())}, ${pick(WORDS)}=${(random() * 3).toFixed(3)})`;
    case 17:
      return `${time} ${pick(WORDS)} retry ${Math.floor(3 * random())}: s3://bucket/${Math.floor(1e9 * random()).toString(16)}/${pick(WORDS)}-${Math.floor(1e5 * random())}.tar ${Math.floor(4e8 * random())} bytes`;
    case 18:
      return random() < 0.5 ? '' : '-'.repeat(20 + Math.floor(80 * random()));
    default:
      return `\x1b[32m${time}\x1b[0m ${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} ${Math.floor(1e9 * random())} free ${(random() * 900).toFixed(2)} MiB`;
  }
}

/**
 * A progress bar as a terminal log keeps it: its repaints in one line, parted by carriage returns.
 * @param {() => number} random
 * @param {number} step
 */
function progress(random, step) {
  const repaints = 1 + Math.floor(12 * random());
  let line = '';
  for (let i = 0; i < repaints; i++) {
    const done = (step + i) % 1000;
    const bar = '█'.repeat(done / 50);
    line += `\rEpoch ${Math.floor(step / 1000)}: ${String(Math.floor(done / 10)).padStart(3)}%|${bar.padEnd(20)}| ${done}/1000 [0${Math.floor(9 * random())}:${10 + Math.floor(49 * random())}<00:12, ${(random() * 9).toFixed(2)}it/s, loss=${random().toFixed(3)}]`;
  }
  return line;
}

/** @param {number} seconds */
function stamp(seconds) {
  return new Date(1767225600000 + Math.floor(seconds * 1000))
    .toISOString()
    .replace('T', ' ')
    .slice(0, 23);
}
