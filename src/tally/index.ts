export { channelKey, type Suspects } from './channels.ts';
export { Counter } from './count.ts';
export type { Met } from './fields-met.ts';
export type { TallyFacts } from './facts.ts';
export { addCounted, compareSightings } from './sequences.ts';
export { decodeTally, encodeTally, type FiledTally } from './file.ts';
export { missingField } from './group-test.ts';
export { joinIntervals } from './intervals.ts';
export { compareText } from './marks.ts';
export { addDiagnostics, addSkipped, emptyTally, mergeInto, type Overlap } from './merge.ts';
export { narrow } from './narrow.ts';
export { HOST_BOUNDS, OTHERS } from './others.ts';
export { overlapsOf } from './overlap.ts';
export { compareDiagnostics, MAX_PLACES } from './places.ts';
export { alignGroups } from './regroup.ts';
export { concatRuns, joinRuns, type Run, type Runs, rowsOf, runsOf } from './runs.ts';
export {
  ACTIVITY_GAP_MS,
  type ChannelTally,
  type Group,
  type HostTally,
  type Interval,
  type Mark,
  type MarkKind,
  NO_SLOT,
  type Sequence,
  type Sighting,
  SLOT_MS,
  type Slots,
  type Tally,
} from './tally.ts';
