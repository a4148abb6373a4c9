import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { ifPresent } from '../files/errno.ts';
import { copyCertainText, DigitFileWriter } from './digit-file.ts';
import type { FileVolume } from './file-volume.ts';
import type { JobRecord } from './job-record.ts';

/**
 * Gives a new owner a digit file of its own, holding what former owners had made certain. A former owner that lost its lease but
 * not its life goes on writing to the old file, which has no name any more: two owners never write one file.
 *
 *     copy N.num.txt.lock -> temporary file -> (mutex, token still ours) -> rename over N.num.txt.lock
 *
 * Returns undefined when the job was taken from us meanwhile.
 */
export async function takeOverDigits(
  volume: FileVolume,
  record: JobRecord,
): Promise<DigitFileWriter | undefined> {
  const { layout } = volume;
  const partial = layout.partialDigits(record.id, record.num);
  const temporary = `${layout.temporary}/${randomUUID()}`;
  const file = await open(temporary, 'wx');
  try {
    const bytes = (await ifPresent(copyCertainText(partial, file))) ?? 0;
    const isOurs = await volume.mutex.run(async () => {
      const current = volume.records.read(record.id, record.num);
      if (current?.owner?.token !== record.owner?.token) return false;
      await rename(temporary, partial);
      return true;
    });
    if (isOurs) return new DigitFileWriter(file, bytes);
  } catch (error) {
    await discard(file, temporary);
    throw error;
  }
  await discard(file, temporary);
  return undefined;
}

async function discard(file: FileHandle, path: string): Promise<void> {
  await file.close();
  await ifPresent(unlink(path));
}
