/** The value types of Sysmon's manifests. They decide how a value is written as text (sysmon-semantics, 7.1). */
export type FieldType = 'string' | 'guid' | 'uint16' | 'uint32' | 'uint64' | 'hex32' | 'hex64' | 'bool';

/** The fields of an event type from one schema version on, until the next layout. */
export interface Layout {
  /** First schema version with this layout, such as `4.80`. */
  readonly since: string;
  /** `Version` of the event in a log. */
  readonly manifestVersion: number;
  readonly tag: string | null;
  /** Built-in verdict for a tag that no section names: `include` logs. Null where nothing can be filtered. */
  readonly default: 'include' | 'exclude' | null;
  /** In the order of the manifest, which is the order in a log. */
  readonly fields: readonly (readonly [name: string, type: FieldType])[];
}

/** What noisefloor knows of one kind of Sysmon event. Source: `spec/schemas.json`. */
export interface EventType {
  readonly id: number;
  /** The configuration tag, but for RegistryEvent, PipeEvent and WmiEvent shared by several ids; types without one have ours. */
  readonly name: string;
  readonly tag: string | null;
  /** Sysmon's own words, such as `CreateRemoteThread detected`. */
  readonly title: string;
  /** As in the newest layout. */
  readonly default: 'include' | 'exclude' | null;
  readonly platforms: readonly string[];
  /** The fields that a person wants to see first. */
  readonly groupBy: readonly string[];
  /** The fields that an allow-list may use: groupBy and more. */
  readonly tuneBy: readonly string[];
  /** Oldest first; never empty. */
  readonly layouts: readonly Layout[];
}
