/**
 * What the allocator is left with when layers were packed on the card one after another: packed weights lie in pieces of
 * segments that were made for whole ones.
 *
 * Source: torchao@0.5 quantization/quant_primitives.py (quantize_affine); PyTorch empties its cache before it captures
 * CUDA graphs.
 */
import { CachingAllocator } from '../allocator/caching-allocator.ts';
import { ModelledDevice } from '../allocator/driver.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import type { Weight } from '../workload/model/model.ts';
import type { Job, Packing } from './job.ts';
import { isPacked, packedBytes } from './static.ts';

/** Bytes of an element of each tensor that comes to be while a layer is packed, from its whole weight to the result. */
const WHILE_PACKING = [2, 2, 2, 2];

/** Bytes that live, and that stay reserved once whole idle segments are gone. */
export function leftByPacking(
  job: Job,
  packing: Packing,
  settings: AllocatorSettings,
): { readonly allocated: number; readonly reserved: number } {
  const sizes: number[] = [];
  const events: number[] = [];
  let allocated = 0;
  const make = (bytes: number): number => {
    events.push(sizes.length);
    allocated += bytes;
    return sizes.push(bytes) - 1;
  };
  const drop = (block: number): void => {
    events.push(~block);
    allocated -= sizes[block] as number;
  };
  const whole: { readonly block: number; readonly elements: number; readonly bytes: number }[] = [];
  for (const weight of inOrder(job.weights)) {
    const elements = weight.shape.reduce((a, b) => a * b, 1);
    const block = make(elements * job.wholeWidth);
    if (!isPacked(job, weight)) continue;
    whole.push({ block, elements, bytes: packedBytes(packing, { ...weight, count: 1 }, elements) });
  }
  for (const { block, elements, bytes } of whole) {
    let before: number | undefined;
    for (const width of WHILE_PACKING) {
      const next = make(elements * width);
      if (before !== undefined) drop(before);
      before = next;
    }
    make(bytes);
    if (before !== undefined) drop(before);
    drop(block);
  }
  const names = { blocks: sizes.length, streams: 1, pools: 1 };
  const device = new ModelledDevice(Number.POSITIVE_INFINITY);
  const allocator = new CachingAllocator(settings, device, names);
  for (const event of events) {
    if (event < 0) allocator.freeCompleted(~event);
    else allocator.malloc(event, sizes[event] as number, 0, 0);
  }
  allocator.emptyCache();
  return { allocated, reserved: allocator.reserved };
}

/** Each weight once for each layer: the table, the layers one after another, what comes after them. */
function inOrder(weights: readonly Weight[]): readonly Weight[] {
  const isTable = ({ layer, role }: Weight): boolean => layer === undefined && role === 'embedding';
  const inLayers = weights.filter(({ layer }) => layer !== undefined);
  const deepest = Math.max(0, ...inLayers.map(({ count }) => count));
  return [
    ...weights.filter(isTable),
    ...Array.from({ length: deepest }, (_, i) => inLayers.filter(({ count }) => i < count)).flat(),
    ...weights.filter((weight) => weight.layer === undefined && !isTable(weight)),
  ];
}
