/**
 * Measures what the engine's times are told by and writes them to `wasm/measured-times.ts`, in place of those that are there for the
 * same digits and threads. Run by hand, on a machine with two cores and nothing else to do, when the arithmetic has changed:
 *
 *     node --conditions=@pi-jobs/source packages/pi-engine/src/testing/measure-times.ts DIGITS[/THREADS]...
 *
 * Without THREADS on one and on two. The lengths in use stand in that file; a length takes about three times as long as its digits,
 * with each number of threads. Of several runs of the same length the fastest counts: it was disturbed the least.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PiComputation, type PiProgress } from '@pi-jobs/bignum';
import { DigitTally } from '../verify/digit-tally.ts';
import { verifyHexTail } from '../verify/verify-hex-tail.ts';
import { ladderOf } from '../wasm/ladder.ts';
import type { MeasuredTimes } from '../wasm/measured-run.ts';
import { measuredTimes } from '../wasm/measured-times.ts';

const output = fileURLToPath(new URL('../wasm/measured-times.ts', import.meta.url));
const phases = ['splitting', 'root', 'division', 'conversion'] as const;
const parts = 8;
/** Runs take at least that many seconds together. */
const enoughSeconds = 3;

interface Look extends PiProgress {
  readonly at: number;
}

const wanted = process.argv.slice(2).flatMap((argument) => {
  const [decimals, only] = argument.split('/').map(Number);
  return (only === undefined ? [1, 2] : [only]).map((threads) => ({ decimals: decimals ?? 0, threads }));
});
if (wanted.length === 0 || !wanted.every((one) => one.decimals >= 10_000 && [1, 2].includes(one.threads)))
  throw new Error('usage: measure-times.ts DIGITS[/THREADS]..., at least 10000 digits on 1 or 2 threads');
let measured = [...measuredTimes];
for (const { decimals, threads } of wanted) {
  measured = measured.filter((old) => old.threads !== threads || old.decimals !== decimals);
  measured.push(await measure(decimals, threads));
}
measured.sort((a, b) => a.threads - b.threads || a.decimals - b.decimals);
await writeFile(
  output,
  `import type { MeasuredTimes } from './measured-run.ts';

/** Written by \`testing/measure-times.ts\`; do not edit. */
export const measuredTimes: readonly MeasuredTimes[] = ${JSON.stringify(measured, undefined, 2)};
`,
);
console.log(`written to ${output}; biome check --write gives it the usual form`);

async function measure(decimals: number, threads: number): Promise<MeasuredTimes> {
  const runs: MeasuredTimes[] = [];
  const until = performance.now() + enoughSeconds * 1000;
  do {
    runs.push(await measureOnce(decimals, threads));
  } while (performance.now() < until);
  const sorted = runs.toSorted((a, b) => secondsOf(a) - secondsOf(b));
  console.log(`${decimals} digits, ${threads} threads: ${sorted.map((run) => secondsOf(run).toFixed(2))} s`);
  const [fastest] = sorted;
  if (fastest === undefined) throw new Error('nothing was measured');
  return fastest;
}

/** A computation of its own each time, as a job has: the code gets fast while it runs. */
async function measureOnce(decimals: number, threads: number): Promise<MeasuredTimes> {
  const computation = await PiComputation.start(decimals, { threads });
  for (const rung of ladderOf(decimals + 1, 0))
    await computation.run({ decimals: rung - 1, onDigits: () => {} });
  const looks = await watch(computation, () => computation.run({ decimals, onDigits: () => {} }));
  const certificate = await certify(computation, decimals, threads);
  await computation.stop();
  return { threads, decimals, ...timesOf(looks, decimals), ...certificate };
}

function secondsOf({ splitting, root, division, conversion }: MeasuredTimes): number {
  return (splitting.at(-1) ?? 0) + root + division + conversion;
}

/** Looks at every change of the progress, times in seconds since the run began; the last is its end. */
async function watch(computation: PiComputation, run: () => Promise<unknown>): Promise<readonly Look[]> {
  const looks: Look[] = [];
  const startedAt = performance.now();
  const look = (): void => {
    const now = computation.progress();
    const last = looks.at(-1);
    if (last?.phase === now.phase && last.work === now.work) return;
    looks.push({ ...now, at: (performance.now() - startedAt) / 1000 });
  };
  const timer = setInterval(look, 1);
  await run();
  clearInterval(timer);
  looks.push({ ...computation.progress(), at: (performance.now() - startedAt) / 1000 });
  return looks;
}

function timesOf(
  looks: readonly Look[],
  decimals: number,
): Omit<MeasuredTimes, 'threads' | 'decimals' | 'certifiedConversion' | 'verification'> {
  const spans = phases.map((phase) => {
    const inside = looks.filter((look) => look.phase === phase);
    const next = looks.find((_, i) => looks[i - 1]?.phase === phase && looks[i]?.phase !== phase);
    return { inside, from: inside[0]?.at ?? 0, to: next?.at ?? looks.at(-1)?.at ?? 0 };
  });
  const [splitting, root, division, conversion] = spans.map(({ from, to }) => round(to - from));
  const [works, roots, divisions, conversions] = spans.map(({ inside }) => inside.at(-1)?.work ?? 0);
  const gaps = looks.map(({ at }, i) => at - (looks[i - 1]?.at ?? at));
  return {
    work: {
      splitting: round((works ?? 0) / decimals),
      root: round((roots ?? 0) / decimals),
      division: round((divisions ?? 0) / decimals),
      conversion: round((conversions ?? 0) / decimals),
    },
    splitting: Array.from({ length: parts }, (_, i) =>
      i === parts - 1
        ? (splitting ?? 0)
        : round(whenDone(spans[0]?.inside ?? [], ((works ?? 0) * (i + 1)) / parts)),
    ),
    root: root ?? 0,
    division: division ?? 0,
    conversion: conversion ?? 0,
    longestStep: round(Math.max(...gaps)),
  };
}

/** Seconds from the first look until the work was done, on a line between the looks before and after. */
function whenDone(looks: readonly Look[], work: number): number {
  const index = looks.findIndex((look) => look.work >= work);
  const after = looks[index];
  const before = looks[index - 1] ?? after;
  if (after === undefined || before === undefined) return 0;
  const share = after === before ? 0 : (work - before.work) / (after.work - before.work);
  return before.at + (after.at - before.at) * share - (looks[0]?.at ?? 0);
}

/** What a certificate adds to a run: its conversion takes longer, and Bellard's formula follows. */
async function certify(
  computation: PiComputation,
  decimals: number,
  threads: number,
): Promise<Pick<MeasuredTimes, 'certifiedConversion' | 'verification'>> {
  const tally = new DigitTally();
  const onDigits = (start: number, digits: Uint8Array): void => {
    tally.add(digits.slice(0, decimals + 1 - start));
  };
  const looks = await watch(computation, () => computation.run({ decimals, certify: true, onDigits }));
  const from = looks.find(({ phase }) => phase === 'conversion')?.at ?? 0;
  const startedAt = performance.now();
  const bits = Math.floor(decimals * Math.log2(10));
  const { signal } = new AbortController();
  await verifyHexTail(bits, async (position) => computation.hexFraction(position), { threads, signal });
  return {
    certifiedConversion: round((looks.at(-1)?.at ?? 0) - from),
    verification: round((performance.now() - startedAt) / 1000),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
