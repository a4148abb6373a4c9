import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const file = new URL('../../fixtures/slow-service.ts', import.meta.url);

it('a service that was started with an IPC channel tells its parent the URL, and stops when the parent is gone', async () => {
  const child = fork(file, {
    env: { ...process.env, JOB_API_PORT: '0' },
    execArgv: ['--conditions=@pi-jobs/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = await once(child, 'message');
  expect(message).toEqual({ type: 'listening', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
