import type { FileVolume } from '../volume/file-volume.ts';
import { newJobRecord } from './job-record.ts';

/** Keeps a slot for a job to which nothing has happened yet; inside the mutex. One that was taken up meanwhile has a slot already. */
export async function keepSlot(volume: FileVolume, id: number): Promise<void> {
  const num = volume.ledger.numOf(id);
  if (num === undefined || volume.records.read(id, num) !== undefined) return;
  const record = newJobRecord(id, num, volume.creationOf(id).createdAt);
  await volume.records.write({ ...record, keepsSlot: true }, { durable: true });
}
