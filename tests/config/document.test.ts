/** The reader of plain XML against the parser that knows all of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { positions, readAnyDocument, readDocument } from '../../src/config/document.ts';
import { decodeConfig } from '../../src/config/encoding.ts';
import { readPlainDocument } from '../../src/config/plain-document.ts';
import { realConfigs } from '../builders/real-configs.ts';

/** Whether the text is plain: then both must read the same. */
function agree(text: string): boolean {
  const plain = readPlainDocument(text, 300_000, 64);
  if (plain) assert.deepEqual(plain, readAnyDocument(text), JSON.stringify(text));
  return plain !== null;
}

test('real configurations are plain, and read as the parser reads them', () => {
  for (const { path, bytes } of realConfigs()) assert.ok(agree(decodeConfig(bytes).text), path);
});

const PIECES = [
  '<a></a>',
  '<b x="1">t</b>',
  '<a>\r\n<b/>&amp;</a>',
  '<b y=" " x="">\t</b\n>',
  '<a><!-- c --></a>',
  '<c\t/>',
  '<a>',
  '</a>',
  '<b x="1">',
  '</b>',
  "<b x='2' y=\"&amp;'\"/>",
  '<b/>',
  '</b >',
  '<a\r\n x = "1"\t>',
  'text',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  '&lt;',
  '&apos;&quot;&gt;',
  '>',
  '"',
  'é',
  '\u2028',
  '\uFEFF',
  '<!-- c -->',
  '<!---->',
  '<!-- a--b -->',
  '<!-- a --->',
  '<!--',
  '-->',
  '<!--\r\n-->',
  '<!-- < & -->',
  '<![CDATA[x]]>',
  ']]>',
  '<?pi x?>',
  '<!DOCTYPE a>',
  '&bad;',
  '&',
  '&#65;',
  '&;',
  '&AMP;',
  '😀',
  '\u0001',
  '<a x="1"y="2">',
  '<a x="1" x="2">',
  '<a x="<">',
  '<a x="\n">',
  '<a x=1>',
  '<a x>',
  '<x:y>',
  '< a>',
  '<a',
  '</ a>',
  '</>',
  '<>',
  '<1>',
  '<a/ >',
  '<a x="]]>">',
  '</b',
  '<a x="&bad;">',
  '<a x="&lt;">',
];

test('any pieces of XML: what is taken for plain is read as the parser reads it', () => {
  let plain = 0;
  const declaration = fc.constantFrom(
    '',
    '',
    '<?xml version="1.0"?>',
    '<?xml version="1.0" encoding="UTF-8"?>\r\n',
    '<?xml version="1.1"?>',
    ' <?xml version="1.0"?>',
    '\uFEFF',
    '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>',
    '<!-- -->',
    '<?xml version="1.0"encoding="UTF-8"?>',
    '<?xml version="1.0" encoding="-"?>',
    '<?xml?>',
  );
  const body = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(declaration, body, body, fc.boolean(), (start, inner, outer, wrapped) => {
      if (agree(start + (wrapped ? `<r>${inner}</r>${outer}` : inner + outer))) plain += 1;
    }),
    { numRuns: 60_000 },
  );
  // Or nothing was compared.
  assert.ok(plain > 500, String(plain));
});

test('well-formed trees without what is rare are plain', () => {
  const content = fc.constantFrom('', 'x', ' \r\n', 'a &amp; b', '<!-- c -->', 'é');
  const attributes = fc.constantFrom('', ' x="1"', ' x="1" y=\'"\'', '\r\n  name="&lt;"');
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc
      .tuple(
        fc.constantFrom('a', 'b-c', 'D1'),
        attributes,
        fc.array(fc.oneof({ maxDepth: 4 }, content, tie('tree')), { maxLength: 4 }),
      )
      .map(([name, own, inner]) => `<${name}${own}>${inner.join('')}</${name}>`),
  }));
  fc.assert(fc.property(tree, (text) => assert.ok(agree(text), text)));
});

test('more than is allowed is left to the parser, which says so', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.ok(readPlainDocument(nested(64), 300_000, 64));
  assert.equal(readPlainDocument(nested(65), 300_000, 64), null);
  assert.deepEqual((readDocument(nested(65)) as { code: string }).code, 'config-nesting');
  assert.ok(readPlainDocument('<a x="1"><!-- --></a>', 3, 64));
  assert.equal(readPlainDocument('<a x="1"><!-- --></a>', 2, 64), null);
});

test('lines end with LF, CR LF or CR', () => {
  const place = positions('a\nb\r\nc\rd');
  const places = [0, 1, 2, 3, 4, 5, 6, 7].map((offset) => Object.values(place(offset)).join(':'));
  assert.deepEqual(places, ['1:1', '1:2', '2:1', '2:2', '2:3', '3:1', '3:2', '4:1']);
});
