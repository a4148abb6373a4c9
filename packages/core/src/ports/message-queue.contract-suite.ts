import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Message, MessageQueue } from './message-queue.ts';

export interface MessageQueueUnderTest extends AsyncDisposable {
  /** Empty; a message becomes a dead letter after `MAX_ATTEMPTS` deliveries. */
  readonly queue: MessageQueue;
}

export const MAX_ATTEMPTS = 3;

const LONG = { visibilitySeconds: 60, waitSeconds: 5 };
const SHORT = { visibilitySeconds: 1, waitSeconds: 5 };
const NOW = { visibilitySeconds: 60 };

/** What every adapter of the interface must do. */
export function describeMessageQueue(adapter: string, make: () => Promise<MessageQueueUnderTest>): void {
  describe(`message queue: ${adapter}`, () => {
    it('delivers what was sent, oldest first, and never again once it is acknowledged', async () => {
      await using test = await make();
      const bodies = ['first', '第二 ✓', JSON.stringify({ n: 3 }), 'x'.repeat(60_000)];
      for (const body of bodies) await test.queue.send(body);
      const received: string[] = [];
      for (const _ of bodies) {
        const message = await mustReceive(test.queue, SHORT);
        expect(message.attempt).toBe(1);
        received.push(message.body);
        expect(await message.acknowledge()).toBe(true);
      }
      expect(received).toEqual(bodies);
      await sleep(1_200);
      expect(await test.queue.receive(NOW)).toBeUndefined();
    });

    it('shows a message to nobody else while it is held, and delivers it again when the time is over', async () => {
      await using test = await make();
      await test.queue.send('a');
      const first = await mustReceive(test.queue, SHORT);
      expect(await test.queue.receive(NOW)).toBeUndefined();
      const second = await mustReceive(test.queue, LONG);
      expect(second).toMatchObject({ id: first.id, body: 'a', attempt: 2 });
      await second.acknowledge();
      expect(await test.queue.receive(NOW)).toBeUndefined();
    });

    it('keeps a message for its receiver as long as that extends its time', async () => {
      await using test = await make();
      await test.queue.send('a');
      const message = await mustReceive(test.queue, SHORT);
      for (let turn = 0; turn < 4; turn += 1) {
        await sleep(500);
        expect(await message.extend(1)).toBe(true);
        expect(await test.queue.receive(NOW)).toBeUndefined();
      }
      expect(await message.acknowledge()).toBe(true);
    });

    it('does not extend the time of a message when it is told in time to give that up', async () => {
      await using test = await make();
      await test.queue.send('a');
      const first = await mustReceive(test.queue, SHORT);
      await expect(first.extend(60, { signal: AbortSignal.abort() })).rejects.toThrow();
      const second = await mustReceive(test.queue, LONG);
      expect(second.attempt).toBe(2);
      await second.acknowledge();
    });

    it('delivers a message again as soon as it is released, or after the delay that was asked for', async () => {
      await using test = await make();
      await test.queue.send('a');
      const first = await mustReceive(test.queue, LONG);
      expect(await first.release()).toBe(true);
      const second = await mustReceive(test.queue, LONG);
      expect(second.attempt).toBe(2);
      await second.release(1);
      expect(await test.queue.receive(NOW)).toBeUndefined();
      const third = await mustReceive(test.queue, LONG);
      expect(third.attempt).toBe(3);
      await third.acknowledge();
    });

    it('gives each of many messages to exactly one of many receivers', async () => {
      await using test = await make();
      const bodies = Array.from({ length: 60 }, (_, index) => `message ${index}`);
      await Promise.all(bodies.map((body) => test.queue.send(body)));
      const received: string[] = [];
      const receiver = async (): Promise<void> => {
        for (;;) {
          const message = await test.queue.receive({ visibilitySeconds: 60, waitSeconds: 1 });
          if (message === undefined) return;
          received.push(message.body);
          await message.acknowledge();
        }
      };
      await Promise.all(Array.from({ length: 12 }, receiver));
      expect(received.sort()).toEqual(bodies.sort());
    });

    it('puts a message aside that was delivered too often without an end', async () => {
      await using test = await make();
      await test.queue.send('poison');
      await test.queue.send('sound');
      const left = new Map<string, number>();
      for (let delivery = 0; delivery < MAX_ATTEMPTS + 1; delivery += 1) {
        const message = await mustReceive(test.queue, LONG);
        left.set(message.body, (left.get(message.body) ?? 0) + 1);
        if (message.body === 'sound') await message.acknowledge();
        else await message.release();
      }
      expect(left.get('poison')).toBe(MAX_ATTEMPTS);
      expect(await test.queue.receive({ visibilitySeconds: 60, waitSeconds: 1 })).toBeUndefined();
      const dead = await test.queue.receiveDead(LONG);
      expect(dead?.body).toBe('poison');
      expect(await dead?.acknowledge()).toBe(true);
      expect(await test.queue.receiveDead(NOW)).toBeUndefined();
    });

    it('wakes a receiver that waits, and lets one go that is told to', async () => {
      await using test = await make();
      const waiting = test.queue.receive({ visibilitySeconds: 60, waitSeconds: 10 });
      await sleep(300);
      const sentAt = performance.now();
      await test.queue.send('a');
      expect((await waiting)?.body).toBe('a');
      expect(performance.now() - sentAt).toBeLessThan(8_000);
      const abort = new AbortController();
      const stopped = test.queue.receive({ visibilitySeconds: 60, waitSeconds: 20, signal: abort.signal });
      const stoppedAt = performance.now();
      setTimeout(() => abort.abort(), 200);
      expect(await stopped).toBeUndefined();
      expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    });
  });
}

async function mustReceive(queue: MessageQueue, options: typeof LONG): Promise<Message> {
  const message = await queue.receive(options);
  if (message === undefined) throw new Error('no message came');
  return message;
}
