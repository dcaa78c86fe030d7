/**
 * TensorFlow and XLA (JAX) share the code of the pool, of the driver and of the loader, and so their
 * lines. The path of the source file in front of a line tells whose it is.
 */
import type { Message } from './reader.ts';

/** The pool (BFC allocator): no block of the size, and the region cannot grow. */
export const POOL_FULL =
  '(?:Allocator(?:\\([^()]{1,60}\\))?)?ranoutofmemorytryingtoallocate(?=[\\d.]{1,20}(?:bytes|[KMGT]?i?B))';
/** The driver refused the pool; it is asked again and again for a tenth less. */
export const FROM_DEVICE =
  'failedtoallocate[\\d.]{1,12}[KMGTP]?i?B?(?:\\(\\d{1,19}bytes\\))?fromdevice';
/** The end of the pool's dump. */
export const POOL_STATS = 'Limit:-?\\d{1,19}InUse:\\d{1,19}MaxInUse:\\d{1,19}';
/** A compiled kernel that did not fit beside the pool. */
export const NO_ROOM_FOR_KERNEL =
  'Failedtoloadin-memoryCUBIN(?:\\(compiledforadifferentGPU\\?\\))?[.:]{0,3}CUDA_ERROR_OUT_OF_MEMORY';
/** The allocator of the driver (cudaMallocAsync). */
export const ASYNC_FULL = 'cuMemAllocAsyncfailedtoallocate\\d{1,19}bytes';

/** What the driver itself reports behind that line. */
export const DRIVER_FREE: RegExp = /^.{0,200}?Freememory\/Totalmemory:(?<size>\d{1,19})\/\d/i;
export const DRIVER_TOTAL: RegExp =
  /^.{0,200}?Freememory\/Totalmemory:\d{1,19}\/(?<size>\d{1,19})/i;

/** Lines over which the dump of the pool can go on. */
export const DUMP_LINES = 20_000;
/** Lines between the log's line and the exception that repeats it. */
export const REPORT_LINES = 400;

/** Whether XLA without TensorFlow around it printed the line; undefined when nothing tells. */
export function isPlainXla(message: Message): boolean | undefined {
  const line = message.leadOnLine;
  if (/external\/(?:org_tensorflow|xla|tsl)\/|\bjax(?:lib)?\b|Xla|PJRT|pjrt/.test(line))
    return true;
  if (/tensorflow|local_(?:xla|tsl)|itex\//i.test(line)) return false;
  // Newer builds print the bare file name. An operation has a name in TensorFlow only.
  const op = /requested by op(?<name>[ \t]*\S{0,4})/.exec(message.line.text)?.groups?.['name'];
  if (op !== undefined) return op.trim() === '';
  // TensorFlow never sets the log up, and so its lines of this shape start with E0000.
  const printed = message.line.raw ?? message.line.text;
  return /^[EWIF](?!0000)\d{4} [\d:.]{15} +\d{1,10} \w{1,60}\.cc:/.test(printed) ? true : undefined;
}

/** "GPU_0_bfc", "device:GPU:1", "device ordinal 2" */
export function deviceIn(text: string): number | undefined {
  const match =
    /\bGPU_(\d{1,3})_bfc|gpu_async_(\d{1,3})|deviceordinal(\d{1,3})|(?:device:|\/)GPU:(\d{1,3})/i.exec(
      text,
    );
  const index = match?.slice(1).find((group) => group !== undefined);
  return index === undefined ? undefined : Number(index);
}

/** Pools of host memory: pinned, or plain. */
export const isHostPool = (name: string): boolean => /host|cpu/i.test(name);
