/** The closed sets of words that a plan speaks in. */

/** Whether it fits, from the surest; later ones are worse. */
export const VERDICTS = ['yes', 'probably', 'borderline', 'no'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a change costs the user, in the order in which plans are made of it. */
export const CLASSES = [
  'same-mathematics',
  'recomputation',
  'numerics',
  'offload',
  'experiment',
] as const;
export type CostClass = (typeof CLASSES)[number];
