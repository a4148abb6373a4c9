import { readFileSync } from 'node:fs';
import type { ProblemCatalogue } from '../problems/define-problems.ts';

const document = new URL('../../../../docs/errors.md', import.meta.url);

/** A catalogue as `docs/errors.md` shows it: one row a code. */
export function problemTable(problems: ProblemCatalogue): string {
  const rows = Object.values(problems).map(
    ({ code, status, title, meaning }) => `| \`${code}\` | ${status} | ${title} | ${meaning} |`,
  );
  return ['| code | status | title | when |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The table under a heading of `docs/errors.md`, as it stands there; for the test that holds it against the code. */
export function documentedProblems(heading: string): string {
  const text = readFileSync(document, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
}
