import { setTimeout } from 'node:timers/promises';

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves with the first value that is not undefined, asked for every few milliseconds. */
export async function eventually<T>(read: () => T | undefined, timeoutMs = 10_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const value = read();
    if (value !== undefined) return value;
    await setTimeout(5);
  }
  throw new Error(`nothing came of it in ${timeoutMs} ms`);
}
