/** The schemas that `unoom schema NAME` prints. */
import { diagnosisSchema } from './diagnosis.ts';
import { planSchema } from './plan.ts';
import { snapshotDiffSchema, snapshotSchema } from './snapshot.ts';
import type { Schema } from './words.ts';

export const schemas: Readonly<Record<string, Schema>> = {
  diagnosis: diagnosisSchema,
  plan: planSchema,
  snapshot: snapshotSchema,
  'snapshot-diff': snapshotDiffSchema,
};
