export { coveredBy, type Covers, type ReadField } from './covered.ts';
export { FALSE, type Formula, holds, type TextTest, TRUE } from './formula.ts';
export { compilePattern, MANY, ONE, type Pattern, plainText, simplePattern } from './pattern.ts';
export { impliedBy, satisfy } from './satisfy.ts';
export type { Work } from './text.ts';
