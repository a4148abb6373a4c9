import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Message, MessageQueue } from '../../ports/message-queue.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { formatJobMessage, type JobMessage } from './job-message.ts';
import { MessageWorker, type MessageWorkerOptions } from './message-worker.ts';

function startWorker(queue: MessageQueue, options: Partial<MessageWorkerOptions>): MessageWorker {
  const worker = new MessageWorker({
    queue,
    concurrency: 2,
    visibilitySeconds: 1,
    handle: async () => 'done',
    bury: async () => undefined,
    onError: () => undefined,
    ...options,
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return worker;
}

it('keeps a message for as long as its work takes, and acknowledges it at the end', async () => {
  const { queue } = await temporaryObjects();
  const begun: string[] = [];
  let done = 0;
  const handle = async ({ job_id }: JobMessage) => {
    begun.push(job_id);
    await sleep(3_500);
    done += 1;
    return 'done' as const;
  };
  // Long enough that a machine which stands still for a second takes it from nobody.
  const visibilitySeconds = 2;
  startWorker(queue, { handle, visibilitySeconds });
  startWorker(queue, { handle, visibilitySeconds });
  const id = randomUUID();
  await queue.send(formatJobMessage('image', id));
  await vi.waitFor(() => expect(done).toBe(1), 10_000);
  expect(begun).toEqual([id]);
  expect(await queue.receive({ visibilitySeconds: 1, waitSeconds: 1 })).toBeUndefined();
});

it('asks for more time again when the queue never answers', async () => {
  const { queue } = await temporaryObjects();
  let extensions = 0;
  const receive: MessageQueue['receive'] = async (options) => {
    const message = await queue.receive(options);
    if (message === undefined) return undefined;
    const extend: Message['extend'] = async (seconds, { signal } = {}) => {
      extensions += 1;
      if (extensions > 1) return await message.extend(seconds);
      if (signal === undefined) return new Promise(() => undefined);
      await once(signal, 'abort');
      throw signal.reason;
    };
    const { id, body, attempt } = message;
    const release = message.release.bind(message);
    return { id, body, attempt, extend, acknowledge: message.acknowledge.bind(message), release };
  };
  const unanswered: MessageQueue = {
    receive,
    send: queue.send.bind(queue),
    receiveDead: queue.receiveDead.bind(queue),
  };
  let isEnough = (): void => undefined;
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  startWorker(unanswered, { handle: () => enough.then(() => 'done') });
  await queue.send(formatJobMessage('image', randomUUID()));
  await vi.waitFor(() => expect(extensions).toBeGreaterThan(1), 10_000);
  isEnough();
});

it('works on no more messages at once than it may', async () => {
  const { queue } = await temporaryObjects();
  let running = 0;
  let most = 0;
  let done = 0;
  startWorker(queue, {
    handle: async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(50);
      running -= 1;
      done += 1;
      return 'done';
    },
  });
  for (let index = 0; index < 10; index += 1) await queue.send(formatJobMessage('image', randomUUID()));
  await vi.waitFor(() => expect(done).toBe(10), 10_000);
  expect(most).toBe(2);
});

it('gives a message whose work fails to the next, after a while', async () => {
  const { queue } = await temporaryObjects();
  const attempts: number[] = [];
  const errors: unknown[] = [];
  startWorker(queue, {
    handle: async (_message, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('not yet');
      return 'done';
    },
    onError: (error) => errors.push(error),
  });
  await queue.send(formatJobMessage('image', randomUUID()));
  await vi.waitFor(() => expect(attempts).toEqual([1, 2]), 10_000);
  expect(errors).toHaveLength(1);
});

it('tells the work to stop when the worker stops, and gives its message back at once', async () => {
  const { queue } = await temporaryObjects();
  let reason: unknown;
  const worker = startWorker(queue, {
    visibilitySeconds: 60,
    handle: async (_message, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      reason = signal.reason;
      return { againInSeconds: 0 };
    },
  });
  await queue.send(formatJobMessage('digits', randomUUID()));
  await vi.waitFor(() => expect(worker.running).toBe(1), 10_000);
  await worker.stop();
  expect(reason).toMatchObject({ reason: 'shutdown' });
  expect(await queue.receive({ visibilitySeconds: 1 })).toMatchObject({ attempt: 2 });
});

it('has the job of a dead letter put down, and leaves a text that is none of ours where it is', async () => {
  const { queue } = await temporaryObjects({ maxAttempts: 1 });
  const id = randomUUID();
  await queue.send('who reads this?');
  await queue.send(formatJobMessage('image', id));
  for (let delivery = 0; delivery < 2; delivery += 1) {
    await (await queue.receive({ visibilitySeconds: 1 }))?.release();
  }
  expect(await queue.receive({ visibilitySeconds: 1 })).toBeUndefined();
  const buried: string[] = [];
  startWorker(queue, { bury: async ({ job_id }) => void buried.push(job_id), deadLetterPollMs: 50 });
  await vi.waitFor(() => expect(buried).toEqual([id]), 15_000);
});
