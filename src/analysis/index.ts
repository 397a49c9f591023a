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
export type { ForecastTarget, QuestionFacts } from './question-facts.ts';
