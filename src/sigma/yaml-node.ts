/** What a YAML document is made of, whoever read it. */

/** A missing node is a value that was left out. */
export type Found = YamlNode | null | undefined;

export type YamlNode = YamlScalar | YamlMap | YamlList | YamlAlias;

export interface YamlScalar {
  readonly kind: 'scalar';
  /** Where it begins, in characters of its document. */
  readonly at: number;
  readonly type: 'null' | 'text' | 'number' | 'boolean';
  readonly style: 'plain' | 'quoted' | 'block';
  /** Of text its value, of anything else what is written: `0x1410` and `4.90` are not to become other numbers. */
  readonly text: string;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly at: number;
  readonly pairs: readonly YamlPair[];
}

export interface YamlPair {
  readonly key: Found;
  readonly value: Found;
}

export interface YamlList {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Found[];
}

export interface YamlAlias {
  readonly kind: 'alias';
  readonly at: number;
  /** Null where no anchor of that name stands before it. It may hold the alias itself. */
  readonly target: YamlScalar | YamlMap | YamlList | null;
}

/** A document as it was read. */
export interface YamlTree {
  /** Null for a document without any. */
  readonly root: Found;
  /** How many aliases it has. */
  readonly aliases: number;
  /** What is wrong with it, and at which character. */
  readonly errors: readonly { readonly at: number; readonly message: string }[];
}
