import { open } from 'node:fs/promises';
import { readSpan } from '@pi-jobs/core';
import { FileExchangeError } from '../file-exchange-error.ts';
import type { UploadRules } from '../rules/upload-rules.ts';

/** Checks a file that lies complete on the disk as if it were uploaded under `filename`, and makes sure that it is on the disk. */
export async function adoptFile(
  path: string,
  filename: string,
  rules: UploadRules,
  checkName: (size: number) => Promise<void>,
): Promise<void> {
  await using file = await open(path, 'r+');
  const stats = await file.stat();
  if (!stats.isFile()) throw new FileExchangeError('not_found', 'The upload is gone.');
  await checkName(stats.size);
  const inspector = rules.inspectorFor(filename);
  for await (const chunk of readSpan(file, { start: 0, end: stats.size })) {
    inspector.push(chunk);
    if (inspector.settled) break;
  }
  inspector.end();
  await file.sync();
}
