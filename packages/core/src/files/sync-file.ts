import { closeSync, fdatasync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const flushData = promisify(fdatasync);
const flushAll = promisify(fsync);
const waiting = new Map<string, Promise<void>>();
const running = new Map<string, Promise<void>>();

/**
 * Makes the names in a folder durable: files created in it, renamed or removed before this call. Who asks while the folder is being
 * flushed may have come too late for that; all of them share the next flush.
 */
export function syncFolder(path: string): Promise<void> {
  const next = waiting.get(path) ?? flushAfter(path, running.get(path));
  waiting.set(path, next);
  return next;
}

async function flushAfter(path: string, current: Promise<void> | undefined): Promise<void> {
  await current?.catch(() => undefined);
  waiting.delete(path);
  const flushing = flushFolder(path);
  running.set(path, flushing);
  try {
    await flushing;
  } finally {
    if (running.get(path) === flushing) running.delete(path);
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await flushAll(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes durable what any process has written to a file before this call. */
export async function syncFile(path: string): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await flushData(file);
  } finally {
    closeSync(file);
  }
}
