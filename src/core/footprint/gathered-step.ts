/** All micro-batches of a step of FSDP 2, which is recorded once: the next one begins with nothing that the first has left. */
import { GatheredRun } from './gathered-run.ts';
import type { Job } from './job.ts';
import { basisOf, Memo } from './memo.ts';
import { type Recording, Rehearsal, type Storage } from './rehearsal/rehearsal.ts';
import { hasLastingGradients } from './static.ts';
import { runStep } from './step.ts';

/** Micro-batches of a step that are run: what the second adds to the first every later one does. */
export const microsOf = (job: Job): number => (job.accumulation > 1 ? 2 : 1);

/** Whole gradients of units are made anew for each micro-batch. */
export function runGatheredStep(r: Rehearsal, job: Job, run: GatheredRun): void {
  const micro = microsOf(job);
  for (let i = 0; i < micro; i += 1)
    runStep(r, job, hasLastingGradients(job), run, i === micro - 1);
}

interface GatheredStep {
  readonly recording: Recording;
  /** What this rank keeps of the gradients, in the order in which they go. */
  readonly kept: readonly Storage[];
}

const steps: Memo<GatheredStep> = new Memo();

/** Of a job that lets its gradients go after each step, whatever its optimizer does. */
export const gatheredStepOf = (job: Job): GatheredStep =>
  steps.get(basisOf(job), String(microsOf(job)), () => {
    const r = new Rehearsal(true, []);
    const run = new GatheredRun(r, job);
    runGatheredStep(r, job, run);
    return { recording: r.recording(), kept: run.takeGradients() };
  });
