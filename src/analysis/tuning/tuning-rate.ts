import type { Rate } from '../answer.ts';

/** Events, occasions and their rates, as an answer gives them. */
export interface TuningRate {
  readonly events: number;
  readonly occasions: number;
  readonly hosts: number;
  readonly occasionsPerHostHour: Rate | null;
  readonly steadyOccasionsPerHostHour: Rate | null;
  readonly eventsPerHostHour: Rate | null;
  readonly occasionsPerBoot: Rate | null;
}
