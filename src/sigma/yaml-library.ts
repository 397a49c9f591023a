/** Any YAML, by the library. */
import { createRequire } from 'node:module';
import type { Node, Pair } from 'yaml';
import type { Found, YamlAlias, YamlPair, YamlTree } from './yaml-node.ts';

type Library = typeof import('yaml');

let loaded: Library | undefined;

/** Nearly no rule needs it, and it takes longer to load than a rule to read. */
function library(): Library {
  return (loaded ??= createRequire(import.meta.url)('yaml') as Library);
}

/** Reads a document. Throws RangeError for what is nested too deeply. */
export function readAnyYaml(text: string): YamlTree {
  const yaml = library();
  const parsed = yaml.parseDocument(text, {
    prettyErrors: false,
    logLevel: 'silent',
    // Looks at each pair of keys; `SigmaDocument.entries` does it faster.
    uniqueKeys: false,
  });
  if (parsed.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION'))
    throw new RangeError('nested too deeply');
  let aliases = 0;
  const anchors = new Map<string, NonNullable<YamlAlias['target']>>();

  /** An anchor is known from its node on: also within the node. */
  function known<T extends NonNullable<YamlAlias['target']>>(node: Node, own: T): T {
    if ('anchor' in node && node.anchor !== undefined) anchors.set(node.anchor as string, own);
    return own;
  }

  function nodeOf(node: Node | null | undefined): Found {
    const at = node?.range?.[0] ?? 0;
    if (yaml.isAlias(node)) {
      aliases += 1;
      return { kind: 'alias', at, target: anchors.get(node.source) ?? null };
    }
    if (yaml.isScalar(node)) {
      const { value, source, type } = node;
      return known(node, {
        kind: 'scalar',
        at,
        type: typeOf(value),
        style:
          type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE'
            ? 'quoted'
            : type === 'PLAIN'
              ? 'plain'
              : 'block',
        text: typeof value === 'string' ? value : (source ?? String(value)),
      });
    }
    if (yaml.isMap(node)) {
      const pairs: YamlPair[] = [];
      const own = known(node, { kind: 'map', at, pairs });
      for (const { key, value } of node.items as Pair<Node | null, Node | null>[])
        pairs.push({ key: nodeOf(key), value: nodeOf(value) });
      return own;
    }
    if (yaml.isSeq(node)) {
      const items: Found[] = [];
      const own = known(node, { kind: 'list', at, items });
      for (const item of node.items as (Node | null)[]) items.push(nodeOf(item));
      return own;
    }
    return null;
  }

  const root = nodeOf(parsed.contents);
  return {
    root,
    aliases,
    errors: [...parsed.errors, ...parsed.warnings].map(({ pos, message }) => ({ at: pos[0], message })),
  };
}

function typeOf(value: unknown): 'null' | 'text' | 'number' | 'boolean' {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}
