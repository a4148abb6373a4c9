import { expect, it } from 'vitest';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { jobIdOfKey, sweepKeyObjects } from './idempotency-keys.ts';

it('honours a key for a day at least, and forgets it after two', async () => {
  const { store } = await temporaryObjects();
  const idempotency = { key: 'k', fingerprint: '{}' };
  const id = await jobIdOfKey(store, idempotency);
  const inHours = (hours: number): number => Date.now() + hours * 3600 * 1000;
  await sweepKeyObjects(store, inHours(47));
  expect(await jobIdOfKey(store, idempotency)).toBe(id);
  await sweepKeyObjects(store, inHours(49));
  expect(await jobIdOfKey(store, idempotency)).not.toBe(id);
});
