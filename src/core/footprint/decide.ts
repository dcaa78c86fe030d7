/**
 * From a stated workload to a job: everything that memory depends on is decided, and what nobody said is
 * written down as an assumption with the option that says otherwise.
 */
import type { Cards } from '../workload/machine.ts';
import type { SettingName } from '../workload/settings.ts';
import type { Workload } from '../workload/workload.ts';
import { generationJob } from './decide/generation.ts';
import { networkJob } from './decide/network.ts';
import { type KnownModel, Reader } from './decide/reader.ts';
import { servingJob } from './decide/serving.ts';
import { trainingJob } from './decide/training.ts';
import { withPipeline } from './diffusion/decide.ts';
import type { Job } from './job.ts';

export type { KnownModel } from './decide/reader.ts';

export interface Decision {
  readonly job: Job;
  /** Settings that it depends on. A change of any other changes nothing that is predicted. */
  readonly considered: ReadonlySet<SettingName>;
}

/** A job of the workload on cards of a kind, with what was assumed in it. */
export function decide(workload: Workload, known: KnownModel, cards: Cards): Decision {
  const reader = new Reader(workload);
  const plain = jobOf(reader, workload, known, cards);
  const job = known.pipeline === undefined ? plain : withPipeline(reader, plain, known.pipeline);
  return {
    job: { ...job, assumptions: reader.assumptions },
    considered: reader.considered,
  };
}

function jobOf(r: Reader, { purpose }: Workload, known: KnownModel, cards: Cards): Job {
  if (known.model.network !== undefined) return networkJob(r, known, cards, purpose);
  if (purpose === 'serving') return servingJob(r, known, cards);
  if (purpose === 'generation') return generationJob(r, known, cards);
  return trainingJob(r, known, cards, purpose);
}
