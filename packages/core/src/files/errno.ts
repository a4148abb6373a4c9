/** The system's error code (`ENOENT`, `ENOSPC`, ...) of a failed file operation, or undefined for any other error. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** For operations where "not there" is an answer: passes the value on, turns ENOENT into undefined, throws the rest. */
export async function ifPresent<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Conditions that an operator mends while the work waits: no space, no quota, no access, a failing or overloaded disk. */
export function isStorageCondition(error: unknown): boolean {
  const code = errnoCode(error);
  return code !== undefined && STORAGE_CONDITIONS.has(code);
}

/** For `catch`, where work that the storage refuses now is made up for later: throws any other error. */
export function ignoreStorageCondition(error: unknown): void {
  if (!isStorageCondition(error)) throw error;
}

/** Is there no room left, on the disk or in the quota? */
export function isStorageFull(error: unknown): boolean {
  const code = errnoCode(error);
  return code !== undefined && FULL.has(code);
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const STORAGE_CONDITIONS = new Set([...FULL, 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EBUSY', 'EMFILE', 'ENFILE']);
