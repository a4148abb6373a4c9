import { writeFileSync } from 'node:fs';

/** Asks Linux to end this process first when the machine runs out of memory, before the service; elsewhere there is nothing to ask. */
export function offerToOomKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or /proc is not to be written to: the limits on memory hold all the same.
  }
}
