/** The one path through a plan: sources and options become a workload, which is priced, planned and told. */
import type { Lang } from './base/texts.ts';
import { gpus } from './catalog/gpus.ts';
import type { KnownModel } from './footprint/decide.ts';
import type { Constraints } from './plan/options.ts';
import {
  answer,
  batchOf,
  largestOf,
  lengthOf,
  machinesThatFit,
  modelsThatFit,
  type Prefer,
} from './plan/plan.ts';
import { cardsOf, type Question } from './plan/price.ts';
import { remedies } from './remedies/measures.gen.ts';
import { type GpuData, type PlanData, type PlanExtras, planData } from './report/plans/data.ts';
import type { Machine } from './workload/machine.ts';
import { cardsOf as cardsOfGpu } from './workload/machine-reading.ts';
import type { WorkloadReading } from './workload/reading/read-workload.ts';
import { withDefaults } from './workload/reading/with-defaults.ts';

/** What is asked besides whether it fits. */
export interface Asks {
  readonly maxBatch?: boolean;
  readonly maxContext?: boolean;
  /** Models to try, the largest first. */
  readonly models?: Iterable<{ readonly name: string; readonly known: KnownModel }>;
  /** The smallest cards on which it fits, in the number that the machine has. */
  readonly whichGpu?: boolean;
}

export interface PlanRequest {
  readonly reading: WorkloadReading;
  readonly known: KnownModel;
  readonly machine: Machine;
  /** Bytes of each card to keep free. */
  readonly margin: number;
  readonly constraints: Constraints;
  readonly prefer: Prefer;
  readonly asks: Asks;
  readonly lang: Lang;
}

const MOST_BATCH = 2 ** 16;
const MOST_TOKENS = 2 ** 24;
/** Names in an answer to "which". */
const MOST_NAMES = 8;

export function plan(request: PlanRequest): PlanData {
  const { reading, known, machine, margin, constraints, asks, lang } = request;
  const workload = withDefaults(reading.workload);
  const question: Question = { workload, known, machine, margin };
  const found = answer(question, remedies, constraints, request.prefer);
  return planData(question, found, {
    lang,
    problems: reading.problems,
    ...asked(question, asks),
  });
}

function asked(
  question: Question,
  { maxBatch, maxContext, models, whichGpu }: Asks,
): Omit<PlanExtras, 'lang' | 'problems'> {
  const { purpose } = question.workload;
  return {
    ...(maxBatch === true && {
      max_batch: largestOf(question, batchOf(purpose), MOST_BATCH) ?? null,
    }),
    ...(maxContext === true && {
      max_context: largestOf(question, lengthOf(purpose), MOST_TOKENS) ?? null,
    }),
    ...(models !== undefined && { max_models: modelsThatFit(question, models, MOST_NAMES) }),
    ...(whichGpu === true && {
      which_gpus: gpusThatFit(question, cardsBySize(question.machine)),
    }),
  };
}

function gpusThatFit(question: Question, machines: readonly Machine[]): readonly GpuData[] {
  return machinesThatFit(question, machines)
    .slice(0, MOST_NAMES)
    .map(({ machine, verdict }) => {
      const { name, count } = cardsOf(machine);
      return { name, count, fits: verdict };
    });
}

/** Every card of the catalog in the number of the machine's, the smallest first. */
function cardsBySize(machine: Machine): readonly Machine[] {
  const { count } = cardsOf(machine);
  return gpus()
    .map((gpu): Machine => ({ ...machine, name: gpu.name, cards: [cardsOfGpu(gpu, count)] }))
    .sort((a, b) => cardsOf(a).usable.mid - cardsOf(b).usable.mid);
}
