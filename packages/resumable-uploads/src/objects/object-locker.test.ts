import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileObjectStore } from '@pi-jobs/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ObjectLocker } from './object-locker.ts';

const ID = 'contents/a';
const never = new AbortController().signal;

/** Lockers of two instances on one store. */
async function twoInstances(options: { readonly leaseMs?: number; readonly timeoutMs?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'object-locker-'));
  const store = await FileObjectStore.open(folder);
  onTestFinished(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });
  const make = () => new ObjectLocker(store, { keyOf: (id) => id.replace('contents', 'locks'), ...options });
  return { store, first: make(), second: make() };
}

it('of many requests at two instances one at a time has the upload, and each has it once', async () => {
  const { first, second } = await twoInstances();
  let holders = 0;
  let most = 0;
  const visit = async (locker: ObjectLocker): Promise<void> => {
    const lock = locker.newLock(ID);
    await lock.lock(never, () => undefined);
    locker.assertHeld(ID);
    holders += 1;
    most = Math.max(most, holders);
    await new Promise((resolve) => setTimeout(resolve, 5));
    holders -= 1;
    await lock.unlock();
  };
  await Promise.all([first, second, first, second, first, second].map(visit));
  expect(most).toBe(1);
  expect(() => first.assertHeld(ID)).toThrow();
});

it('who has it is asked to let go when somebody waits, and the next has it then', async () => {
  const { first, second } = await twoInstances({ leaseMs: 2_000 });
  const held = first.newLock(ID);
  const requestRelease = vi.fn(() => held.unlock());
  // Not before it returns may it be released: a request ends some time after it was told to.
  await held.lock(never, () => void requestRelease());
  const waiting = second.newLock(ID);
  await waiting.lock(never, () => undefined);
  expect(requestRelease).toHaveBeenCalled();
  second.assertHeld(ID);
  await waiting.unlock();
});

it('who holds on to it keeps it as long as it gives signs of life, and the other is refused in time', async () => {
  const { first, second } = await twoInstances({ leaseMs: 1_000, timeoutMs: 1_500 });
  const held = first.newLock(ID);
  await held.lock(never, () => undefined);
  await expect(second.newLock(ID).lock(never, () => undefined)).rejects.toMatchObject({
    status_code: 500,
    body: expect.stringContaining('lock'),
  });
  first.assertHeld(ID);
  await held.unlock();
});

it('what a dead holder had goes to the next, and one that comes back from the dead is told so', async () => {
  const { store, first, second } = await twoInstances({ leaseMs: 1_000 });
  const dead = first.newLock(ID);
  const requestRelease = vi.fn();
  await dead.lock(never, requestRelease);
  const { version, size } = (await store.stat('locks/a')) ?? {};
  expect(size).toBeGreaterThan(0);
  // As it is when its process has stood still for longer than the lease.
  const stale = {
    version: 1,
    holder: crypto.randomUUID(),
    until: new Date(0).toISOString(),
    isWanted: false,
  };
  await store.put('locks/a', Buffer.from(JSON.stringify(stale)), { ifVersion: version ?? '' });
  const next = second.newLock(ID);
  await next.lock(never, () => undefined);
  await vi.waitFor(() => expect(requestRelease).toHaveBeenCalled(), 10_000);
  expect(() => first.assertHeld(ID)).toThrow();
  await dead.unlock();
  second.assertHeld(ID);
  await next.unlock();
});
