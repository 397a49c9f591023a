/** A suite as it is written: YAML -> tests, or problems with their places. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { EventText } from '../config/index.ts';
import { type Code, eventType, eventTypesNamed, fieldsOf } from '../events/index.ts';
import { compileFieldTest, QuestionError } from '../predicate/index.ts';
import type { SuiteProblem } from '../report/index.ts';

export interface SuiteFile {
  /** As written, relative to the suite. */
  readonly config: string;
  readonly schema: string | undefined;
  readonly tests: readonly SuiteTest[];
}

export type SuiteTest = EventTest | LogTest;

interface Expectation {
  readonly name: string;
  readonly line: number;
  readonly logged: boolean;
  /** The RuleName that is expected; null: any. */
  readonly rule: string | null;
}

export interface EventTest extends Expectation {
  readonly kind: 'event';
  readonly event: EventText;
}

export interface LogTest extends Expectation {
  readonly kind: 'log';
  /** As written, relative to the suite. */
  readonly log: string;
  /** The event type as written. */
  readonly type: string;
  readonly eventIds: readonly number[];
  readonly where: readonly ReturnType<typeof compileFieldTest>[];
}

const KEYS = ['config', 'schema', 'tests'];
const EVENT_KEYS = ['name', 'event', 'logged', 'rule'];
const LOG_KEYS = ['name', 'log', 'where', 'event', 'logged', 'rule'];

/** Aliases can make a small file large: this many nodes are looked at. */
const MAX_NODES = 1_000_000;
const MAX_PROBLEMS = 100;

/** Reads a suite. Never throws on content; with problems there are no tests. */
export function readSuite(text: string): { readonly suite: SuiteFile | null; problems: SuiteProblem[] } {
  const lines = new LineCounter();
  const problems: SuiteProblem[] = [];
  const say = (code: Code, span: readonly [number, number], message: string): void => {
    const { line, col } = lines.linePos(span[0]);
    if (problems.length < MAX_PROBLEMS) {
      problems.push({ code, line, column: col, message, span: { start: span[0], end: span[1] } });
    }
  };
  try {
    return { suite: readYaml(text, lines, problems, say), problems };
  } catch (error) {
    // Nesting without end is the one thing that the parser dies of.
    if (!(error instanceof RangeError)) throw error;
    say('suite-syntax', [0, 1], 'expected a suite, found YAML that is nested too deeply');
    return { suite: null, problems };
  }
}

function readYaml(
  text: string,
  lines: LineCounter,
  problems: readonly SuiteProblem[],
  say: Reading['say'],
): SuiteFile | null {
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  for (const problem of [...document.errors, ...document.warnings]) {
    say('suite-syntax', problem.pos, yamlMessage(problem));
  }
  if (problems.length > 0) return null;
  const suite = new Reading(document, lines, say).suite();
  return problems.length > 0 ? null : suite;
}

/** What is wrong with YAML of which there is one document. */
export function yamlMessage({ code, message }: Pick<YAMLParseError, 'code' | 'message'>): string {
  return code === 'MULTIPLE_DOCS'
    ? 'expected one document, found another one behind ---: give it a file of its own'
    : `expected YAML: ${message}`;
}

type Found = Node | null | undefined;

/** One reading of a document: it lasts until all nodes are seen. */
class Reading {
  private readonly document: Document.Parsed;
  private readonly lines: LineCounter;
  private readonly say: (code: Code, span: readonly [number, number], message: string) => void;
  private readonly keys = new WeakMap<Node, Node>();
  private readonly targets = new Map<Node, Node | null>();
  private seen = 0;

  constructor(document: Document.Parsed, lines: LineCounter, say: Reading['say']) {
    this.document = document;
    const anchors = new Map<string, Node>();
    // All at once: Alias.resolve goes through the document for each alias.
    visit(document, (_, node) => {
      if (isAlias(node)) this.targets.set(node, anchors.get(node.source) ?? null);
      else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined)
        anchors.set(node.anchor, node);
    });
    this.lines = lines;
    this.say = say;
  }

  suite(): SuiteFile {
    const keys = this.map(this.document.contents, 'a suite', KEYS, ['config', 'tests']);
    const schema = keys.get('schema');
    const version = schema === undefined ? undefined : this.text(schema, 'schema', 'a version such as 4.91');
    if (version !== undefined && !/^\d{1,2}\.\d{1,2}$/.test(version)) {
      this.wrong(schema, 'schema', 'a version such as 4.91', `"${version}"`);
    }
    const tests = this.list(keys.get('tests'), 'tests');
    if (keys.has('tests') && tests?.length === 0)
      this.wrong(keys.get('tests'), 'tests', 'at least one', 'none');
    return {
      config: this.text(keys.get('config'), 'config', 'the path of a configuration') ?? '',
      schema: version,
      tests: (tests ?? []).flatMap((node) => this.test(node) ?? []),
    };
  }

  private test(node: Found): SuiteTest | null {
    const target = this.resolve(node);
    const isLog = isMap(target) && target.items.some(({ key }) => isScalar(key) && key.value === 'log');
    const required = isLog ? ['name', 'log', 'event', 'logged'] : ['name', 'event', 'logged'];
    const keys = this.map(node, 'a test', isLog ? LOG_KEYS : EVENT_KEYS, required);
    if (required.some((key) => !keys.has(key))) return null;
    const name = this.text(keys.get('name'), 'name', 'text') ?? '';
    const logged = this.logged(keys.get('logged'), isLog);
    const rule = keys.has('rule') ? (this.text(keys.get('rule'), 'rule', 'a RuleName') ?? '') : null;
    if (rule !== null && logged === false) {
      this.wrong(keys.get('rule'), 'rule', 'none where nothing is logged', `"${rule}"`);
    }
    const [start] = this.spanOf(target);
    const expectation = { name, line: this.lines.linePos(start).line, logged: logged ?? false, rule };
    return isLog ? this.logTest(keys, expectation) : this.eventTest(keys, expectation);
  }

  private eventTest(keys: ReadonlyMap<string, Found>, expectation: Expectation): EventTest | null {
    const node = keys.get('event');
    const fields = this.map(node, 'event', null, ['EventID']);
    const idText = fields.has('EventID')
      ? this.text(fields.get('EventID'), 'EventID', 'a number')
      : undefined;
    if (idText === undefined) return null;
    const id = /^\d{1,5}$/.test(idText) ? Number(idText) : -1;
    const known = fieldsOf(id);
    if (!known) {
      this.wrong(fields.get('EventID'), 'EventID', 'the id of an event of Sysmon', `"${idText}"`);
      return null;
    }
    const event: Record<string, string | number> = { EventID: id };
    for (const [field, value] of fields) {
      if (field === 'EventID') continue;
      if (!known.has(field)) {
        const { name, layouts } = eventType(id)!;
        const names = layouts
          .at(-1)!
          .fields.map(([own]) => own)
          .join(', ');
        const place = this.spanOf(value && (this.keys.get(value) ?? value));
        this.say('suite-key', place, `event ${id} ${name} has no field ${field}: expected one of ${names}`);
        continue;
      }
      const resolved = this.resolve(value);
      // Nothing, as in the engine: a missing field and an empty one are the same.
      if (isScalar(resolved) && resolved.value === null) continue;
      const content = this.text(value, field, 'text');
      if (content !== undefined) event[field] = content;
    }
    return { ...expectation, kind: 'event', event: event as EventText };
  }

  private logTest(keys: ReadonlyMap<string, Found>, expectation: Expectation): LogTest {
    const type = this.text(keys.get('event'), 'event', 'the name or id of an event type') ?? '';
    const eventIds = eventTypesNamed(type).map(({ id }) => id);
    if (eventIds.length === 0) {
      this.wrong(keys.get('event'), 'event', 'the name or id of an event type of Sysmon', `"${type}"`);
    }
    const where = (keys.has('where') ? (this.list(keys.get('where'), 'where') ?? []) : []).flatMap((node) => {
      const test = this.text(node, 'where', 'a test such as Image|endswith=\\mshta.exe');
      if (test === undefined || eventIds.length === 0) return [];
      try {
        return [compileFieldTest(test, eventIds, 'where')];
      } catch (error) {
        if (!(error instanceof QuestionError)) throw error;
        this.say(error.code, this.spanOf(node), error.message);
        return [];
      }
    });
    const log = this.text(keys.get('log'), 'log', 'the path of a log') ?? '';
    return { ...expectation, kind: 'log', log, type, eventIds, where };
  }

  private logged(node: Found, isLog: boolean): boolean | undefined {
    const resolved = this.resolve(node);
    const value = isScalar(resolved) ? resolved.value : undefined;
    if (value === true || (isLog && value === 'all')) return true;
    if (value === false || (isLog && value === 'none')) return false;
    const expected = isLog ? 'all, none, true or false' : 'true or false';
    this.wrong(node, 'logged', expected, this.wordFor(resolved));
    return undefined;
  }

  /** The values of a map by their keys. Says what is unknown (`allowed` null: nothing) and what is missing. */
  private map(
    node: Found,
    what: string,
    allowed: readonly string[] | null,
    required: readonly string[],
  ): Map<string, Found> {
    const values = new Map<string, Found>();
    const target = this.resolve(node);
    if (!isMap(target)) {
      this.wrong(node, what, `${(allowed ?? required).join(', ')} and their values`, this.wordFor(target));
      return values;
    }
    if (!this.count(target.items.length, target)) return values;
    for (const { key, value } of target.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (allowed && !allowed.includes(name)) {
        const message = `${what} has no ${name || 'key of this kind'}: expected ${allowed.join(', ')}`;
        this.say('suite-key', this.spanOf(key as Found), message);
        continue;
      }
      values.set(name, value as Found);
      if (value !== null) this.keys.set(value as Node, key as Node);
    }
    for (const name of required) {
      if (!values.has(name))
        this.say('suite-missing', this.spanOf(target), `${what} needs ${name}, found none`);
    }
    return values;
  }

  private list(node: Found, what: string): Found[] | undefined {
    if (node === undefined) return undefined;
    const target = this.resolve(node);
    if (isSeq(target)) {
      return this.count(target.items.length, target) ? (target.items as Found[]) : [];
    }
    this.wrong(node, what, 'a list', this.wordFor(target));
    return undefined;
  }

  /** Text as written: `0x1410` and `4.90` are not to become other numbers. */
  private text(node: Found, what: string, expected: string): string | undefined {
    if (node === undefined) return undefined;
    const target = this.resolve(node);
    if (isScalar(target) && target.value !== null) {
      return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
    }
    this.wrong(node, what, expected, this.wordFor(target));
    return undefined;
  }

  private resolve(node: Found): Found {
    return isAlias(node) ? this.targets.get(node) : node;
  }

  /** Whether there is room for so many more. */
  private count(items: number, node: Found): boolean {
    const before = this.seen;
    this.seen += items;
    if (this.seen <= MAX_NODES) return true;
    if (before <= MAX_NODES)
      this.say('suite-value', this.spanOf(node), `expected at most ${MAX_NODES} values`);
    return false;
  }

  private wordFor(node: Found): string {
    if (isMap(node)) return 'keys and values';
    if (isSeq(node)) return 'a list';
    if (isScalar(node) && node.value !== null) return `"${node.source ?? String(node.value)}"`;
    return 'nothing';
  }

  private wrong(node: Found, what: string, expected: string, found: string): void {
    this.say('suite-value', this.spanOf(node), `${what}: expected ${expected}, found ${found}`);
  }

  private spanOf(node: Found): readonly [number, number] {
    const [start = 0, end = 1] = node?.range ?? [];
    return [start, end];
  }
}
