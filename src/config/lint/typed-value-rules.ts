/** Values that a field of some type is never written as (sysmon-lint-rules, D38 to D40). */
import { foldAscii } from '../../events/index.ts';
import type { Config } from '../load.ts';
import type { Splice } from '../splice.ts';
import {
  fieldType,
  type FilterElement,
  filterElements,
  isAnchored,
  itemsOf,
  LIST_CONDITIONS,
} from './filter-elements.ts';
import { contentSpan, setAttribute, setText } from './place.ts';
import type { Finding, LintRule } from './rule.ts';

const FIELD_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'RegistryEvent EventType',
    ['CreateKey', 'DeleteKey', 'RenameKey', 'CreateValue', 'DeleteValue', 'RenameValue', 'SetValue'],
  ],
  ['PipeEvent EventType', ['CreatePipe', 'ConnectPipe']],
  ['WmiEvent EventType', ['WmiFilterEvent', 'WmiConsumerEvent', 'WmiBindingEvent']],
  ['ProcessCreate IntegrityLevel', ['Low', 'Medium', 'High', 'System', 'AppContainer', 'no level']],
  ['NetworkConnect Protocol', ['tcp', 'udp']],
]);

/** Lengths of hashes in hexadecimal digits. */
const HASH_NAMES: Readonly<Record<number, string>> = { 32: 'MD5 or IMPHASH', 40: 'SHA1', 64: 'SHA256' };

const ROOTS: readonly (readonly [RegExp, string | null])[] = [
  [/^HKEY_LOCAL_MACHINE(?=\\|$)/i, 'HKLM'],
  [/^HKEY_USERS(?=\\|$)/i, 'HKU'],
  [/^HKEY_CLASSES_ROOT(?=\\|$)/i, 'HKCR'],
  [/^(?:HKEY_CURRENT_USER|HKCU)(?=\\|$)/i, null],
];

export const TYPED_VALUE_RULES: readonly LintRule[] = [
  {
    code: 'compare-as-text',
    severity: 'warning',
    title: 'less than or more than on a number',
    fact: 'All values are compared as text: "80" is more than "1024", and "9" more than "10" (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const { condition, text, element, field } of filterElements(config)) {
        if (condition !== 'less than' && condition !== 'more than') continue;
        const type = fieldType(field);
        const number = type !== undefined && /^(?:uint|hex)/.test(type);
        if (!number && !/^(?:0x)?\d+$/.test(text.trim())) continue;
        const example =
          condition === 'more than' ? `"9" is more than "${text.trim() || '10'}"` : `"10" is less than "9"`;
        const message = `${condition} on ${field} compares text (${example}): name the values, or the digits that they begin with`;
        yield { ...contentSpan(config.source.text, element), message };
      }
    },
  },
  {
    code: 'value-form',
    severity: 'warning',
    title: 'a value in a form that the field never has',
    fact: 'Fields are compared as the text that is logged: numbers decimal, masks and ids of logons as 0x and hexadecimal digits without leading zeros, GUIDs with braces, truth as true or false, hashes as ALG=HEX joined by commas (sysmon-semantics, 7.1).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const finding = formFinding(config, filter);
        if (finding) yield finding;
      }
    },
  },
  {
    code: 'value-unknown',
    severity: 'warning',
    title: 'a value that the field never has',
    fact: 'EventType, IntegrityLevel and Protocol take a few values only (sysmon-semantics, 7.1 and 9).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const values = FIELD_VALUES.get(`${filter.section.name} ${filter.field}`);
        const { condition, element } = filter;
        if (!values || (condition !== 'is' && condition !== 'is not' && condition !== 'is any')) continue;
        const wrong = itemsOf(filter).find(
          (item) =>
            item !== '' &&
            item !== '-' &&
            !values.some((value) => foldAscii(value) === foldAscii(item.trim())),
        );
        if (wrong === undefined) continue;
        const message = `${filter.field} of ${filter.section.name} is never "${wrong.slice(0, 60)}": expected ${values.join(', ')}`;
        yield { ...contentSpan(config.source.text, element), message };
      }
    },
  },
  {
    code: 'registry-root',
    severity: 'warning',
    title: 'a registry path that Sysmon never writes so',
    fact: 'Registry roots are abbreviated (HKLM, HKU, HKCR), the keys of a user appear as HKU\\SID and never as HKCU, and ControlSet001 appears as CurrentControlSet (sysmon-semantics, 7.1).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        if (filter.field !== 'TargetObject' && filter.field !== 'NewName') continue;
        const finding = registryFinding(config, filter);
        if (finding) yield finding;
      }
    },
  },
];

/** What is wrong with one item, and what it should be; `to` is null where that is open. */
interface Form {
  readonly expected: string;
  readonly to: string | null;
}

function formFinding(config: Config, filter: FilterElement): Finding | null {
  const { field, condition, element, text } = filter;
  if (condition !== 'is' && condition !== 'is any' && condition !== 'is not') return null;
  const items = itemsOf(filter);
  // A list in a condition for one value is a finding of its own.
  if (items.length === 1 && text.includes(';')) return null;
  const forms = items.map((item) => (item.trim() === '' || item === '-' ? null : formOf(field, item.trim())));
  const at = forms.findIndex((form) => form !== null);
  if (at < 0) return null;
  const { expected } = forms[at]!;
  const shown = items[at]!.trim().slice(0, 80);
  const message = `${field} never is "${shown}": expected ${expected}`;
  const span = contentSpan(config.source.text, element);
  const hash = field === 'Hashes' && condition !== 'is not';
  const splices: Splice[] = [];
  if (hash)
    splices.push(
      setAttribute(
        config.source.text,
        element,
        'condition',
        condition === 'is' ? 'contains' : 'contains any',
      ),
    );
  else if (forms.every((form) => form === null || form.to !== null)) {
    const mended = items
      .map((item, i) => forms[i]?.to ?? item)
      .join(LIST_CONDITIONS.has(condition) ? ';' : '');
    const splice = mended === text ? null : setText(config.source.text, element, mended);
    if (splice) splices.push(splice);
  }
  if (splices.length === 0) return { ...span, message };
  const title = hash ? 'look for the hash with contains' : 'write it as Sysmon does';
  return { ...span, message, fix: { title, splices, safe: true } };
}

function formOf(field: string, item: string): Form | null {
  if (field === 'Hashes') {
    const name = /^[0-9a-f]+$/i.test(item) ? HASH_NAMES[item.length] : undefined;
    return name === undefined ? null : { expected: `${name}=… among other hashes: write contains`, to: null };
  }
  switch (fieldType(field)) {
    case 'guid':
      if (/^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i.test(item)) return null;
      return {
        expected: 'a GUID in braces',
        to: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(item) ? `{${item}}` : null,
      };
    case 'bool':
      if (/^(?:true|false)$/i.test(item)) return null;
      return {
        expected: 'true or false',
        to: /^(?:1|yes)$/i.test(item) ? 'true' : /^(?:0|no)$/i.test(item) ? 'false' : null,
      };
    case 'hex32':
    case 'hex64':
      return hexForm(item);
    case 'uint16':
    case 'uint32':
    case 'uint64':
      if (/^(?:0|[1-9]\d*)$/.test(item)) return null;
      return { expected: 'a decimal number', to: /^0+\d+$/.test(item) ? String(BigInt(item)) : null };
    default:
      // GrantedAccess is text in the manifest, a mask in all logs.
      return field === 'GrantedAccess' ? hexForm(item) : null;
  }
}

function hexForm(item: string): Form | null {
  if (/^0x(?:0|[1-9a-f][0-9a-f]*)$/i.test(item)) return null;
  return {
    expected: '0x and hexadecimal digits without leading zeros',
    to: /^0x0+[0-9a-f]{1,16}$/i.test(item) ? `0x${BigInt(item).toString(16)}` : null,
  };
}

function registryFinding(config: Config, filter: FilterElement): Finding | null {
  const items = itemsOf(filter);
  let [found, perUser]: [string | null, boolean] = [null, false];
  const mended = items.map((item) => {
    let text = item;
    for (const [root, short] of ROOTS) {
      const match = root.exec(item.trim());
      if (!match) continue;
      found ??= match[0];
      if (short === null) perUser = true;
      else text = item.replace(match[0], short);
    }
    const set = /(?<=\\|^)ControlSet\d{3}(?=\\|$)/i.exec(text)?.[0];
    if (set !== undefined) {
      found ??= set;
      text = text.replace(set, 'CurrentControlSet');
    }
    return text;
  });
  if (found === null) return null;
  const { text } = config.source;
  const advice = perUser
    ? 'keys of a user are HKU\\SID\\…: write contains or end with and the path below the SID'
    : `write ${items.length === 1 && mended[0]!.length < 60 ? mended[0]! : 'HKLM, HKU, HKCR or CurrentControlSet'}`;
  const message = `no key is logged with ${found}: ${advice}`;
  const splice = perUser ? null : setText(text, filter.element, mended.join(';'));
  const span = contentSpan(text, filter.element);
  if (!splice) return { ...span, message };
  const safe = isAnchored(filter) || filter.condition?.startsWith('contains') === true;
  return { ...span, message, fix: { title: 'write it as Sysmon does', splices: [splice], safe } };
}
