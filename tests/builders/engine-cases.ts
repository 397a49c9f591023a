/** What the published engine did with thousands of configurations and events: spec/cases. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './shared.ts';

type CaseEvent = { readonly EventID: number } & Readonly<Record<string, string | number>>;

export interface EngineCase {
  readonly id: string;
  readonly description: string;
  readonly config: string;
  readonly expected: {
    readonly ok: boolean;
    readonly options: Readonly<Record<string, string | null>>;
    readonly blocks: readonly {
      readonly eventId: number;
      readonly tag: string;
      readonly onmatch: 'include' | 'exclude';
      readonly combine: 'and' | 'or';
      readonly filters: number;
    }[];
    /** The real loader died. */
    readonly crash?: unknown;
    readonly exception?: unknown;
  };
  readonly events: readonly {
    readonly event: CaseEvent;
    readonly expected: { readonly logged: boolean; readonly ruleName: string };
  }[];
}

const folder = join(ROOT, 'spec/cases');

/** The files of spec/cases with their cases. */
export function engineCases(): Map<string, readonly EngineCase[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files
      .toSorted()
      .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as EngineCase[]]),
  );
}
