import { expect, it, vi } from 'vitest';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { newJobRecord } from './job-record.ts';

it('looks again at what has changed when a look failed', async () => {
  const volume = await openVolume(await temporaryFolder());
  const store = openStore(volume);
  const make = async (id: number, num: number): Promise<void> => {
    await store.create({ num, verify: false });
    const record = newJobRecord(id, num, new Date().toISOString());
    await volume.mutex.run(() => volume.records.write(record, { durable: false }));
  };
  const refresh = () => volume.mutex.run(() => volume.openJobs.refresh());
  await make(1, 5);
  await refresh();
  expect([...volume.openJobs.waiting.keys()]).toEqual([1]);
  await make(2, 6);
  await make(3, 7);
  vi.spyOn(volume.records, 'read').mockImplementationOnce(() => {
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  });
  await expect(refresh()).rejects.toThrow('EIO');
  await refresh();
  expect([...volume.openJobs.waiting.keys()]).toEqual([1, 2, 3]);
});
