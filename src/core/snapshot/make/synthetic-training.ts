/**
 * A made-up training run of any length, from a seed: parameters, optimizer states, then step after step
 * of forward, backward and optimizer, with sequence lengths that vary. It is for measuring how fast
 * snapshots are read; it shows no real model.
 */
import { GiB, KiB, MiB } from '../../base/bytes.ts';
import { NONE, type Snapshot } from '../columns.ts';
import type { Block } from './block.ts';
import { Random } from './random.ts';
import { Recording } from './recording.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

export interface SyntheticTraining {
  /** The run ends with the first whole operation after so many events. */
  readonly events: number;
  /** Frames of each stack. Default: 40. */
  readonly stackDepth?: number;
  /** Default: 250. */
  readonly distinctStacks?: number;
  /** Default: 1. */
  readonly seed?: number;
  readonly layers?: number;
  readonly expandableSegments?: boolean;
  /** Bytes of the device. Default: 80 GiB. */
  readonly capacity?: number;
  /** A tensor of this many bytes is kept in each step, by one line of code. Default: 0, none. */
  readonly leakPerStep?: number;
}

/** Where the line that leaks stands, for tests that look for it. */
export const LEAK_FRAME = { name: 'log_metrics', file: 'train/metrics.py', line: 77 } as const;

export function syntheticTraining(options: SyntheticTraining): Snapshot {
  const run = new TrainingRun(options);
  run.start();
  while (!run.isOver) run.step();
  return run.recording.finish();
}

class TrainingRun {
  readonly recording: Recording;
  private readonly events: number;
  private readonly layers: number;
  private readonly leakPerStep: number;
  private readonly random: Random;
  private readonly stacks: readonly number[];
  private readonly leakStack: number;
  private hasFailed = false;
  private steps = 0;

  constructor(options: SyntheticTraining) {
    const expandableSegments = options.expandableSegments ?? false;
    this.recording = new Recording({
      settings: { ...DEFAULT_SETTINGS, expandableSegments },
      recorded: {
        conf: expandableSegments ? 'expandable_segments:True' : '',
        expandableSegments,
      },
    });
    this.recording.addDevice(0, options.capacity ?? 80 * GiB);
    this.events = options.events;
    this.layers = options.layers ?? 24;
    this.leakPerStep = options.leakPerStep ?? 0;
    this.random = new Random(options.seed ?? 1);
    const depth = Math.max(1, options.stackDepth ?? 40);
    this.stacks = this.makeStacks(Math.max(1, options.distinctStacks ?? 250), depth);
    this.leakStack = this.makeLeakStack(depth);
  }

  get isOver(): boolean {
    return this.hasFailed || this.recording.eventCount >= this.events;
  }

  /** Parameters and optimizer states, which stay. */
  start(): void {
    for (let layer = 0; layer < this.layers && !this.isOver; layer++) {
      for (const size of [48 * MiB, 16 * MiB, 16 * KiB, 4 * KiB]) {
        for (let copies = 0; copies < 4; copies++) this.malloc(size, layer);
      }
    }
  }

  step(): void {
    const { recording, random, layers } = this;
    const name = `ProfilerStep#${this.steps++}`;
    recording.annotate(name, true, 0);
    const tokens = 128 * random.between(4, 32);
    const kept: Block[] = [];
    for (let layer = 0; layer < layers && !this.isOver; layer++) {
      this.forward(tokens, layer, kept);
    }
    if (this.leakPerStep > 0) this.mallocAt(this.leakPerStep, this.leakStack);
    for (let layer = layers - 1; layer >= 0 && !this.isOver; layer--) {
      this.backward(tokens, layer, kept);
    }
    while (kept.length > 0 && !this.isOver) this.free(kept.pop(), 3);
    for (let layer = 0; layer < layers && !this.isOver; layer++) {
      this.free(this.malloc(48 * MiB, 4 * layers + layer), layer);
    }
    recording.annotate(name, false, 0);
  }

  private forward(tokens: number, layer: number, kept: Block[]): void {
    const width = 2 * 1024;
    const place = 2 * layer;
    const scores = this.malloc(tokens * tokens * 2, place);
    for (const factor of [1, 3, 4]) {
      const block = this.malloc(tokens * width * factor, place + factor);
      if (block !== undefined) kept.push(block);
    }
    const mask = this.malloc(tokens + this.random.between(0, 4096), place + 5);
    this.free(scores, place);
    if (mask !== undefined) kept.push(mask);
  }

  private backward(tokens: number, layer: number, kept: Block[]): void {
    const place = 3 * layer + 7;
    const gradient = this.malloc(tokens * 2 * 1024 * 4, place);
    for (let i = 0; i < 4; i++) {
      const temporary = this.malloc(this.random.between(1, 512) * KiB, place + i);
      this.free(kept.pop(), place + 1);
      this.free(temporary, place + 2);
    }
    this.free(gradient, place);
  }

  private malloc(size: number, place: number): Block | undefined {
    return this.mallocAt(size, this.stacks[place % this.stacks.length] ?? NONE);
  }

  private mallocAt(size: number, stack: number): Block | undefined {
    const block = this.recording.malloc(0, size, 0, 0, stack);
    if (block === undefined) this.hasFailed = true;
    return block;
  }

  private free(block: Block | undefined, place: number): void {
    if (block === undefined) return;
    this.recording.free(0, block, this.stacks[(7 * place + 5) % this.stacks.length] ?? NONE);
  }

  /** Stacks branch inwards: one outermost frame, more variants the further in, as real ones do. */
  private makeStacks(count: number, depth: number): readonly number[] {
    const { names } = this.recording;
    return Array.from({ length: count }, (_, stack) =>
      names.stack(
        Array.from({ length: depth }, (_, level) => {
          const variants = Math.max(1, Math.ceil((count * (depth - level)) / depth ** 1.5));
          const variant = level === 0 ? stack : stack % variants;
          return level < depth / 3
            ? names.frame(`at::native::kernel_${level}_${variant}(at::Tensor const&)`, '??', 0)
            : names.frame(`forward_${level}`, `train/layer_${level}.py`, 10 + variant);
        }),
      ),
    );
  }

  private makeLeakStack(depth: number): number {
    const { names } = this.recording;
    const outer = Array.from({ length: Math.max(0, depth - 1) }, (_, level) =>
      names.frame(`call_${level}`, 'train/loop.py', 100 + level),
    );
    return names.stack([names.frame(LEAK_FRAME.name, LEAK_FRAME.file, LEAK_FRAME.line), ...outer]);
  }
}
