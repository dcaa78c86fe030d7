/** A plain count over a trace, to see that truth.json says what the programs do. It explains nothing. */
import { Action, NONE, type Snapshot } from '../../src/core/snapshot/columns.ts';

const NOT_THE_USERS =
  /site-packages|dist-packages|[/\\]lib[/\\]python3[^/\\]*[/\\]|torchinductor_|\.(?:c|h|cc|cpp|cu)$/i;

export interface Count {
  /** The largest sum of requested bytes that were live at once, of blocks whose allocation is in the trace. */
  readonly peakBytes: number;
  /** Lines of the user's code (`FILE:LINE`, innermost) by bytes at the peak, most first. */
  readonly peakLines: readonly (readonly [line: string, bytes: number])[];
  /** Lines by bytes that are live at the end. */
  readonly endLines: readonly (readonly [line: string, bytes: number])[];
  readonly failures: number;
  /** All frames of the last failure, innermost first. */
  readonly lastFailure?: string;
}

export function count(snapshot: Snapshot, device: number): Count {
  const { strings, frames, stacks } = snapshot;
  const frame = (f: number): string => `${strings[frames.file[f] ?? 0]}:${frames.line[f]}`;
  const members = (stack: number): readonly number[] =>
    stack === NONE
      ? []
      : [...stacks.frames.subarray(stacks.offsets[stack], stacks.offsets[stack + 1])];
  const userLine = (stack: number): string => {
    const users = members(stack).find((f) => {
      const file = strings[frames.file[f] ?? 0] ?? '';
      return (file.includes('/') || file.includes('\\')) && !NOT_THE_USERS.test(file);
    });
    return users === undefined ? '(none)' : frame(users);
  };
  const live = new Map<number, readonly [number, number]>();
  let [bytes, peakBytes, failures] = [0, 0, 0];
  let peak: ReadonlyMap<number, readonly [number, number]> = new Map();
  let rising = false;
  let lastFailure: string | undefined;
  const events = snapshot.devices.find(({ index }) => index === device)?.events;
  const take = (): void => {
    if (rising) peak = new Map(live);
    rising = false;
  };
  for (let i = 0; i < (events?.count ?? 0); i++) {
    const address = events?.address[i] ?? 0;
    if (events?.action[i] === Action.alloc) {
      live.set(address, [events.size[i] ?? 0, events.stack[i] ?? NONE]);
      bytes += events.size[i] ?? 0;
      if (bytes > peakBytes) [peakBytes, rising] = [bytes, true];
    } else if (events?.action[i] === Action.freeCompleted) {
      take();
      bytes -= live.get(address)?.[0] ?? 0;
      live.delete(address);
    } else if (events?.action[i] === Action.oom) {
      failures++;
      lastFailure = members(events.stack[i] ?? NONE)
        .map((f) => `${frame(f)} ${strings[frames.name[f] ?? 0]}`)
        .join(' < ');
    }
  }
  take();
  const byLine = (blocks: ReadonlyMap<number, readonly [number, number]>): Count['peakLines'] => {
    const sums = new Map<string, number>();
    for (const [size, stack] of blocks.values())
      sums.set(userLine(stack), (sums.get(userLine(stack)) ?? 0) + size);
    return [...sums].sort(([, a], [, b]) => b - a);
  };
  return {
    peakBytes,
    peakLines: byLine(peak),
    endLines: byLine(live),
    failures,
    ...(lastFailure !== undefined && { lastFailure }),
  };
}
