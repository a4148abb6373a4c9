import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root, sourcesOf, workspaces } from '../support/source-files.ts';

interface Kind {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
}

const isKind = (value: unknown): value is Kind =>
  typeof value === 'function' && 'code' in value && 'status' in value && 'meaning' in value;

/** Every catalogue of problems that a source file exports, as the rows that docs/errors.md shows of it. */
async function cataloguedRows(): Promise<string[]> {
  const files = workspaces()
    .flatMap(sourcesOf)
    .filter(({ isTest, text }) => !isTest && /= defineProblems\(/.test(text));
  const rows = new Set<string>();
  for (const { path } of files) {
    const exported: Record<string, unknown> = await import(`${root}${path}`);
    const kinds = Object.values(exported).flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value).filter(isKind) : [],
    );
    expect(kinds.length, `${path} exports its catalogue`).toBeGreaterThan(0);
    for (const { code, status, title, meaning } of kinds) {
      rows.add(`| \`${code}\` | ${status} | ${title} | ${meaning} |`);
    }
  }
  return [...rows].sort();
}

it('docs/errors.md lists every problem that any service answers as the code has it, and no other', async () => {
  const document = readFileSync(`${root}docs/errors.md`, 'utf8').split('\n');
  const documented = [...new Set(document.filter((line) => /^\| `\w+` \| \d{3} \| /.test(line)))].sort();
  expect(documented).toEqual(await cataloguedRows());
});
