import { once } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ObjectStore, PutOptions } from '../../ports/object-store.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { ObjectLease } from './object-lease.ts';

it('is renewed again when a renewal is never answered', async () => {
  const { store } = await temporaryObjects();
  let puts = 0;
  const put: ObjectStore['put'] = async (key, content, options: PutOptions = {}) => {
    puts += 1;
    if (puts !== 2) return store.put(key, content, options);
    if (options.signal === undefined) return new Promise(() => undefined);
    await once(options.signal, 'abort');
    throw options.signal.reason;
  };
  const lease = new ObjectLease({ put, delete: store.delete.bind(store) } as unknown as ObjectStore, {});
  await lease.start();
  onTestFinished(() => lease.stop());
  lease.setTransfer('a', { bytes: 0, total: null, bytesPerSecond: null });
  await vi.waitFor(() => expect(puts).toBeGreaterThanOrEqual(3), 10_000);
}, 15_000);
