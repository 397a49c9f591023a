/** Generated XML that knows what it is made of: odd spacing, all line ends, CDATA, comments, entities, non-BMP. */
import fc from 'fast-check';

export interface Node {
  readonly name: string;
  /** All of it, from `<` to its last `>`. */
  readonly written: string;
  readonly startTag: string;
  readonly inner: string;
  readonly text: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly Node[];
  /** Comments inside, in document order, as written. */
  readonly comments: readonly string[];
}

export interface XmlText {
  readonly text: string;
  readonly root: Node;
  readonly comments: readonly string[];
}

/** A piece of content: how it is written, what it says, and what it is. */
interface Piece {
  readonly written: string;
  readonly text: string;
  readonly child?: Node;
  readonly comment?: string;
}

const blank = fc.constantFrom(' ', '\t', '\n', '\r\n', '\r');
const space = fc.array(blank, { minLength: 1, maxLength: 3 }).map((blanks) => blanks.join(''));
const maybeSpace = fc.oneof(fc.constant(''), space);
const elementName = fc.constantFrom('a', 'Image', 'Rule', 'é', 'x-1', 'Ω.z', '𐐷b');
const plain = fc.constantFrom(
  'x',
  ' ',
  '😀',
  'é',
  '\n',
  '\r\n',
  '\r',
  '>',
  '"',
  "'",
  ']',
  '-',
  '𝒳y',
  '\u0085',
);

/** Line ends as XML reads them. */
function normal(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

const words = fc
  .array(plain, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes(']]>'));

const piece: fc.Arbitrary<Piece> = fc.oneof(
  words.map((text) => ({ written: text, text: normal(text) })),
  fc
    .constantFrom<[string, string]>(
      ['&lt;', '<'],
      ['&amp;', '&'],
      ['&#13;', '\r'],
      ['&#x1F600;', '😀'],
      ['&quot;', '"'],
    )
    .map(([written, text]) => ({ written, text })),
  words.map((text) => ({ written: `<![CDATA[<${text}&]]>`, text: normal(`<${text}&`) })),
  words
    .filter((text) => !text.includes('--') && !text.endsWith('-'))
    .map((text) => ({ written: `<!--${text}<b>-->`, text: '', comment: `<!--${text}<b>-->` })),
  fc.constant({ written: '<?pi <c> ?>', text: '' }),
);

const attribute = fc.tuple(
  fc.uniqueArray(fc.constantFrom('name', 'condition', 'é', 'x'), { maxLength: 3 }),
  fc.array(
    fc.tuple(
      space,
      maybeSpace,
      maybeSpace,
      fc.constantFrom('"', "'"),
      fc.constantFrom('', 'v', '>', '/>', '😀', 'a\r\nb', '&lt;'),
    ),
    {
      minLength: 3,
      maxLength: 3,
    },
  ),
);

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc
    .tuple(
      elementName,
      attribute,
      maybeSpace,
      maybeSpace,
      fc.boolean(),
      fc.array(
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          piece,
          tie('node').map((child): Piece => ({ written: child.written, text: '', child })),
        ),
        { maxLength: 5 },
      ),
    )
    .map(([own, [names, shapes], before, behind, selfClosed, raw]) =>
      makeNode(own, names, shapes, before, behind, selfClosed, raw),
    ),
}));

function makeNode(
  name: string,
  names: readonly string[],
  shapes: readonly (readonly [string, string, string, string, string])[],
  before: string,
  behind: string,
  selfClosed: boolean,
  raw: readonly Piece[],
): Node {
  let written = `<${name}`;
  const attributes = names.map((key, i): [string, string] => {
    const [gap, left, right, quote, value] = shapes[i]!;
    written += `${gap}${key}${left}=${right}${quote}${value}${quote}`;
    return [key, value.replaceAll(/\r\n?|\n/g, ' ').replace('&lt;', '<')];
  });
  written += before;
  if (selfClosed) {
    const startTag = `${written}/>`;
    return { name, written: startTag, startTag, inner: '', text: '', attributes, children: [], comments: [] };
  }
  const startTag = `${written}>`;
  const inner = raw.map((part) => part.written).join('');
  return {
    name,
    written: `${startTag}${inner}</${name}${behind}>`,
    startTag,
    inner,
    // Pieces beside each other may join a CR and an LF, or the end of CDATA: told apart by what is written.
    text: textOf(raw),
    attributes,
    children: raw.flatMap(({ child }) => (child ? [child] : [])),
    comments: raw.flatMap(
      ({ child, comment }) => child?.comments ?? (comment === undefined ? [] : [comment]),
    ),
  };
}

/** What the pieces say together: a CR and an LF that meet are one line end. */
function textOf(pieces: readonly Piece[]): string {
  let text = '';
  let endedInCr = false;
  for (const { written, text: own } of pieces) {
    text += endedInCr && written.startsWith('\n') ? own.slice(1) : own;
    endedInCr = written.endsWith('\r');
  }
  return text;
}

/** A whole document, with comments and blanks around its root. */
export const arbitraryXml: fc.Arbitrary<XmlText> = fc
  .tuple(
    maybeSpace,
    fc.constantFrom('', '<!-- 😀 -->', '<!---->'),
    maybeSpace,
    node,
    maybeSpace,
    fc.constantFrom('', '<!-- \r\n -->'),
  )
  .filter(([, , , root]) => !root.written.replaceAll('<![CDATA[', '').replaceAll('&]]>', '').includes(']]>'))
  .map(([first, before, second, root, third, behind]) => ({
    text: first + before + second + root.written + third + behind,
    root,
    comments: [before, ...root.comments, behind].filter((comment) => comment !== ''),
  }));
