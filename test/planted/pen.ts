/** Writes drawings (docs/snapshot-drawings.md) of programs whose stacks are too long to type. */

/** Where packages lie, and what `stacks=` of _record_memory_history was. */
export interface Site {
  readonly packages: string;
  readonly stacks: 'all' | 'python' | 'none';
}

/** Frames of the interpreter around those of Python, outermost first. */
const PROCESS = ['_start', '__libc_start_main', 'Py_BytesMain', 'Py_RunMain', 'PyEval_EvalCode'];
const ENGINE = [
  'clone',
  'pthread_condattr_setpshared',
  'std::error_code::default_error_condition() const',
  'torch::autograd::python::PythonEngine::thread_init(int, std::shared_ptr<torch::autograd::ReadyQueue> const&, bool)',
  'torch::autograd::Engine::thread_main(std::shared_ptr<torch::autograd::GraphTask> const&)',
  'torch::autograd::Engine::evaluate_function(std::shared_ptr<torch::autograd::GraphTask>&, torch::autograd::Node*, torch::autograd::InputBuffer&)',
  'torch::autograd::Node::operator()(std::vector<at::Tensor>&&)',
];
const ALLOCATOR = [
  'at::detail::empty_cuda(c10::ArrayRef<long>, c10::ScalarType, std::optional<c10::Device>)',
  'at::detail::empty_generic(c10::ArrayRef<long>, c10::Allocator*, c10::DispatchKeySet)',
  'CUDACachingAllocator.cpp:0 in c10::cuda::CUDACachingAllocator::Native::DeviceCachingAllocator::malloc(unsigned long, CUstream_st*)',
  'memory_snapshot.cpp:0 in torch::cuda::(anonymous namespace)::gather_with_cpp()',
  'torch::CapturedTraceback::gather(bool, bool, bool)',
  'torch::unwind::unwind()',
];

/** Frames as PyTorch records them, outermost first; joined to a stack of a drawing. */
export class Frames {
  private readonly site: Site;

  constructor(site: Site) {
    this.site = site;
  }

  /** A frame of an installed package. */
  package(path: string, line: number, name: string): string {
    const { packages } = this.site;
    const slash = packages.includes('\\') ? '\\' : '/';
    return `${packages}${slash}${path.replaceAll('/', slash)}:${line} in ${name}`;
  }

  /** A call of a module: PyTorch's two frames, then that of its forward. */
  module(forward: string): readonly string[] {
    return [
      this.package('torch/nn/modules/module.py', 1751, '_wrapped_call_impl'),
      this.package('torch/nn/modules/module.py', 1762, '_call_impl'),
      forward,
    ];
  }

  linear(): readonly string[] {
    return this.module(this.package('torch/nn/modules/linear.py', 125, 'forward'));
  }

  conv(): readonly string[] {
    return [
      ...this.module(this.package('torch/nn/modules/conv.py', 554, 'forward')),
      this.package('torch/nn/modules/conv.py', 549, '_conv_forward'),
    ];
  }

  /** `model.to(device)`. */
  to(): readonly string[] {
    return [
      this.package('torch/nn/modules/module.py', 1355, 'to'),
      this.package('torch/nn/modules/module.py', 915, '_apply'),
      this.package('torch/nn/modules/module.py', 942, '_apply'),
      this.package('torch/nn/modules/module.py', 1341, 'convert'),
    ];
  }

  /** `optimizer.step()` of a file in torch/optim, down to where it works. */
  step(file: string, line: number, name: string): readonly string[] {
    return [
      this.package('torch/optim/optimizer.py', 493, 'wrapper'),
      this.package(`torch/optim/${file}.py`, file === 'sgd' ? 123 : 232, 'step'),
      this.package(`torch/optim/${file}.py`, line, name),
    ];
  }

  zeroGrad(): readonly string[] {
    return [this.package('torch/optim/optimizer.py', 1008, 'zero_grad')];
  }

  /** A stack of the main thread. */
  main(python: readonly string[], op = 'empty_strided'): string {
    const { stacks } = this.site;
    if (stacks === 'none') return '';
    if (stacks === 'python') return python.join(' > ');
    const frames = python.flatMap((frame) => ['_PyEval_EvalFrameDefault', frame]);
    const binding = `torch::autograd::THPVariable_${op}(_object*, _object*, _object*)`;
    return [...PROCESS, ...frames, binding, ...native(op), ...ALLOCATOR].join(' > ');
  }

  /** A stack of autograd's own thread, where Python has no frames unless a hook brings some. */
  autograd(node: string, python: readonly string[] = [], op = 'mm'): string {
    const { stacks } = this.site;
    if (stacks === 'none') return '';
    if (stacks === 'python') return python.join(' > ');
    const apply = node.includes('::')
      ? node
      : `torch::autograd::generated::${node}0::apply(std::vector<at::Tensor>&&)`;
    return [...ENGINE, apply, ...python, ...native(op), ...ALLOCATOR].join(' > ');
  }
}

function native(op: string): readonly string[] {
  return [
    `at::_ops::${op}::call(at::Tensor const&, at::Tensor const&)`,
    `VariableType_3.cpp:0 in torch::autograd::VariableType::(anonymous namespace)::${op}(c10::DispatchKeySet, at::Tensor const&)`,
    `RegisterCUDA.cpp:0 in at::(anonymous namespace)::wrapper_CUDA_${op}(at::Tensor const&)`,
  ];
}

/** Characters of a stack; a line of a drawing has 4000 at most. */
const MOST_IN_A_LINE = 3800;

/** Bytes, or an expression of the drawing language such as `random(1MiB, 2MiB)`. */
export type Size = number | string;

export class Pen {
  private readonly lines: string[] = [];
  private depth = 0;
  private where = '';
  /** The stack of the `at` blocks that are open, and how many they are. */
  private open: string | undefined;
  private opened = 0;
  private readonly held = new Set<string>();

  constructor(...header: readonly string[]) {
    this.lines.push(...header);
  }

  /** The stack of what follows; '' is none. */
  at(stack: string): this {
    this.where = stack;
    return this;
  }

  alloc(name: string, size: Size): void {
    this.held.add(name);
    this.say(`${name} = alloc ${size}`);
  }

  /** One more under a name. */
  more(name: string, size: Size): void {
    this.held.add(name);
    this.say(`${name} += alloc ${size}`);
  }

  /** Stays for ever. */
  keep(size: Size): void {
    this.say(`alloc ${size}`);
  }

  temp(size: Size): void {
    this.say(`temp ${size}`);
  }

  free(name: string): void {
    this.held.delete(name);
    this.say(`free ${name}`);
  }

  has(name: string): boolean {
    return this.held.has(name);
  }

  /** Names that begin so, the newest first. */
  names(prefix: string): readonly string[] {
    return [...this.held].filter((name) => name.startsWith(prefix)).reverse();
  }

  /** Any other statement. */
  say(statement: string): void {
    if (this.where === '') {
      this.close();
    } else if (this.open !== this.where) {
      this.close();
      for (const part of partsOf(this.where)) {
        this.lines.push(`${'  '.repeat(this.depth)}at ${part}:`);
        this.depth++;
        this.opened++;
      }
      this.open = this.where;
    }
    this.lines.push('  '.repeat(this.depth) + statement);
  }

  phase(name: string, inside: () => void): void {
    this.block(`phase ${name}:`, inside);
  }

  /** `device 1`, `stream 7`, `graph 1`. */
  on(place: string, inside: () => void): void {
    this.block(`on ${place}:`, inside);
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private block(head: string, inside: () => void): void {
    this.close();
    this.lines.push('  '.repeat(this.depth) + head);
    this.depth++;
    // A block needs a line, whatever comes.
    this.lines.push(`${'  '.repeat(this.depth)}wait 10`);
    inside();
    this.close();
    this.depth--;
  }

  private close(): void {
    if (this.open === undefined) return;
    this.open = undefined;
    this.depth -= this.opened;
    this.opened = 0;
  }
}

/** A stack in parts that fit a line of a drawing. */
function partsOf(stack: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const frame of stack.split(' > ')) {
    if (part !== '' && part.length + frame.length > MOST_IN_A_LINE) {
      parts.push(part);
      part = '';
    }
    part += part === '' ? frame : ` > ${frame}`;
  }
  return [...parts, part];
}

/** A part of a model as allocations see it. */
export interface Layer {
  readonly key: string;
  /** What forward keeps for backward: stack and bytes. */
  readonly saved: readonly (readonly [stack: string, size: Size])[];
  /** What forward needs for a moment. */
  readonly scratch?: readonly (readonly [stack: string, size: Size])[];
  /** Bytes of each parameter. */
  readonly weights: readonly number[];
  /** Autograd's node. */
  readonly node?: string;
  /** Gradient of the output, which backward holds for a moment. */
  readonly upstream: Size;
}

export function forward(pen: Pen, layers: readonly Layer[], tag = 'act'): void {
  for (const { key, saved, scratch = [] } of layers) {
    for (const [stack, size] of scratch) pen.at(stack).temp(size);
    for (const [i, [stack, size]] of saved.entries())
      pen.at(stack).alloc(`${tag}_${key}_${i}`, size);
  }
}

/** Backward: layers from the last, gradients where none is held yet, activations let go. */
export function backward(pen: Pen, frames: Frames, layers: readonly Layer[], tag = 'act'): void {
  for (const { key, saved, weights, node = 'MmBackward', upstream } of [...layers].reverse()) {
    const stack = frames.autograd(node);
    pen.at(stack).alloc(`up_${key}`, upstream);
    for (const [i, size] of weights.entries()) {
      const name = `grad_${key}_${i}`;
      if (pen.has(name))
        pen
          .at(frames.autograd('torch::autograd::AccumulateGrad::apply(std::vector<at::Tensor>&&)'))
          .temp(size);
      else pen.at(stack).alloc(name, size);
    }
    for (let i = saved.length - 1; i >= 0; i--) pen.at(stack).free(`${tag}_${key}_${i}`);
    pen.at(stack).free(`up_${key}`);
  }
}

export function load(pen: Pen, stack: string, layers: readonly Layer[], tag = 'weight'): void {
  for (const { key, weights } of layers) {
    for (const [i, size] of weights.entries()) pen.at(stack).alloc(`${tag}_${key}_${i}`, size);
  }
}

/** Lets go of all gradients: `zero_grad(set_to_none=True)`. */
export function letGo(pen: Pen, stack: string, prefix = 'grad_'): void {
  for (const name of pen.names(prefix).toReversed()) pen.at(stack).free(name);
}

/** Adam: two states a weight at its first step, and the lists of `foreach` for a moment. */
export function adam(
  pen: Pen,
  frames: Frames,
  caller: readonly string[],
  layers: readonly Layer[],
  tag = 'adam',
): void {
  const sizes = layers.flatMap(({ key, weights }) =>
    weights.map((size, i) => [`${key}_${i}`, size] as const),
  );
  const init = frames.main([...caller, ...frames.step('adamw', 175, '_init_group')], 'zeros_like');
  for (const [name, size] of sizes) {
    if (pen.has(`${tag}_m_${name}`)) continue;
    pen.at(init).alloc(`${tag}_m_${name}`, size);
    pen.at(init).alloc(`${tag}_v_${name}`, size);
  }
  pen.at(
    frames.main([...caller, ...frames.step('adamw', 634, '_multi_tensor_adamw')], '_foreach_sqrt'),
  );
  for (const [name, size] of sizes) pen.alloc(`denom_${name}`, size);
  for (const [name] of sizes) pen.free(`denom_${name}`);
}

/** 0 … n - 1. */
export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
