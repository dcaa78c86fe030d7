/**
 * The commands that show what a case leaves open, in the tools of its device and its framework:
 * where none is known, no command is guessed.
 */
import type { Backend } from '../evidence/reader.ts';
import type { Case } from './case.ts';

/** What of a case tells which tools are at hand. */
type Circumstances = Pick<
  Case,
  'kind' | 'backend' | 'frameworks' | 'mayBeTorch' | 'isEngine' | 'shows'
>;

/** Tools of Linux are not at hand there. */
export const isOnWindows = ({ shows }: Circumstances): boolean => shows('windows') !== undefined;

/** Lists the processes on a device, by whose device it is. */
const PROCESSES: Partial<Readonly<Record<Backend, string>>> = {
  cuda: 'nvidia-smi --query-compute-apps=gpu_uuid,pid,used_memory,process_name --format=csv',
  hip: 'rocm-smi --showpids --showmeminfo vram',
  npu: 'npu-smi info',
  xpu: 'xpu-smi ps',
  mlu: 'cnmon',
  musa: 'mthreads-gmi',
  hpu: 'hl-smi',
  tpu: 'tpu-info',
  neuron: 'neuron-ls',
};

export const processesCommand = ({ backend }: Circumstances): string | undefined =>
  PROCESSES[backend];

/** What PyTorch's own module of a backend is called. */
const TORCH_MODULES: Partial<Readonly<Record<Backend, string>>> = {
  cuda: 'torch.cuda',
  hip: 'torch.cuda',
  xpu: 'torch.xpu',
  npu: 'torch.npu',
  mlu: 'torch.mlu',
  musa: 'torch.musa',
  hpu: 'torch.hpu',
};

/** Live memory, as each framework tells it. */
const LIVE: Readonly<Record<string, string>> = {
  jax: "print(step, jax.local_devices()[0].memory_stats()['bytes_in_use'])",
  tensorflow: "print(step, tf.config.experimental.get_memory_info('GPU:0')['current'])",
  paddle: 'print(step, paddle.device.cuda.memory_allocated())',
  cupy: 'print(step, cupy.get_default_memory_pool().used_bytes())',
  mlx: 'print(step, mx.get_active_memory())',
  julia: 'CUDA.memory_status()',
};

const DEVICE_LOOP = 'nvidia-smi --query-gpu=timestamp,index,memory.used --format=csv -l 10';
const HOST_LOOP = 'while sleep 10; do ps -o rss= -p PID; done';

/** What is in use from step to step. */
export function stepsCommand(c: Circumstances): string | undefined {
  if (c.kind === 'host_oom' || c.backend === 'cpu') return isOnWindows(c) ? undefined : HOST_LOOP;
  const own = c.frameworks.flatMap((name) => LIVE[name] ?? [])[0];
  if (own !== undefined) return own;
  if (c.mayBeTorch && c.backend === 'mps')
    return 'print(step, torch.mps.current_allocated_memory())';
  const module = TORCH_MODULES[c.backend];
  if (c.mayBeTorch && module !== undefined) return `print(step, ${module}.memory_allocated())`;
  return c.backend === 'cuda' ? DEVICE_LOOP : processesCommand(c);
}

/** The memory of a machine, and what limits a process in it. */
export function hostCommand(c: Circumstances): string {
  if (isOnWindows(c)) {
    const figures =
      'TotalVisibleMemorySize,FreePhysicalMemory,TotalVirtualMemorySize,FreeVirtualMemory';
    return `powershell "Get-CimInstance Win32_OperatingSystem | Format-List ${figures}"`;
  }
  if (c.backend === 'mps' || c.backend === 'metal') return 'sysctl hw.memsize; vm_stat';
  return 'free -h; ulimit -v -l; cat /sys/fs/cgroup/memory.max';
}

/** The summary of PyTorch's caching allocator, where it has one. */
export const summaryCommand = (c: Circumstances): string | undefined =>
  c.mayBeTorch && (c.backend === 'cuda' || c.backend === 'hip')
    ? 'print(torch.cuda.memory_summary())'
    : undefined;

export const snapshotCommand = (c: Circumstances): string | undefined =>
  summaryCommand(c) === undefined
    ? undefined
    : 'torch.cuda.memory._record_memory_history(); …; torch.cuda.memory._dump_snapshot("oom.pickle")';

/** What frameworks print of themselves. */
const VERSIONS: Readonly<Record<string, string>> = {
  jax: 'python -c "import jax; jax.print_environment_info()"',
  tensorflow:
    'python -c "import tensorflow as tf; print(tf.__version__, tf.sysconfig.get_build_info())"',
  paddle: 'python -c "import paddle; paddle.utils.run_check()"',
  onnxruntime:
    'python -c "import onnxruntime as ort; print(ort.__version__, ort.get_available_providers())"',
  cupy: 'python -c "import cupy; cupy.show_config()"',
  mxnet: 'python -c "import mxnet; print(mxnet.__version__)"',
  julia: 'CUDA.versioninfo()',
};

/** How a driver tells of itself. */
const DRIVERS: Partial<Readonly<Record<Backend, string>>> = {
  cuda: 'nvidia-smi',
  hip: 'rocm-smi --showdriverversion',
  npu: 'npu-smi info',
  xpu: 'xpu-smi discovery',
  hpu: 'hl-smi',
  vulkan: 'vulkaninfo --summary',
  opencl: 'clinfo',
  tpu: 'tpu-info',
  neuron: 'neuron-ls',
};
/** Of these a call can fail for memory of the host: then the framework tells whose it was. */
const ALSO_ON_HOST: readonly Backend[] = ['vulkan', 'opencl'];

export function versionsCommand(c: Circumstances): string | undefined {
  const api = ALSO_ON_HOST.find((name) => c.frameworks.includes(name));
  const driver = DRIVERS[c.backend] ?? (api === undefined ? undefined : DRIVERS[api]);
  const own = c.frameworks.flatMap((name) => VERSIONS[name] ?? [])[0];
  const told = own ?? (c.mayBeTorch ? 'python -m torch.utils.collect_env' : undefined);
  const toolkit = told === undefined && c.backend === 'cuda' ? 'nvcc --version' : undefined;
  const commands = [driver, told, toolkit].filter((command) => command !== undefined);
  return commands.length === 0 ? undefined : commands.join('; ');
}

/** Names of programs that are scripts in Python, beside those of PyTorch. */
const PYTHON: readonly string[] = [
  'jax',
  'tensorflow',
  'paddle',
  'mxnet',
  'mindspore',
  'oneflow',
  'cupy',
  'cudf',
  'numba',
  'theano',
  'system',
];

const isPython = (c: Circumstances): boolean =>
  c.mayBeTorch || c.frameworks.some((name) => PYTHON.includes(name));

/** How the whole log of a program is had, by what runs it. */
export function logCommand(c: Circumstances): string {
  const is = (name: string): boolean => c.frameworks.includes(name);
  if (is('kubernetes')) return 'kubectl logs --previous POD | unoom diagnose -';
  if (is('ollama')) return 'journalctl -u ollama --no-pager | unoom diagnose -';
  if (is('slurm')) return 'unoom diagnose slurm-*.out';
  if (c.isEngine) return 'unoom diagnose server.log';
  const run = isPython(c) ? 'python train.py' : 'PROGRAM';
  const log = isPython(c) ? 'train.log' : 'run.log';
  return `${run} 2>&1 | tee ${log}; unoom diagnose ${log}`;
}

/** Settings that give a process less than its device has. */
export const capCommand = (c: Circumstances): string =>
  c.mayBeTorch
    ? "env | grep -iE 'ALLOC_CONF|MEM_FRACTION'; grep -rn 'set_per_process_memory_fraction' ."
    : "env | grep -iE 'MEM_FRACTION|MEMORY_FRACTION|GPU_MEMORY|ALLOC'";

/** Kernels one after the other: ROCm has a variable of its own for it. */
export const syncCommand = (c: Circumstances): string =>
  `${c.backend === 'hip' ? 'AMD_SERIALIZE_KERNEL=3' : 'CUDA_LAUNCH_BLOCKING=1'} ${isPython(c) ? 'python train.py' : 'PROGRAM'} 2>&1 | tee run.log`;
