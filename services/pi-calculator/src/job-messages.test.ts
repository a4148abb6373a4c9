import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileMessageQueue, FileObjectStore } from '@pi-jobs/core';
import { createLogger } from '@pi-jobs/http-kit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { JobMessages } from './job-messages.ts';

it('looks for lost messages only when the last look is over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'messages-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const store = await FileObjectStore.open(folder);
  onTestFinished(() => store.close());
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let end = (): void => undefined;
  const sweep = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const messages = new JobMessages({
    store,
    queue: await FileMessageQueue.open(folder),
    concurrency: 1,
    handlers: { image: { handle: async () => 'done', bury: async () => undefined, sweep } },
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  messages.start();
  onTestFinished(() => messages.stop());
  vi.advanceTimersByTime(180_000);
  expect(sweep).toHaveBeenCalledTimes(1);
  end();
  await vi.waitFor(() => {
    vi.advanceTimersByTime(60_000);
    expect(sweep).toHaveBeenCalledTimes(2);
  }, 10_000);
  end();
});
