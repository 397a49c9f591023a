/** Text in XML. */

/**
 * Markup; line ends and tabs, which XML would change; what a terminal would obey or hide; and what no XML 1.0 can hold:
 * other C0 controls, U+FFFE, U+FFFF and unpaired surrogates.
 */
const ESCAPED: RegExp =
  /[&<>"'\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]|\p{Cs}/gu;

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The text as it may stand in XML, in an element or an attribute; what XML can't hold is shown as `\u{..}`. */
export function escapeXml(text: string): string {
  return text.replace(ESCAPED, (found) => {
    const code = found.codePointAt(0)!;
    const lost = (code < 0x20 && !'\t\n\r'.includes(found)) || (code >= 0xd800 && code !== 0xfeff);
    return NAMED[found] ?? (lost ? `\\u{${code.toString(16)}}` : `&#x${code.toString(16).toUpperCase()};`);
  });
}
