import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * The real path of what lies at `steps` below `root`, all symbolic links followed; undefined when nothing is there, when it may not
 * be looked at, or when it truly lies outside the root or is hidden in it.
 */
export async function resolveInside(root: string, steps: string): Promise<string | undefined> {
  try {
    const realRoot = await realpath(root);
    const real = await realpath(join(realRoot, steps));
    const way = relative(realRoot, real);
    // A way out begins with `..`, so one question answers both.
    return way.split(sep).some((step) => step.startsWith('.')) ? undefined : real;
  } catch {
    return undefined;
  }
}
