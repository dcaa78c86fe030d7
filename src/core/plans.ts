/**
 * The public face of planning, apart from `index.ts`: whether a workload fits a machine, where every byte would
 * be, and the cheapest change that makes it fit.
 */

export { formatBytes, unitBytes } from './base/bytes.ts';
export { render } from './base/render.ts';
export { LANGS } from './base/texts.ts';
export type { KnownModel } from './footprint/decide.ts';
export { mixIn } from './footprint/engines/ggml/types.ts';
export type { Constraints } from './plan/options.ts';
export { CLASSES, type CostClass } from './plan/words.ts';
export {
  type Asks,
  type Beside,
  contradiction,
  leastMachine,
  MEASURES,
  type PlanRequest,
  plan,
  purposed,
} from './planning.ts';
export {
  type FailedCase,
  type PricedFailure,
  type PricingRequest,
  priceFailure,
  unpriced,
} from './pricing.ts';
export type { PlanData } from './report/plans/data.ts';
export { renderPlanMarkdown, renderPlanText } from './report/plans/text.ts';
export { renderProblem } from './report/problem-text.ts';
export { isOfType, SETTING_NAMES, SETTINGS, type SettingName } from './workload/settings.ts';
