import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { readEventData, readEventXml } from '../../src/sources/event-xml.ts';
import type { TextChunk } from '../../src/sources/text.ts';
import { readXml } from '../../src/sources/xml.ts';

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** As wevtutil writes it. */
function eventXml(record: number, data = '<Data Name="Image">C:\\a.exe</Data>'): string {
  return `<Event xmlns='${NAMESPACE}'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/><EventID>8</EventID><Version>2</Version><Level>4</Level><TimeCreated SystemTime='2021-03-14T06:39:30.2271234Z'/><EventRecordID>${record}</EventRecordID><Correlation/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>HOST-1</Computer></System><EventData>${data}</EventData></Event>`;
}

async function read(parts: readonly string[]): Promise<{ events: Event[]; diagnostics: Diagnostic[] }> {
  async function* chunks(): AsyncGenerator<TextChunk> {
    for (const text of parts) yield { text, bytes: text.length };
  }
  const events: Event[] = [];
  const diagnostics: Diagnostic[] = [];
  for await (const batch of readXml('a.xml', chunks())) {
    events.push(...batch.events);
    diagnostics.push(...batch.diagnostics);
  }
  return { events, diagnostics };
}

const records = ({ events }: { events: Event[] }): (number | null)[] => events.map((event) => event.record);

function parsed(xml: string): Event {
  const event = readEventXml(xml);
  assert.ok(!('problem' in event), JSON.stringify(event));
  return event;
}

test('an event: system values and named fields', () => {
  const data =
    "<Data Name='UtcTime'>2021-03-14 06:39:30.111</Data><Data Name='SourceImage'>a &lt;b&gt; &amp; &quot;c&quot;</Data><Data Name='Empty'/>";
  const event = parsed(eventXml(77, data));
  assert.deepEqual(
    { ...event, fields: Object.fromEntries(event.fields) },
    {
      record: 77,
      time: Date.UTC(2021, 2, 14, 6, 39, 30, 111),
      host: 'HOST-1',
      provider: 'Microsoft-Windows-Sysmon',
      channel: 'Microsoft-Windows-Sysmon/Operational',
      eventId: 8,
      version: 2,
      fields: { UtcTime: '2021-03-14 06:39:30.111', SourceImage: 'a <b> & "c"', Empty: '' },
    },
  );
});

test('an event: unnamed data, binary, repeated names, user data, rendering', () => {
  const system =
    "<System><Provider EventSourceName='Service'/><EventID Qualifiers='16384'>7036</EventID><TimeCreated SystemTime='2021-03-14T06:39:30Z'/></System>";
  const fields = (sections: string): unknown =>
    Object.fromEntries(parsed(`<e:Event>${system}${sections}</e:Event>`).fields);
  assert.deepEqual(
    fields('<EventData><Data>a</Data><Data Name="X">b</Data><Data>c</Data><Binary>0A</Binary></EventData>'),
    { param1: 'a', X: 'b', param2: 'c', Binary: '0A' },
  );
  assert.deepEqual(
    fields('<EventData><Data Name="X">1</Data><Data Name="X">2</Data><Data Name="X">3</Data></EventData>'),
    { X: '1', 'X#2': '2', 'X#3': '3' },
  );
  assert.deepEqual(
    fields(
      '<UserData><u:EventXML xmlns:u="x"><u:User>me</u:User><Session>\n <Id>4</Id> </Session></u:EventXML></UserData>',
    ),
    { User: 'me', Id: '4' },
  );
  assert.deepEqual(
    fields(
      '<ProcessingErrorData><ErrorCode>15005</ErrorCode></ProcessingErrorData><RenderingInfo><Message>m</Message></RenderingInfo>',
    ),
    { ErrorCode: '15005' },
  );
  assert.equal(parsed(`<Event>${system}</Event>`).provider, 'Service');
  assert.equal(parsed(`<Event>${system}</Event>`).record, null);
});

test('an event: CDATA, control characters, what is refused', () => {
  const value = (text: string): string | undefined =>
    parsed(eventXml(1, `<Data Name="V">${text}</Data>`)).fields.get('V');
  assert.equal(value('<![CDATA[a</Event>]]>b'), 'a</Event>b');
  assert.equal(value('a\u0001b&#1;&#x1f;'), 'a\u0001b\u0001\u001f');
  assert.equal(value('&#65;&#x20AC;'), 'A€');
  const problem = (xml: string): string => {
    const result = readEventXml(xml);
    assert.ok('problem' in result);
    return result.problem;
  };
  assert.match(problem(eventXml(1, '<Data Name="V">&nbsp;</Data>')), /undefined entity/);
  assert.match(problem(eventXml(1, '<Data Name="<">x</Data>')), /not well-formed/);
  assert.match(problem(eventXml(1, '<a>'.repeat(70) + '</a>'.repeat(70))), /deeper than 64/);
  assert.match(problem('<!DOCTYPE Event []><Event/>'), /document type/);
  assert.match(problem('<Event><System><EventID>x</EventID></System></Event>'), /EventID/);
  assert.match(problem('<Event></Event>'), /System/);
  assert.match(problem(''), /not well-formed|none/);
});

test('event data that stands alone, as Azure stores it', () => {
  const item = `<DataItem type="System.XmlData"><EventData xmlns="${NAMESPACE}"><Data Name="A">1</Data><Data>2</Data></EventData></DataItem>`;
  assert.deepEqual(Object.fromEntries(readEventData(item) ?? []), { A: '1', param1: '2' });
  assert.deepEqual(Object.fromEntries(readEventData('<EventData><Data Name="A"/></EventData>') ?? []), {
    A: '',
  });
  assert.equal(readEventData('<EventData><Data'), null);
  assert.equal(readEventData('no xml'), null);
});

test('events with a root, without one, and with evtx_dump between them', async () => {
  const [one, two] = [eventXml(1), eventXml(2)];
  for (const text of [
    one + two,
    `${one}\r\n\r\n${two}\r\n`,
    `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>${one}${two}</Events>`,
    `<?xml version="1.0"?><!-- made <Event by hand --><Events xmlns="x">${one}<!---->${two}</Events>\n`,
    `Record 1\n<?xml version="1.0"?>\n${one}\nRecord 2\n<?xml version="1.0"?>\n${two}\n`,
  ]) {
    const result = await read([text]);
    assert.deepEqual(records(result), [1, 2], text);
    assert.deepEqual(result.diagnostics, [], text);
  }
});

test('evtx_dump leaves out the braces of GUIDs', async () => {
  const guid = '0CCE9215-69AE-11D9-BED3-505054503030';
  const one = eventXml(1).replace('<EventData>', `<EventData><Data Name="G">${guid}</Data>`);
  assert.ok(one.includes(guid));
  const other = one.replaceAll('Microsoft-Windows-Sysmon', 'Other');
  const found = async (text: string): Promise<(string | undefined)[]> =>
    (await read([text])).events.map(({ fields }) => fields.get('G'));
  assert.deepEqual(await found(`Record 1\n${other}\nRecord 2\n${other}`), [`{${guid}}`, `{${guid}}`]);
  assert.deepEqual(await found(other), [guid]);
});

test('a broken event costs one, and tells its line', async () => {
  const broken = [
    eventXml(2).replace('</Data>', ''),
    eventXml(2).replace('</Event>', '</Evnt>'),
    eventXml(2).replace('</Computer>', '<![CDATA[</Computer>'),
    eventXml(2).slice(0, 200),
    '<Event/>',
  ];
  for (const bad of broken) {
    const result = await read([`${eventXml(1)}\n${bad}\n${eventXml(3)}\n`]);
    assert.deepEqual(records(result), [1, 3], bad);
    assert.deepEqual(
      result.diagnostics.map(({ code, where, lost }) => [code, where.line, lost]),
      [['xml-broken-event', 2, 1]],
      bad,
    );
  }
});

test('a file that is cut loses one', async () => {
  const result = await read([`<Events>${eventXml(1)}${eventXml(2).slice(0, 300)}`]);
  assert.deepEqual(records(result), [1]);
  assert.deepEqual(
    result.diagnostics.map(({ code, lost }) => [code, lost]),
    [['xml-broken-event', 1]],
  );
});

test('text between events is counted, each stretch once', async () => {
  const result = await read([
    `${eventXml(1)}noise <b>more</b>\n${eventXml(2)}${'x'.repeat(5000)}<<${eventXml(3)}`,
  ]);
  assert.deepEqual(records(result), [1, 2, 3]);
  assert.equal(result.diagnostics.length, 1);
  assert.match(result.diagnostics[0]!.message, / 2 places/);
});

test('an event that never ends does not swallow what follows', async () => {
  const endless = eventXml(1).replace('</Data>', '<![CDATA[') + 'x'.repeat(5 * 1024 * 1024);
  const result = await read([endless, eventXml(2), eventXml(3)]);
  assert.deepEqual(records(result), [2, 3]);
  assert.deepEqual(
    result.diagnostics.map(({ lost }) => lost),
    [1],
  );
});

test('hostile text is read in linear time', async () => {
  for (const piece of ['<Event <![CDATA[', '<Event <!--', '<!--', '<', '<Event>', '<Events ', '<?']) {
    const { events, diagnostics } = await read([piece.repeat(200_000)]);
    assert.equal(events.length, 0);
    // Placed up to a bound, the rest summed: nothing of it is lost count of.
    const lost = diagnostics.reduce((sum, diagnostic) => sum + diagnostic.lost, 0);
    assert.equal(lost, /<Event[ >]/.test(piece) ? 200_000 : 0);
    assert.ok(diagnostics.length <= 1001);
  }
});

test('any cut of the text gives the same events and diagnostics', async () => {
  const piece = fc.oneof(
    fc.nat(99).map((record) => eventXml(record)),
    fc.constantFrom(
      '<Events>',
      '</Events>',
      '\n',
      '<!-- <Event a -->',
      '<?xml version="1.0"?>',
      'Record 12\n',
      'noise',
      '<',
      '<![CDATA[',
      ']]>',
      '<Event ',
      '</Event>',
      '-->',
      '<!--',
      'x'.repeat(1500),
      eventXml(7).slice(0, 80),
      eventXml(8, '<Data><![CDATA[</Event><Event >]]></Data>'),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(6000)), async (pieces, cuts) => {
      const text = pieces.join('');
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const whole = await read([text]);
      const parts = await read(at.slice(1).map((end, i) => text.slice(at[i], end)));
      assert.deepEqual(parts, whole);
      const short = text.slice(-1500);
      assert.deepEqual(await read([...short]), await read([short]));
    }),
    { numRuns: 60 },
  );
});
