import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { copyCertainText, DigitFileWriter } from '../digits/digit-file.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/**
 * Gives a new owner a digit file that nobody else writes, holding what former owners had made certain. The file of an owner that
 * let go properly is taken as it is. One that died, or only lost its lease, may still write to its file; so the new owner gets a
 * copy under the same name, and what the former one writes has no name any more:
 *
 *     copy N.num.txt.lock -> temporary file -> (mutex, token still ours) -> rename over N.num.txt.lock
 *
 * Returns undefined when the job was taken from us meanwhile.
 */
export async function takeOverDigits(
  volume: FileVolume,
  record: JobRecord,
  { isReleased }: { readonly isReleased: boolean },
): Promise<DigitFileWriter | undefined> {
  const { layout } = volume;
  const partial = layout.partialDigits(record.id, record.num);
  const released = isReleased ? await ifPresent(stat(partial)) : undefined;
  if (released !== undefined) return new DigitFileWriter(await open(partial, 'r+'), released.size);
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
