import { readdir } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';

/** A key is honoured for a day at least; this long after it was written last it is forgotten. */
const KEPT_MS = 48 * 3600 * 1000;

/** Forgets keys that were written two days ago or earlier. */
export async function sweepKeys({ idempotencyFolders }: VolumeLayout): Promise<void> {
  for (const name of (await ifPresent(readdir(idempotencyFolders))) ?? []) {
    await sweepFolder(`${idempotencyFolders}/${name}`, KEPT_MS);
  }
}
