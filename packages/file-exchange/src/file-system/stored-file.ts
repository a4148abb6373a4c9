import type { BigIntStats } from 'node:fs';
import type { StoredFile } from '../file-exchange.ts';

/**
 * The entity tag is made of what changes whenever the bytes do: a name is only given to a new inode, and inode numbers that are used
 * again come with a later time.
 */
export function describeStoredFile(filename: string, stats: BigIntStats): StoredFile {
  const tag = [stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join('-');
  return { filename, size: Number(stats.size), etag: `"${tag}"`, modifiedAt: stats.mtime };
}
