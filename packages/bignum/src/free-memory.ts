/** By then whoever waited for the end of a computation has let go of it. */
const delayMs = 50;

/**
 * Shared memory goes back to the system when a full collection finds that nobody holds it. V8 does not count it, so that without being
 * asked it would let gigabytes lie for as long as little else is allocated.
 */
export function freeMemorySoon(): void {
  const timer = setTimeout(async () => {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
      import('node:v8'),
      import('node:vm'),
    ]);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
    collect();
  }, delayMs);
  timer.unref();
}
