/** The contract of a term: one part of a predicted ledger, as a function of named factors. */
import type { Modelled } from '../base/factor.ts';
import type { Unit } from '../base/unit.ts';
import type { Basis, Category } from '../ledger/ledger.ts';
import type { Inputs, Worked } from './inputs.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';
import type { ByKind } from './rehearsal/rehearsal.ts';
import type { Step } from './step.ts';

/** An instant of a job that can be its highest. */
export interface Moment {
  readonly point:
    | 'load'
    | 'forward'
    | 'backward'
    | 'optimizer'
    | 'evaluate'
    | 'save'
    | 'prefill'
    | 'decode'
    // Pipelines of diffusion: prompts (and images) to embeddings, a step of the denoiser, latents to images.
    | 'encode'
    | 'denoise'
    | 'render'
    // Engines: the run that finds out what a step needs, the cache, the graphs, and all of it at work.
    | 'profile'
    | 'kv_alloc'
    | 'capture'
    | 'serve';
  /** Optimizer states appear with the first step, so later ones differ from it. */
  readonly turn: 'once' | 'first' | 'later';
}

/** What terms are computed from: a job at one moment. */
export interface Scene {
  readonly job: Job;
  readonly moment: Moment;
  /** Rehearsed micro-steps of training; absent for other jobs. */
  readonly steps: { readonly first?: Step; readonly later?: Step };
  /** Rehearsed pass without gradients: prefill, one token. */
  readonly pass?: ByKind;
  /** Compute capability of the card, where it is known. */
  readonly capability?: number;
  /** What the engine of a serving job holds at this moment, by the id of the term. */
  readonly engine?: ReadonlyMap<string, Modelled>;
  /** How the engine's terms come to their bytes. */
  readonly worked?: ReadonlyMap<string, Worked>;
  /** What the allocator came to when a step of the job was replayed; absent where none was. */
  readonly pool?: Pool;
  /** What all other terms of PyTorch's pool come to; given to the terms that follow from it. */
  readonly allocated?: Modelled;
}

export interface Term extends Unit {
  /** What the bytes are, in the ledger's words. */
  readonly category: Category;
  /** Whether they lie in PyTorch's pool on the card, beside it, in buffers of another framework, or in the host's memory. */
  readonly pool: 'torch' | 'outside-torch' | 'arena' | 'host';
  readonly basis: Basis;
  /** The formula for people. */
  readonly formula: string;
  /** The formula as it is in a scene, where it has parts that others do not have. */
  formulaAt?(scene: Scene): string;
  /** What its symbols are in a scene in which it comes to `size` bytes; factors are known without it. */
  inputs?(scene: Scene, size: number): Inputs;
  /** Bytes per process on one device at a moment; undefined where there are none. */
  at(scene: Scene): Modelled | undefined;
}

/** What is rehearsed at a moment: the highest instant of the pass that runs then. */
export function instantOf(scene: Scene): ByKind | undefined {
  const { moment, steps, pass } = scene;
  const step = steps[moment.turn === 'first' ? 'first' : 'later'];
  if (moment.point === 'forward') return step?.forward;
  if (moment.point === 'backward') return step?.backward;
  return /^(?:prefill|decode|serve|evaluate|encode)$/.test(moment.point) ? pass : undefined;
}
