import { readFileSync } from 'node:fs';

/** Resident memory of a process and of all that it has started, in bytes. */
export function residentBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return kilobytes * 1024 + children.reduce((sum, child) => sum + residentBytes(child), 0);
}

/** Nothing of a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
