import { expect, it } from 'vitest';
import { documentedProblems, problemTable } from '../testing/index.ts';
import { kitProblems } from './kit-problems.ts';

it('docs/errors.md lists every problem of the kit as the code has it', () => {
  expect(documentedProblems('Every service')).toBe(problemTable(kitProblems));
});
