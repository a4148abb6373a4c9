import { describe, expect, it } from 'vitest';
import { kitProblems } from './kit-problems.ts';
import { problemFromError } from './problem-from-error.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: failed, open '/srv/secret'`), { code });
}

describe('the problem that an error becomes', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    it(`${code}: 507`, () => expect(problemFromError(systemError(code))).toMatchObject({ status: 507 }));
  }
  for (const code of ['EACCES', 'EBUSY', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE', 'EIO']) {
    it(`${code}: 503 with Retry-After`, () => {
      expect(problemFromError(systemError(code))).toMatchObject({
        status: 503,
        headers: { 'Retry-After': 5 },
      });
    });
  }
  for (const error of [systemError('ENOENT'), new TypeError('x'), 'text', undefined, null, { status: 404 }]) {
    it(`${String(error)}: 500`, () => expect(problemFromError(error)).toMatchObject({ status: 500 }));
  }

  it('is found below the error that wraps it, also in a circle of causes', () => {
    expect(problemFromError(new Error('outer', { cause: systemError('ENOSPC') }))).toMatchObject({
      status: 507,
    });
    const circle = new Error('a');
    circle.cause = circle;
    expect(problemFromError(circle)).toMatchObject({ status: 500 });
  });

  it('is itself when it is a problem', () => {
    const problem = kitProblems.not_found('No.', { cause: systemError('ENOSPC') });
    expect(problemFromError(problem)).toBe(problem);
  });

  it('keeps the 4xx status of an error of Express without its words', () => {
    const ranged = Object.assign(new Error("ENOENT: no such file, stat '/srv/secret'"), { status: 416 });
    expect(problemFromError(ranged)).toMatchObject({ status: 416, code: 'request_refused' });
    expect(problemFromError(Object.assign(new Error('x'), { status: 404 }))).toMatchObject({
      code: 'not_found',
    });
    expect(problemFromError(Object.assign(new Error('x'), { status: 502 }))).toMatchObject({ status: 500 });
    expect(problemFromError(Object.assign(new Error('x'), { status: 499 }))).toMatchObject({ status: 500 });
  });

  it('never says what the error says, and keeps the error as the cause', () => {
    for (const error of [
      systemError('ENOSPC'),
      systemError('EACCES'),
      systemError('X'),
      new Error('/srv/secret'),
    ]) {
      const problem = problemFromError(error);
      expect(problem.detail).not.toContain('secret');
      expect(problem.cause).toBe(error);
    }
  });
});
