/** The machine that a job is to run on: its cards with what can be used of them, and the host. Bytes. */
import type { Interval } from '../base/interval.ts';
import type { Statement } from '../base/texts.ts';
import type { Unknown } from '../base/unknown.ts';

/** One kind of card in a machine. */
export interface Cards {
  readonly count: number;
  /** As people call it: H100 SXM 80GB, or what a text printed. */
  readonly name: string;
  /** What cudaMemGetInfo calls total: below what nvidia-smi prints, and far below what the box says. */
  readonly usable: Interval;
  /** What other processes hold; measured where a tool was read, else 0. */
  readonly taken: Interval;
  /** Compute capability (9.0), which sets sizes of workspaces. */
  readonly capability?: number;
  /** GB/s of the card's memory, TFLOP/s in bf16, as the data sheet says. */
  readonly bandwidth?: number;
  readonly flops?: number;
  /** Where the row was read, or `assumed`. */
  readonly source: string;
}

export interface Machine {
  /** As it was asked for: `8xH100`, a name of a cloud's, a file. */
  readonly name: string;
  readonly cards: readonly Cards[];
  /** Host memory that the job may take: RAM, or the limit of its cgroup. */
  readonly host: Interval | Unknown;
  /** ECC, MIG, Windows and the like, where they bear on what can be used. */
  readonly notes: readonly Statement[];
}
