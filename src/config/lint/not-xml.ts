/** What most often keeps a configuration from being XML (sysmon-lint-rules, A5, A7 and D46). */

/** A hint for a message of the XML parser; null where there is none. */
export function whyNotXml(message: string): string | null {
  return HINTS.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /entity/i,
    'write & as &amp; and < as &lt;: XML knows &amp; &lt; &gt; &quot; &apos; alone, not those of HTML',
  ],
  [
    /unexpected close tag|unmatched closing tag|unclosed tag/i,
    'a tag is not closed, or is closed under another name',
  ],
  [
    /outside of root|document must contain a root|text data outside/i,
    'a configuration has one root element, Sysmon, and nothing behind it',
  ],
  [/disallowed character|unexpected character/i, 'write & as &amp; and < as &lt; in values'],
  [/duplicate attribute/i, 'an attribute is written twice'],
];
