import { expect, it } from 'vitest';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { ObjectCapacity } from './object-capacity.ts';
import { ObjectLease } from './object-lease.ts';

it('is what the largest calculator tells that lives, and unknown while none does', async () => {
  const { store } = await temporaryObjects();
  expect(await new ObjectCapacity(store).mostDigits()).toBeUndefined();
  const leases = [{ mostDigits: 1_000 }, { mostDigits: 2_000 }, { maxConcurrentJobs: 3 }].map(
    (facts) => new ObjectLease(store, facts),
  );
  for (const lease of leases) await lease.start();
  expect(await new ObjectCapacity(store).mostDigits()).toBe(2_000);
  await leases[1]?.stop();
  expect(await new ObjectCapacity(store).mostDigits()).toBe(1_000);
  await leases[0]?.stop();
  expect(await new ObjectCapacity(store).mostDigits()).toBeUndefined();
  await leases[2]?.stop();
});
