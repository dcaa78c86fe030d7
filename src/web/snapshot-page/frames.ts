/** Frames and stacks as text, and the search in them. */
import { NONE, type PageData } from '../../core/snapshots.ts';

export interface FrameText {
  readonly name: string;
  /** `folder/file.py:12`, or a file alone where there is no line. */
  readonly place: string;
  readonly path: string;
  readonly isNative: boolean;
}

export function frameText({ strings, frames }: PageData, frame: number): FrameText {
  const path = (strings[frames.file[frame] as number] ?? '').replaceAll('\\', '/');
  const line = frames.line[frame] as number;
  const short = path === '??' ? '' : path.split('/').slice(-2).join('/');
  const name = strings[frames.name[frame] as number] ?? '';
  const isNative = !/\.py$|^<|\.ipynb$/.test(path);
  return { name, place: line > 0 ? `${short}:${line}` : short, path: `${path}:${line}`, isNative };
}

const OWN_FRAMES =
  /^torch::unwind|CapturedTraceback::gather|gather_with_cpp|^c10::cuda::CUDACachingAllocator|^c10::StorageImpl|detail::_?empty_/;

/** What stands innermost in every native stack: the recorder, the allocator, the making of a tensor. */
export const isAllocatorFrame = (name: string): boolean => OWN_FRAMES.test(name);

/** Frames of a stack, innermost first. */
export function framesOf({ stacks }: PageData, stack: number): Uint32Array {
  if (stack === NONE) return new Uint32Array(0);
  return stacks.frames.subarray(
    stacks.offsets[stack] as number,
    stacks.offsets[stack + 1] as number,
  );
}

/** 1 for each stack that has a frame with the text in its name, or in its file and line. */
export function matchingStacks(data: PageData, text: string): Uint8Array {
  const wanted = text.trim().toLowerCase().replaceAll('\\', '/');
  const { strings, frames, stacks } = data;
  const lower = strings.map((each) => each.toLowerCase().replaceAll('\\', '/'));
  const isFrame = new Uint8Array(frames.count);
  for (let f = 0; f < frames.count; f++) {
    const name = lower[frames.name[f] as number] ?? '';
    const place = `${lower[frames.file[f] as number] ?? ''}:${frames.line[f] as number}`;
    // "train.py:14" is that line, not 140 to 149 as well.
    const isPlace = /:\d+$/.test(wanted) ? place.endsWith(wanted) : place.includes(wanted);
    isFrame[f] = name.includes(wanted) || isPlace ? 1 : 0;
  }
  const found = new Uint8Array(stacks.count);
  for (let s = 0; s < stacks.count; s++) {
    const end = stacks.offsets[s + 1] as number;
    for (let i = stacks.offsets[s] as number; i < end && found[s] === 0; i++) {
      found[s] = isFrame[stacks.frames[i] as number] as number;
    }
  }
  return found;
}
