import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of this id runs. A zombie that whoever inherited it has not reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Resolves when `holds` does; throws after 30 seconds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
  }
}

/** Descriptors that this process has open. */
export function openDescriptors(): number {
  return readdirSync('/dev/fd').length;
}
