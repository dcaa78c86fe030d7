/**
 * Stacks as real recorders write them, in three manners that were seen in files of PyTorch 2.0 to 2.10:
 * Python frames only; C++ frames with the interpreter's symbols between those of Python; and C++ frames with
 * the interpreter's own sources, where only the innermost Python frame lies at its place.
 */
import { Pen, type Size } from '../pen.ts';

export type Torch = '2.0' | '2.1' | '2.4' | '2.6' | '2.8';

export interface Setup {
  /** Where Python's library lies: `/opt/conda/lib/python3.11`. */
  readonly lib: string;
  readonly torch: Torch;
  readonly frames: 'python' | 'symbols' | 'sources';
  /** Folder of packages within `lib`. */
  readonly packages?: string;
}

const MODULE: Readonly<Record<Torch, readonly string[]>> = {
  '2.0': ['1501 in _call_impl'],
  '2.1': ['1518 in _wrapped_call_impl', '1527 in _call_impl'],
  '2.4': ['1553 in _wrapped_call_impl', '1562 in _call_impl'],
  '2.6': ['1739 in _wrapped_call_impl', '1750 in _call_impl'],
  '2.8': ['1773 in _wrapped_call_impl', '1784 in _call_impl'],
};

/** Frames of PyTorch's own modules below the call of a module. */
const LEAVES = {
  linear: ['torch/nn/modules/linear.py:125 in forward'],
  conv2d: [
    'torch/nn/modules/conv.py:554 in forward',
    'torch/nn/modules/conv.py:549 in _conv_forward',
  ],
  layer_norm: [
    'torch/nn/modules/normalization.py:217 in forward',
    'torch/nn/functional.py:2910 in layer_norm',
  ],
  batch_norm: [
    'torch/nn/modules/batchnorm.py:193 in forward',
    'torch/nn/functional.py:2822 in batch_norm',
  ],
  relu: ['torch/nn/modules/activation.py:133 in forward', 'torch/nn/functional.py:1704 in relu'],
  gelu: ['torch/nn/modules/activation.py:734 in forward'],
  dropout: ['torch/nn/modules/dropout.py:70 in forward', 'torch/nn/functional.py:1425 in dropout'],
  embedding: [
    'torch/nn/modules/sparse.py:190 in forward',
    'torch/nn/functional.py:2551 in embedding',
  ],
} as const;

export type Leaf = keyof typeof LEAVES;

const START = ['_start', '__libc_start_main'];
const SYMBOLS = ['Py_BytesMain', 'Py_RunMain', '_PyRun_SimpleFileObject', 'PyEval_EvalCode'];
const CONDA = '/usr/local/src/conda/python-3.12.3';
const SOURCES = [
  '__libc_init_first',
  `${CONDA}/Modules/main.c:763 in Py_BytesMain`,
  `${CONDA}/Modules/main.c:360 in pymain_run_file_obj`,
  `${CONDA}/Python/pythonrun.c:433 in _PyRun_SimpleFileObject`,
  `${CONDA}/Python/pythonrun.c:1743 in run_mod`,
  `${CONDA}/Python/ceval.c:578 in PyEval_EvalCode`,
  `${CONDA}/Objects/call.c:387 in PyCFunction_Call`,
  '/croot/python-split_1715024085344/build-static/Python/bytecodes.c:2706 in _PyEval_EvalFrameDefault',
];
const THREAD = [
  'clone',
  'pthread_condattr_setpshared',
  'thread48.o:0 in execute_native_thread_routine',
  'torch::autograd::python::PythonEngine::thread_init(int, std::shared_ptr<torch::autograd::ReadyQueue> const&, bool)',
  'torch::autograd::Engine::thread_init(int, std::shared_ptr<torch::autograd::ReadyQueue> const&, bool)',
  'torch::autograd::Engine::thread_main(std::shared_ptr<torch::autograd::GraphTask> const&)',
  'torch::autograd::Engine::evaluate_function(std::shared_ptr<torch::autograd::GraphTask>&, torch::autograd::Node*, torch::autograd::InputBuffer&, std::shared_ptr<torch::autograd::ReadyQueue> const&)',
  'torch::autograd::Node::operator()(std::vector<at::Tensor, std::allocator<at::Tensor> >&&)',
];
const MALLOC = [
  'RegisterCUDA_0.cpp:0 in at::(anonymous namespace)::create_out(c10::ArrayRef<long>, c10::ArrayRef<long>, c10::TensorOptions const&)',
  'at::detail::empty_cuda(c10::ArrayRef<long>, c10::TensorOptions const&)',
  'at::detail::empty_generic(c10::ArrayRef<long>, c10::Allocator*, c10::DispatchKeySet, c10::ScalarType, std::optional<c10::MemoryFormat>)',
  'c10::cuda::CUDACachingAllocator::Native::NativeCachingAllocator::allocate(unsigned long)',
  'CUDACachingAllocator.cpp:0 in c10::cuda::CUDACachingAllocator::Native::DeviceCachingAllocator::malloc(unsigned long, CUstream_st*)',
  'memory_snapshot.cpp:0 in torch::cuda::(anonymous namespace)::gather_with_cpp()',
  'torch::CapturedTraceback::gather(bool, bool, bool)',
  'torch::unwind::unwind()',
];

const dispatched = (op: string): readonly string[] => [
  `at::_ops::${op}::call(at::Tensor const&, at::Tensor const&)`,
  `VariableType_3.cpp:0 in torch::autograd::VariableType::(anonymous namespace)::${op}(c10::DispatchKeySet, at::Tensor const&, at::Tensor const&)`,
  `at::_ops::${op}::redispatch(c10::DispatchKeySet, at::Tensor const&, at::Tensor const&)`,
  `RegisterCUDA_0.cpp:0 in at::(anonymous namespace)::wrapper_CUDA_${op}(at::Tensor const&, at::Tensor const&)`,
];

/** A frame is `FILE:LINE in NAME`, outermost first, as in a drawing. */
export class Code {
  private readonly setup: Setup;

  constructor(setup: Setup) {
    this.setup = setup;
  }

  /** Frames of installed packages, by paths within them. */
  lib(...frames: readonly string[]): readonly string[] {
    const { lib, packages = 'site-packages' } = this.setup;
    const slash = lib.includes('\\') ? '\\' : '/';
    return frames.map(
      (frame) => `${lib}${slash}${packages}${slash}${frame.replaceAll('/', slash)}`,
    );
  }

  /** Frames of Python's own library. */
  std(...frames: readonly string[]): readonly string[] {
    return frames.map((frame) => `${this.setup.lib}/${frame}`);
  }

  /** The call of a module, and frames of its forward. */
  call(...forward: readonly string[]): readonly string[] {
    const { torch } = this.setup;
    return [
      ...this.lib(...MODULE[torch].map((at) => `torch/nn/modules/module.py:${at}`)),
      ...forward,
    ];
  }

  leaf(op: Leaf): readonly string[] {
    return this.call(...this.lib(...LEAVES[op]));
  }

  /** `model.to(device)`. */
  to(): readonly string[] {
    return this.lib(
      'torch/nn/modules/module.py:1355 in to',
      'torch/nn/modules/module.py:915 in _apply',
      'torch/nn/modules/module.py:915 in _apply',
      'torch/nn/modules/module.py:942 in _apply',
      'torch/nn/modules/module.py:1341 in convert',
    );
  }

  /** A stack of the main thread. */
  main(python: readonly string[], op = 'mul'): string {
    if (this.setup.frames === 'python') return python.join(' > ');
    const below = [
      `python_torch_functions_0.cpp:0 in torch::autograd::THPVariable_${op}(_object*, _object*, _object*)`,
      ...dispatched(op),
      ...MALLOC,
    ];
    if (this.setup.frames === 'symbols') {
      const frames = python.flatMap((frame) => [
        '_PyFunction_Vectorcall',
        '_PyEval_EvalFrameDefault',
        frame,
      ]);
      return [...START, ...SYMBOLS, ...frames, ...below].join(' > ');
    }
    const outer = python.slice(0, -1);
    return [...outer, ...START, ...SOURCES, ...python.slice(-1), ...below].join(' > ');
  }

  /** A stack of autograd's thread. Python is there only if a hook or a recomputation brings it. */
  engine(node: string, python: readonly string[] = [], op = 'mm'): string {
    if (this.setup.frames === 'python') return python.join(' > ');
    const apply = `torch::autograd::generated::${node}::apply(std::vector<at::Tensor, std::allocator<at::Tensor> >&&)`;
    const frames = python.flatMap((frame) => ['_PyEval_EvalFrameDefault', frame]);
    return [...THREAD, apply, ...frames, ...dispatched(op), ...MALLOC].join(' > ');
  }

  /** An op of the user's own forward: the frames, then those of a module of PyTorch. */
  op(frames: readonly string[], leaf?: Leaf): string {
    const below = leaf === undefined ? [] : this.leaf(leaf);
    return this.main([...frames, ...below], leaf === 'linear' ? 'addmm' : (leaf ?? 'matmul'));
  }
}

/** What one op of a block allocates. */
export interface Op {
  readonly stack: string;
  readonly size: Size;
  /** Held for backward; otherwise let go when the next op has run. */
  readonly isSaved: boolean;
}

export interface Part {
  readonly key: string;
  readonly ops: readonly Op[];
  /** Bytes of each parameter. */
  readonly weights: readonly number[];
  readonly node: string;
  /** Bytes of the gradient of the block's output. */
  readonly upstream: Size;
}

export const saved = (stack: string, size: Size): Op => ({ stack, size, isSaved: true });
export const passing = (stack: string, size: Size): Op => ({ stack, size, isSaved: false });

/** Bytes that differ by some percent from one time to the next. */
export const about = (size: number, percent = 4): string =>
  `random(${Math.floor(size * (1 - percent / 100))}, ${Math.floor(size * (1 + percent / 100))})`;

/** A training loop's moves, in the order in which PyTorch allocates. */
export class Loop {
  readonly pen: Pen;
  private readonly code: Code;

  constructor(code: Code, ...header: readonly string[]) {
    this.code = code;
    this.pen = new Pen(...header);
  }

  /** Parameters, a block after the other. */
  load(stack: string, parts: readonly Part[], tag = 'w'): void {
    for (const { key, weights } of parts)
      for (const [i, size] of weights.entries())
        this.pen.at(stack).alloc(`${tag}_${key}_${i}`, size);
  }

  forward(parts: readonly Part[], tag = 'act'): void {
    let passed: string | undefined;
    for (const { key, ops } of parts) {
      for (const [i, { stack, size, isSaved }] of ops.entries()) {
        const name = `${isSaved ? tag : 'passing'}_${key}_${i}`;
        this.pen.at(stack).alloc(name, size);
        if (passed !== undefined) this.pen.at(stack).free(passed);
        passed = isSaved ? undefined : name;
      }
    }
    if (passed !== undefined) this.pen.free(passed);
  }

  /** Without a graph: all goes but the last, which is the result under the name. */
  infer(parts: readonly Part[], result: string): void {
    const ops = parts.flatMap((part) => part.ops);
    for (const [i, { stack, size }] of ops.entries()) {
      this.pen.at(stack).alloc(i === ops.length - 1 ? result : `hop${i}`, size);
      if (i > 0) this.pen.at(stack).free(`hop${i - 1}`);
    }
  }

  /** Gradients of parameters are made where none is held, else added to. */
  backward(parts: readonly Part[], tag = 'act', grads = 'grad'): void {
    const { pen, code } = this;
    let above: string | undefined;
    for (const { key, ops, weights, node, upstream } of [...parts].reverse()) {
      const stack = code.engine(node);
      pen.at(stack).alloc(`up_${key}`, upstream);
      if (above !== undefined) pen.at(stack).free(above);
      above = `up_${key}`;
      for (const [i, size] of weights.entries()) {
        const name = `${grads}_${key}_${i}`;
        if (pen.has(name)) pen.at(code.engine('AddmmBackward0')).temp(size);
        else pen.at(stack).alloc(name, size);
      }
      for (let i = ops.length - 1; i >= 0; i--)
        if (ops[i]?.isSaved) pen.at(stack).free(`${tag}_${key}_${i}`);
    }
    if (above !== undefined) pen.at(code.engine('AccumulateGrad')).free(above);
  }

  /** Adam with foreach: two states a parameter at its first step, a list of denominators for a moment. */
  adam(frames: readonly string[], parts: readonly Part[], tag = 'adam', file = 'adamw'): void {
    const { pen, code } = this;
    const step = [...frames, ...code.lib(`torch/optim/optimizer.py:493 in wrapper`)];
    const at = (line: number, name: string): readonly string[] =>
      code.lib(`torch/optim/${file}.py:232 in step`, `torch/optim/${file}.py:${line} in ${name}`);
    const each = parts.flatMap(({ key, weights }) =>
      weights.map((size, i) => [`${key}_${i}`, size] as const),
    );
    for (const [name, size] of each) {
      if (pen.has(`${tag}_m_${name}`)) continue;
      pen.at(code.main([...step, ...at(175, '_init_group')], 'zeros_like'));
      pen.alloc(`${tag}_m_${name}`, size);
      pen.alloc(`${tag}_v_${name}`, size);
    }
    pen.at(code.main([...step, ...at(648, `_multi_tensor_${file}`)], '_foreach_sqrt'));
    for (const [name, size] of each) pen.alloc(`den_${name}`, size);
    for (const [name] of each) pen.free(`den_${name}`);
  }

  /** `zero_grad(set_to_none=True)`. */
  zero(frames: readonly string[], grads = 'grad'): void {
    const { pen, code } = this;
    pen.at(code.main([...frames, ...code.lib('torch/optim/optimizer.py:1008 in zero_grad')]));
    for (const name of pen.names(`${grads}_`).toReversed()) pen.free(name);
  }

  text(): string {
    return this.pen.text();
  }
}
