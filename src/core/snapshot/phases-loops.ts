/**
 * Loops as the lines of stacks show them: a function that goes back to an earlier line. Below a model's
 * `forward` only its layers loop, so a path of calls ends there.
 */
import { NONE } from './columns.ts';
import { Code, Trait } from './owners-frames.ts';
import type { DeviceView } from './phases.ts';

/** More returns than that are of no loop of steps. */
const MOST_STEPS = 200_000;
/** Frames from the outside that are looked at for loops. */
const OUTER_FRAMES = 24;

const INNER: number = Trait.optimizer | Trait.backward | Trait.load;

/** Models that only call another one: DDP, FSDP, torch.compile, PEFT, accelerate. */
const WRAPPER: RegExp =
  /\/torch\/nn\/parallel\/|\/fsdp\/|\/torch\/_dynamo\/|\/peft\/|\/accelerate\/|\/deepspeed\/runtime\/engine\.py$/;
const LONGEST_PATH = 1024;

const fileOf = ({ snapshot }: DeviceView, frame: number): string =>
  (snapshot.strings[snapshot.frames.file[frame] as number] ?? '')
    .slice(-LONGEST_PATH)
    .replaceAll('\\', '/');

/** A function at its depth from the outside, and the line it is at, for every outer frame of a stack. */
interface CallPath {
  readonly functions: readonly number[];
  readonly lines: readonly number[];
}

/**
 * A loop goes back to an earlier line. The outermost function that does so over most of the trace is
 * the loop of the steps. Below a model's `forward` only its layers loop; of the outermost `forward`
 * itself only a return to its first line is a new call.
 */
export function loopStarts(view: DeviceView, paths: CallPaths, needed: number): Loop | undefined {
  const { lifetimes } = view;
  const n = paths.depth.length;
  const lastLine = new Float64Array(n).fill(-1);
  const returns: number[][] = Array.from({ length: n }, () => []);
  for (let row = 0; row < lifetimes.traced; row++) {
    const start = lifetimes.start[row] as number;
    eachFrame(paths, lifetimes.stack[row] as number, (id, line) => {
      const isBack = line < (lastLine[id] as number);
      if (isBack && (paths.isPass[id] === 0 || line === paths.firstLine[id])) {
        const own = returns[id] as number[];
        if (own.length < MOST_STEPS) own.push(start);
      }
      lastLine[id] = line;
    });
  }
  const span = (starts: readonly number[]): number =>
    (starts.at(-1) as number) - (starts[0] as number);
  let best = -1;
  for (let id = 0; id < n; id++) {
    const own = returns[id] as number[];
    if (own.length < needed || span(own) * 2 < view.device.events.count) continue;
    const rival = returns[best];
    const isOuter =
      rival === undefined || (paths.depth[id] as number) < (paths.depth[best] as number);
    if (isOuter || (paths.depth[id] === paths.depth[best] && span(own) > span(rival))) best = id;
  }
  const starts = returns[best];
  return starts === undefined ? undefined : { starts, isPass: paths.isPass[best] === 1 };
}

export interface Loop {
  /** Events at which the function is back at an earlier line. */
  readonly starts: readonly number[];
  /** It is a model's `forward`: what recurs are its calls. */
  readonly isPass: boolean;
}

export interface CallPaths {
  /** Per stack; absent where it has no Python frames. */
  readonly ofStack: readonly (CallPath | undefined)[];
  /** Per function: frames outside of it. */
  readonly depth: readonly number[];
  /** Per function: 1 for a model's `forward`, where the path ends. */
  readonly isPass: readonly number[];
  /** Per function: the first and last of its lines that allocate. */
  readonly firstLine: readonly number[];
  readonly lastLine: readonly number[];
}

/** The outermost `forward` of a stack and where it stands; undefined outside of a model. */
export function passOf(
  paths: CallPaths,
  stack: number,
): { readonly id: number; readonly line: number } | undefined {
  const path = stack === NONE ? undefined : paths.ofStack[stack];
  const id = path?.functions.at(-1);
  if (path === undefined || id === undefined || paths.isPass[id] === 0) return undefined;
  return { id, line: path.lines.at(-1) as number };
}

function eachFrame(
  paths: CallPaths,
  stack: number,
  visit: (id: number, line: number) => void,
): void {
  const path = stack === NONE ? undefined : paths.ofStack[stack];
  if (path === undefined) return;
  for (let i = 0; i < path.functions.length; i++) {
    visit(path.functions[i] as number, path.lines[i] as number);
  }
}

export function callPaths(view: DeviceView): CallPaths {
  const { stacks, frames } = view.snapshot;
  const ids = new Map<string, number>();
  const depth: number[] = [];
  const isPass: number[] = [];
  const firstLine: number[] = [];
  const lastLine: number[] = [];
  const ofStack: (CallPath | undefined)[] = [];
  for (let stack = 0; stack < stacks.count; stack++) {
    const functions: number[] = [];
    const lines: number[] = [];
    const from = stacks.offsets[stack] as number;
    for (let i = (stacks.offsets[stack + 1] as number) - 1; i >= from; i--) {
      const frame = stacks.frames[i] as number;
      if (view.facts.code[frame] === Code.native) continue;
      // Their loops are over parameters and tensors.
      if (((view.facts.frameTraits[frame] as number) & INNER) !== 0) break;
      const key = `${functions.length} ${frames.name[frame] as number} ${frames.file[frame] as number}`;
      let id = ids.get(key);
      if (id === undefined) {
        id = ids.size;
        ids.set(key, id);
        depth.push(functions.length);
        isPass.push(isPassFrame(view, frame) ? 1 : 0);
        firstLine.push(Number.POSITIVE_INFINITY);
        lastLine.push(0);
      }
      const line = frames.line[frame] as number;
      firstLine[id] = Math.min(firstLine[id] as number, line);
      lastLine[id] = Math.max(lastLine[id] as number, line);
      functions.push(id);
      lines.push(line);
      const isEnd = isPass[id] === 1 && !WRAPPER.test(fileOf(view, frame));
      if (isEnd || functions.length >= OUTER_FRAMES) break;
    }
    ofStack.push(functions.length === 0 ? undefined : { functions, lines });
  }
  return { ofStack, depth, isPass, firstLine, lastLine };
}

function isPassFrame(view: DeviceView, frame: number): boolean {
  const { strings, frames } = view.snapshot;
  const name = strings[frames.name[frame] as number] ?? '';
  return name === 'forward' || name.endsWith('.forward');
}
