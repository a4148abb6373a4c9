import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DigitDestination } from './digit-destination.ts';

/**
 * A file that appears under its name only when it is complete: written beside it under another name, then renamed over it. What is
 * no plain file, such as `/dev/null` or a named pipe, is written to directly.
 *
 * @throws an error whose message names the file and says what is wrong
 */
export async function openOutputFile(path: string): Promise<DigitDestination> {
  try {
    const target = await resolveTarget(path);
    return target.isPlain ? await openBeside(target.path, target.mode) : await openDirectly(path);
  } catch (error) {
    throw explain(path, error);
  }
}

interface Target {
  readonly path: string;
  readonly isPlain: boolean;
  readonly mode: number;
}

/** Follows links, so that the file that they point to is replaced and not the link. */
async function resolveTarget(path: string): Promise<Target> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    return { path: await realpath(path), isPlain: found.isFile(), mode: found.mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path, isPlain: true, mode: 0o666 };
  }
}

async function openBeside(path: string, mode: number): Promise<DigitDestination> {
  const draftPath = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = await open(draftPath, 'wx', mode);
  return {
    write: (bytes) => writeAll(file, bytes, path),
    finish: async () => {
      await file.close();
      await rename(draftPath, path);
    },
    discard: async () => {
      await file.close().catch(() => {});
      await rm(draftPath, { force: true });
    },
  };
}

async function openDirectly(path: string): Promise<DigitDestination> {
  const file = await open(path, 'w');
  return {
    write: (bytes) => writeAll(file, bytes, path),
    finish: () => file.close(),
    discard: () => file.close().catch(() => {}),
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
  } catch (error) {
    throw explain(path, error);
  }
}

function explain(path: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message.replace(/, \w+( '.*')?$/, '') : String(cause);
  return new Error(`cannot write ${path}: ${message}`, { cause });
}
