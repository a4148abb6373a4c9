import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import type { ExactAnswer } from './send-exactly.ts';

/** Is it an RFC 9457 answer with everything that this project promises of one, and with nothing of the host in it? */
export function expectProblem(answer: ExactAnswer, status: number, code?: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(answer.text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^\/docs#/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.any(String),
    success: false,
    error: problem['detail'],
    request_id: answer.headers['x-request-id'],
  });
  if (code !== undefined) expect(problem['code'], answer.text).toBe(code);
  expect(answer.text).not.toContain(tmpdir());
  expect(answer.text).not.toMatch(/node_modules|\bat .*:\d+:\d+|\.ts\b/);
}
