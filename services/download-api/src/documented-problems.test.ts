import { documentedProblems, problemTable } from '@pi-jobs/http-kit/testing';
import { expect, it } from 'vitest';
import { problems } from './problems.ts';

it('docs/errors.md lists every problem of the Download API as the code has it', () => {
  expect(documentedProblems('Download API')).toBe(problemTable(problems));
});
