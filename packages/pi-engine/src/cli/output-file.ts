import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DigitDestination } from './digit-destination.ts';

/**
 * A file that appears under its name only when it is complete: written beside it under another name, then renamed over it. What is
 * no plain file, such as `/dev/null` or a named pipe, is written to directly.
 *
 * Plain files are written synchronously: a chunk goes to the page cache in microseconds, and the first use of the asynchronous
 * functions alone would cost a small run a tenth of its time.
 *
 * @throws an error whose message names the file and says what is wrong
 */
export function openOutputFile(path: string): Promise<DigitDestination> {
  return explained(path, async () => {
    const target = resolveTarget(path);
    return target.isPlain ? openBeside(target.path, target.mode) : openDirectly(path);
  });
}

interface Target {
  readonly path: string;
  readonly isPlain: boolean;
  readonly mode: number;
}

/** Follows links, so that the file that they point to is replaced and not the link. */
function resolveTarget(path: string): Target {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { path, isPlain: true, mode: 0o666 };
  if (found.isDirectory()) throw new Error('it is a folder');
  return { path: realpathSync(path), isPlain: found.isFile(), mode: found.mode & 0o777 };
}

function openBeside(path: string, mode: number): DigitDestination {
  const draftPath = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = openSync(draftPath, 'wx', mode);
  return {
    write: (bytes) =>
      explained(path, async () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      }),
    finish: () =>
      explained(path, async () => {
        renameSync(draftPath, path);
        closeSync(file);
      }),
    discard: async () => {
      rmSync(draftPath, { force: true });
      closeSync(file);
    },
  };
}

async function openDirectly(path: string): Promise<DigitDestination> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'w');
  return {
    write: (bytes) =>
      explained(path, async () => {
        for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
      }),
    finish: () => explained(path, () => file.close()),
    discard: () => file.close(),
  };
}

async function explained<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explain(path, error);
  }
}

function explain(path: string, cause: unknown): Error {
  // The system's words without the call and the draft's name: `ENOSPC: no space left on device`.
  const message = cause instanceof Error ? cause.message.replace(/, \w+( '.*')?$/, '') : String(cause);
  return new Error(`cannot write ${path}: ${message}`, { cause });
}
