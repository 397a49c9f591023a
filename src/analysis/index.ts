export { analyse } from './analyse.ts';
export type {
  Answer,
  AnswerBudget,
  AnswerGroup,
  ByPhase,
  ExposureMethod,
  HostExposure,
  Phase,
  Rate,
} from './answer.ts';
export { type Budget, budgetOf, parseBudget } from './budget.ts';
export { significant, wholeNumber } from './figures.ts';
export type { ForecastTarget, QuestionFacts } from './question-facts.ts';
export type { NoiseGroup } from './tuning/noise.ts';
export { decidingLabels, type Label, LabelError } from './tuning/noise.ts';
export { REACH_FIELDS } from './tuning/reach.ts';
export { tune } from './tuning/tune.ts';
export type { TunedEntry, Tuning } from './tuning/tuning.ts';
export type { TuningRate } from './tuning/tuning-rate.ts';
export type { Blindspots, BlindSpot, DeadDetection } from './blindspots/blindspots.ts';
export { fateOf, type NamedRule } from './blindspots/dead.ts';
export { blindSpotsOf } from './blindspots/entries.ts';
