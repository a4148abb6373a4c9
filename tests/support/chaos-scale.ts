/** How many times the usual number of attacks: 1 in the tests, more in a campaign (`npm run chaos -- 20`). */
export const chaosScale = Number(process.env['CHAOS_SCALE'] ?? 1);

/** Timeout of a test that takes `seconds` at the usual scale on a quiet machine. */
export function chaosTimeoutMs(seconds: number): number {
  return seconds * 4_000 * chaosScale;
}
