/** Names of event types -> the configuration that asks how often they occur. */
import { ASK_SCHEMAS, type AskConfig, askConfig, minimumSchema } from '../config/index.ts';
import { EVENT_TYPES, eventTypesNamed, foldAscii } from '../events/index.ts';
import { QuestionError } from '../predicate/index.ts';

export interface QuestionConfigOptions {
  /** Schema version to write for, such as 4.90. Default: the oldest that has all asked types. */
  readonly schema?: string;
  readonly heartbeat?: boolean;
}

/** Writes the configuration that logs the types with these names or ids. Throws QuestionError for what can't be asked. */
export function questionConfig(
  names: readonly string[],
  { schema, heartbeat = false }: QuestionConfigOptions = {},
): AskConfig {
  const eventIds = [...new Set(names.flatMap(idsNamed))];
  const minimum = minimumSchema(eventIds);
  if (schema === undefined) return askConfig(eventIds, { heartbeat });
  // 4.9 is 4.90, as in a configuration.
  const version = /^\d+(\.\d+)?$/.test(schema)
    ? ASK_SCHEMAS.find((known) => Number(known) === Number(schema))
    : undefined;
  if (version === undefined) {
    throw new QuestionError('schema-syntax', `--schema ${schema}: expected one of ${ASK_SCHEMAS.join(', ')}`);
  }
  if (Number(version) < Number(minimum)) {
    throw new QuestionError(
      'schema-too-old',
      `--schema ${schema}: expected at least ${minimum}, which is the first that can log ${names.join(', ')} alone`,
    );
  }
  return askConfig(eventIds, { schema: version, heartbeat });
}

function idsNamed(name: string): number[] {
  const types = eventTypesNamed(name);
  if (types.length > 0) return types.map(({ id }) => id);
  const known = [...new Set(EVENT_TYPES.map((type) => type.name))];
  const folded = foldAscii(name);
  const near =
    known.find((candidate) => foldAscii(candidate).startsWith(folded.slice(0, 4))) ??
    known.find((candidate) => foldAscii(candidate).includes(folded));
  throw new QuestionError(
    'question-unknown',
    `expected an event type (a name such as CreateRemoteThread, or an id such as 8), found "${name}"${near && folded !== '' ? `; did you mean ${near}?` : ''}`,
  );
}
