/** The readable form of an explanation: in the columns that there are, and safe whatever a configuration or log holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, explainFor, parseConfig } from '../../src/config/index.ts';
import type { Event } from '../../src/events/index.ts';
import { displayWidth, explainLine, renderExplanation } from '../../src/report/index.ts';

const OPTIONS = { colour: false, width: 80 };

function configOf(text: string): Config {
  const { config, accepted, messages } = parseConfig(text);
  assert.ok(accepted && config, messages.join('\n'));
  return config;
}

function eventOf(fields: Record<string, string>): Event {
  return {
    record: 7,
    time: Date.UTC(2024, 5, 3, 8),
    host: 'HOST',
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    eventId: 1,
    version: 5,
    fields: new Map(Object.entries(fields)),
  };
}

function render(
  text: string,
  fields: Record<string, string>,
  path = 'sysmon.xml',
  unknown: string[] = [],
): string {
  const config = configOf(text);
  const event = eventOf(fields);
  const explanation = explainFor(config, 1)((field) => event.fields.get(field));
  return renderExplanation({ path, text: config.source.text }, event, explanation, unknown, OPTIONS);
}

test('the event, the verdict, the name, the place, and the line with a caret below its element', () => {
  const text = `<Sysmon schemaversion="4.90">
<EventFiltering>
<ProcessCreate onmatch="include">
\t\t<!--\t--><Image name="a name" condition="image">a.exe</Image>
</ProcessCreate>
</EventFiltering>
</Sysmon>`;
  assert.equal(
    render(text, { ParentImage: 'C:\\p.exe', Image: 'C:\\a.exe' }),
    `2024-06-03 08:00:00.000  HOST              1 ProcessCreate
  ParentImage=C:\\p.exe  Image=C:\\a.exe
  logged      Image image "a.exe"
  RuleName a name
  sysmon.xml:4:11
      4 | <!-- --><Image name="a name" condition="image">a.exe</Image>
        |         ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

`,
  );
});

test('a stale name is told with the line that left it', () => {
  const text = `<Sysmon schemaversion="4.90"><EventFiltering>
<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Image condition="end with">.exe</Image>
</ProcessCreate></RuleGroup>
<ProcessCreate onmatch="include">
<Image name="left" condition="is">a.exe</Image>
<User condition="is">anna</User>
</ProcessCreate>
</EventFiltering></Sysmon>`;
  const out = render(text, { Image: 'a.exe', User: 'bert' }).replaceAll(/\s+/g, ' ');
  assert.match(
    out,
    / RuleName left the name is that of 6:1, which matched in what then failed: Image is "a\.exe" /,
  );
  // It would log as well: only what would turn the verdict is worth a line of its own.
  assert.match(out, / also 1 match in part \(--json lists them\) $/);
});

test('a whole configuration on one line shows the place and what is around it', () => {
  const filters = Array.from({ length: 3000 }, (_, i) => `<Image condition="is">${i}.exe</Image>`).join('');
  const text = `<Sysmon schemaversion="4.10"><EventFiltering><ProcessCreate onmatch="include">${filters}</ProcessCreate></EventFiltering></Sysmon>`;
  const lines = render(text, { Image: '1500.exe' }).split('\n');
  const caret = lines.findIndex((line) => line.includes('^~'));
  const from = lines[caret]!.indexOf('^');
  assert.ok(lines[caret - 1]!.slice(from).startsWith('<Image condition="is">1500.exe</Image'));
  assert.ok(lines.every((line) => displayWidth(line) <= 80));
});

test('nothing that a terminal would obey, and no line too wide', () => {
  const evil = `\u202e\u200b\u0085\u{e0041}${'漢'.repeat(90)}${'x'.repeat(500)}`;
  const text = `<Sysmon schemaversion="4.90"><EventFiltering>
<RuleGroup groupRelation="or" name="\u202ename"><ProcessCreate onmatch="include">
<Image condition="contains">\u202e</Image><User condition="contains">${evil}</User>
<Rule groupRelation="and"><Image condition="contains">\u202e</Image><CommandLine condition="is">${evil}</CommandLine></Rule>
</ProcessCreate></RuleGroup></EventFiltering></Sysmon>`;
  for (const fields of [
    { Image: evil, User: evil, CommandLine: evil },
    { Image: '\u001b]0;title\u0007', User: 'x', CommandLine: evil },
  ]) {
    const out = render(text, fields, `\u001b[31m${evil}.xml`, [evil, '\u001b[2J']);
    for (const line of out.split('\n')) assert.ok(displayWidth(line) <= 80, line);
    assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    const config = configOf(text);
    const explanation = explainFor(config, 1)((field) => (fields as Record<string, string>)[field]);
    const json = explainLine('a\u001b', eventOf(fields), explanation, [evil]);
    assert.doesNotMatch(json, /[\u0085\u202e]/);
    assert.equal((JSON.parse(json) as { source: string }).source, 'a\u001b');
  }
});
