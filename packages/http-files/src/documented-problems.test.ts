import { documentedProblems, problemTable } from '@pi-jobs/http-kit/testing';
import { expect, it } from 'vitest';
import { fileProblems } from './file-problems.ts';

it('docs/errors.md lists every problem of files as the code has it', () => {
  expect(documentedProblems('Files')).toBe(problemTable(fileProblems));
});
