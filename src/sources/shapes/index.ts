export { eventOf } from './recognition.ts';
export type { JsonObject, Shape } from './shape.ts';
