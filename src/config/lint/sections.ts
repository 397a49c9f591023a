/** The sections of a configuration by tag, as the engine evaluates them, with their units for each event of the tag. */
import type { Block, BoundEvent } from '../blocks.ts';
import type { ConfigElement } from '../document.ts';
import { grouped } from '../grouped.ts';
import type { Config } from '../load.ts';
import { inOrder, rawUnits, unitsOf } from '../meaning.ts';
import type { Unit } from '../unit.ts';
import { nameSpan, startTagSpan } from './place.ts';
import type { Finding } from './rule.ts';

export interface TagSections {
  readonly tag: string;
  readonly events: readonly BoundEvent[];
  /** In the order in which they are tried; not empty. */
  readonly blocks: readonly Block[];
  /** By event, in the order of `events`. */
  readonly units: readonly EventUnits[];
}

export interface EventUnits {
  readonly event: BoundEvent;
  readonly excludes: readonly Unit[];
  readonly includes: readonly Unit[];
  /** With those that can never hold. */
  readonly all: readonly Unit[];
}

const byConfig = new WeakMap<Config, readonly TagSections[]>();

/** Tags that have sections, by the id of their first event; empty where the configuration is rejected. */
export function tagSections(config: Config): readonly TagSections[] {
  let tags = byConfig.get(config);
  if (!tags) byConfig.set(config, (tags = collect(config)));
  return tags;
}

function collect(config: Config): TagSections[] {
  return [...grouped(config.events, ({ tag }) => tag)].flatMap(([tag, events]): TagSections[] => {
    const blocks = inOrder(config, events[0]!);
    if (blocks.length === 0) return [];
    const units = events.map((event): EventUnits => {
      const of = (onmatch: Block['onmatch']): Unit[] =>
        blocks.filter((block) => block.onmatch === onmatch).flatMap((block) => unitsOf(block, event));
      return {
        event,
        excludes: of('exclude'),
        includes: of('include'),
        all: blocks.flatMap((block) => rawUnits(block, event)),
      };
    });
    return [{ tag, events, blocks, units }];
  });
}

/** `line:column` of an element. */
export function placeOf(config: Config, { start }: ConfigElement): string {
  const { line, column } = config.positionOf(start);
  return `${line}:${column}`;
}

/** A finding at an element: the whole of a filter, the start tag of what holds others. */
export function findingAt(element: ConfigElement, message: string, more: Partial<Finding> = {}): Finding {
  const span =
    element.children.length > 0 ? startTagSpan(element) : { start: element.start, end: element.end };
  return { ...span, message, ...more };
}

/** A finding at the name of an element that may be large. */
export function findingAtName(element: ConfigElement, message: string, more: Partial<Finding> = {}): Finding {
  return { ...nameSpan(element), message, ...more };
}

/** A filter as it is written, shortened to what fits a message. */
export function shortText(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}
