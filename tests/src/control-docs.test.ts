import { readFile } from 'node:fs/promises';
import { canMove, JOB_STATES, type Party } from '@pi-jobs/core';
import { expect, it } from 'vitest';

const PARTIES: readonly Party[] = ['client', 'worker', 'supervisor'];

it('docs/job-control.md shows the table of moves as the code has it', async () => {
  const text = await readFile(new URL('../../docs/job-control.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `(\w+)` \| `(\w+)` \| ([a-z, ]+) \|$/gm)].map(
    ([, from, to, parties]) => `${from} -> ${to}: ${parties}`,
  );
  const moves = JOB_STATES.flatMap((from) =>
    JOB_STATES.map((to) => ({ from, to, parties: PARTIES.filter((party) => canMove(from, to, party)) })),
  );
  const real = moves
    .filter(({ parties }) => parties.length > 0)
    .map(({ from, to, parties }) => `${from} -> ${to}: ${parties.join(', ')}`);
  expect(documented).toEqual(real);
});
