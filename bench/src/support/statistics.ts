export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The value that the share `fraction` of the values does not exceed. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}

/**
 * Runs `ours` and `theirs` in turn, after a round that does not count, and returns each round's figures. What the machine does to one
 * it does to the other.
 */
export async function interleave(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ readonly ours: number; readonly theirs: number; readonly ratio: number }> {
  await ours();
  await theirs();
  const pairs: { readonly a: number; readonly b: number }[] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push({ a: await ours(), b: await theirs() });
  return {
    ours: median(pairs.map(({ a }) => a)),
    theirs: median(pairs.map(({ b }) => b)),
    ratio: median(pairs.map(({ a, b }) => a / b)),
  };
}

/** All programs in turn, `rounds` times, and once before to warm up if there are several rounds: times by name, a value a round. */
export async function interleaveAll(
  rounds: number,
  programs: ReadonlyMap<string, () => Promise<number>>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (rounds > 1) for (const run of programs.values()) await run();
  const times = new Map([...programs.keys()].map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of programs) times.get(name)?.push(await run());
  }
  return times;
}

/** The median over rounds of the ratio of two programs' times. */
export function medianRatio(times: readonly number[] = [], reference: readonly number[] = []): number {
  return median(times.map((time, round) => time / (reference[round] ?? Number.NaN)));
}
