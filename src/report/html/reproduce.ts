/** How to get this page again: the command, the version, what was asked and of which logs. */
import { quoted } from '../next-command.ts';
import { count } from '../numbers.ts';
import { safeText } from '../terminal.ts';
import { html, type Html } from './escape.ts';

export interface Reproduction {
  /** The words behind the program's name, as the shell gave them. */
  readonly command: readonly string[];
  readonly questionText: string;
  readonly logs: readonly string[];
  readonly version: string;
}

const MOST_LOGS = 100;

/** An option, or standard input: means itself in every shell. */
const OPTION: RegExp = /^-(?:-?[A-Za-z][A-Za-z0-9-]*)?$/;

export function reproduce({ command, questionText, logs, version }: Reproduction): Html {
  const plain = command.map(portableWord);
  const portable = !plain.includes(null);
  const line = ['noisefloor', ...(portable ? plain : command.map(posixQuoted))].join(' ');
  const shell = portable ? 'In any usual shell' : 'In a POSIX shell (bash, zsh, sh)';
  const hidden = command.some((word) => safeText(word) !== word);
  return html`<p>${shell}:</p>
    <pre tabindex="0"><code>${line}</code></pre>
    ${hidden && html`<p class="note">Characters that can't be shown stand here as <code>${String.raw`\u{..}`}</code>: type them as they were.</p>`}
    <dl class="pairs">
      <dt>Version</dt>
      <dd>noisefloor ${version}</dd>
      <dt>Question</dt>
      <dd><code>${questionText}</code></dd>
      <dt>Logs</dt>
      <dd>
        ${logs.slice(0, MOST_LOGS).map((log) => html`<code>${log}</code><br />`)}${logs.length > MOST_LOGS && `and ${count(logs.length - MOST_LOGS)} more`}
      </dd>
    </dl>
    <p class="note">The same logs and the same command give the same bytes; no time of making is kept.</p>`;
}

function portableWord(word: string): string | null {
  return OPTION.test(word) ? word : quoted(word);
}

/** A word that a POSIX shell takes as it stands: within single quotes nothing but their end means anything. */
function posixQuoted(word: string): string {
  return portableWord(word) ?? `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
