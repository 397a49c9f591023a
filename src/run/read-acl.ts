/** `--acl`: what icacls or accesschk said of a machine. */
import { readFileSync } from 'node:fs';
import { decodeConfig } from '../config/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { type Acl, parseAcl } from '../room/index.ts';

/** Throws QuestionError for a file that can't be read, and with the line of what is no output of either. */
export function readAcl(path: string): Acl {
  let text: string;
  try {
    text = decodeConfig(readFileSync(path)).text;
  } catch (error) {
    throw new QuestionError(
      'acl-unreadable',
      `--acl ${path}: expected a file that can be read: ${(error as Error).message}`,
    );
  }
  const { acl, problems } = parseAcl(text);
  const [problem] = problems;
  if (problem)
    throw new QuestionError('acl-syntax', `--acl ${path}: line ${problem.line}: ${problem.message}`);
  return acl;
}
