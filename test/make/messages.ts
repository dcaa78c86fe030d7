// Messages as each version of PyTorch prints them, made from exact bytes. The tests know the truth,
// the readers see only the print.

export const KiB = 2 ** 10;
export const MiB = 2 ** 20;
export const GiB = 2 ** 30;

/** As c10 prints a size. */
export function formatSize(n: number): string {
  if (n <= 1024) return `${n} bytes`;
  if (n <= MiB) return `${(n / KiB).toFixed(2)} KiB`;
  if (n <= GiB) return `${(n / MiB).toFixed(2)} MiB`;
  return `${(n / GiB).toFixed(2)} GiB`;
}

/** The truth behind a message, in bytes. */
export interface Truth {
  readonly device: number;
  readonly requested: number;
  readonly total: number;
  readonly free: number;
  readonly allocated: number;
  /** Idle in the normal pools. */
  readonly idle: number;
  readonly privateIdle?: number;
  readonly allowed?: number;
  /** The own process as the driver sees it. */
  readonly own?: { readonly bytes: number; readonly pid: number; readonly isMarked: boolean };
  readonly others?: readonly { readonly pid: number; readonly bytes: number }[];
}

const s = formatSize;

function processes(t: Truth): string {
  const others = (t.others ?? []).map(
    ({ pid, bytes }) => `Process ${pid} has ${s(bytes)} memory in use. `,
  );
  if (t.own === undefined) return others.join('');
  const own = t.own.isMarked
    ? `Including non-PyTorch memory, this process has ${s(t.own.bytes)} memory in use. `
    : `Process ${t.own.pid} has ${s(t.own.bytes)} memory in use. `;
  return [...others, own].join('');
}

const HINT_SPLIT =
  'If reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF';
const HINT_2_1 =
  'If reserved but unallocated memory is large try setting max_split_size_mb to avoid fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF';
const hint = (url: string): string =>
  `If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for Memory Management  (${url})`;
const OLD_URL = 'https://pytorch.org/docs/stable/notes/cuda.html#environment-variables';
const NEW_URL =
  'https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-cuda-alloc-conf';

const reserved = (t: Truth): number => t.allocated + t.idle + (t.privateIdle ?? 0);
const old = (t: Truth, last: string, printsAllowed: boolean): string =>
  `CUDA out of memory. Tried to allocate ${s(t.requested)} (GPU ${t.device}; ${s(t.total)} total capacity; ${s(t.allocated)} already allocated; ${s(t.free)} free; ${t.allowed === undefined || !printsAllowed ? '' : `${s(t.allowed)} allowed; `}${last})`;

function modern(
  t: Truth,
  options: { capacity?: string; pools?: boolean; allowed?: boolean; hint: string },
): string {
  // The clause counts idle blocks of private pools as allocated.
  const pools = options.pools === true && t.privateIdle !== undefined ? t.privateIdle : 0;
  const clause =
    pools === 0 ? '' : `with ${s(pools)} allocated in private pools (e.g., CUDA Graphs), `;
  const idle = reserved(t) - t.allocated - pools;
  const allowed =
    options.allowed === true && t.allowed !== undefined ? `${s(t.allowed)} allowed; ` : '';
  return `CUDA out of memory. Tried to allocate ${s(t.requested)}. GPU ${t.device} has a total ${options.capacity ?? 'capacity'} of ${s(t.total)} of which ${s(t.free)} is free. ${processes(t)}${allowed}Of the allocated memory ${s(t.allocated + pools)} is allocated by PyTorch, ${clause}and ${s(idle)} is reserved by PyTorch but unallocated. ${options.hint}`;
}

export interface Era {
  readonly versions: string;
  /** Which parts of the truth this version prints. */
  readonly prints: ReadonlySet<'reserved' | 'idle' | 'pools' | 'allowed' | 'processes'>;
  print(t: Truth): string;
}

/** Every wording of the caching allocator's message. */
export const ERAS: readonly Era[] = [
  {
    versions: '1.0-1.3',
    prints: new Set(['idle']),
    print: (t) => `RuntimeError: ${old(t, `${s(reserved(t) - t.allocated)} cached`, false)}`,
  },
  {
    versions: '1.4-1.9',
    prints: new Set(['reserved', 'allowed']),
    print: (t) => `RuntimeError: ${old(t, `${s(reserved(t))} reserved in total by PyTorch`, true)}`,
  },
  {
    versions: '1.10-2.0',
    prints: new Set(['reserved', 'allowed']),
    print: (t) =>
      `torch.cuda.OutOfMemoryError: ${old(t, `${s(reserved(t))} reserved in total by PyTorch`, true)} ${HINT_SPLIT}`,
  },
  {
    versions: '2.1-2.1',
    prints: new Set(['idle', 'processes']),
    print: (t) =>
      `torch.cuda.OutOfMemoryError: ${modern(t, { capacity: 'capacty', hint: HINT_2_1 })}`,
  },
  {
    versions: '2.2-2.4',
    prints: new Set(['idle', 'processes']),
    print: (t) => `torch.cuda.OutOfMemoryError: ${modern(t, { hint: hint(OLD_URL) })}`,
  },
  {
    versions: '2.5-2.8',
    prints: new Set(['idle', 'processes', 'pools', 'allowed']),
    print: (t) =>
      `torch.OutOfMemoryError: ${modern(t, { pools: true, allowed: true, hint: hint(OLD_URL) })}`,
  },
  {
    versions: '2.9-',
    prints: new Set(['idle', 'processes', 'pools', 'allowed']),
    print: (t) =>
      `torch.OutOfMemoryError: ${modern(t, { pools: true, allowed: true, hint: hint(NEW_URL) })}`,
  },
];
