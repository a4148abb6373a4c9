/**
 * Measures what the engine's times are told by and writes them to `wasm/measured-times.ts`, in place of those that are there for the
 * same digits and threads. Run by hand, on a machine with two cores and nothing else to do, when the arithmetic has changed:
 *
 *     node --conditions=@pi-jobs/source packages/pi-engine/src/testing/measure-times.ts DIGITS[/THREADS]...
 *
 * Without THREADS on one and on two. The lengths in use stand in that file; each takes a quarter of a minute with each number of
 * threads, long ones two runs. Each figure is the median of several runs: in a single one, be it the fastest, the proportions of the
 * parts are its own.
 */
import { type FileHandle, open, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PiComputation, type PiProgress } from '@pi-jobs/bignum';
import { DigitTally } from '../verify/digit-tally.ts';
import { verifyHexTail } from '../verify/verify-hex-tail.ts';
import { ladderOf } from '../wasm/ladder.ts';
import type { MeasuredTimes, TimedPhase } from '../wasm/measured-run.ts';
import { measuredTimes } from '../wasm/measured-times.ts';

const output = fileURLToPath(new URL('../wasm/measured-times.ts', import.meta.url));
const phases = ['splitting', 'root', 'division', 'conversion', 'certification'] as const;
const parts = 16;
const pieceDigits = 65_536;
/** No run begins after that many seconds. */
const enoughSeconds = 16;

interface Look extends PiProgress {
  readonly at: number;
}

/** A run's looks by phase, and when each began and ended; times in seconds. */
type Spans = Readonly<Record<(typeof phases)[number], { looks: readonly Look[]; from: number; to: number }>>;

interface Sample {
  readonly plain: readonly Look[];
  readonly certified: readonly Look[];
  readonly verification: number;
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
  // The first pays for compiling.
  await sample(Math.min(decimals, 2_000_000), threads);
  const samples: Sample[] = [];
  const until = performance.now() + enoughSeconds * 1000;
  do {
    samples.push(await sample(decimals, threads));
  } while (performance.now() < until);
  const ends = samples.map(({ plain }) => (plain.at(-1)?.at ?? 0).toFixed(2));
  console.log(`${decimals} digits, ${threads} threads: ${ends} s`);
  return { threads, decimals, ...timesOf(samples, decimals) };
}

async function sample(decimals: number, threads: number): Promise<Sample> {
  const plain = await withComputation(decimals, threads, (computation) => watch(computation, decimals));
  return withComputation(decimals, threads, async (computation) => {
    const certified = await watch(computation, decimals, new DigitTally());
    const startedAt = performance.now();
    const bits = Math.floor(decimals * Math.log2(10));
    const { signal } = new AbortController();
    await verifyHexTail(bits, async (position) => computation.hexFraction(position), { threads, signal });
    return { plain, certified, verification: (performance.now() - startedAt) / 1000 };
  });
}

/** One of its own each time, as a job has: code gets fast while it runs, and memory that was used before is there at once. */
async function withComputation<T>(
  decimals: number,
  threads: number,
  use: (computation: PiComputation) => Promise<T>,
): Promise<T> {
  const computation = await PiComputation.start(decimals, { threads });
  for (const rung of ladderOf(decimals + 1, 0))
    await computation.run({ decimals: rung - 1, onDigits: () => {} });
  const result = await use(computation);
  await computation.stop();
  return result;
}

/**
 * Computes, with a certificate if there is a tally, and writes the digits to a file as a calculator does. Looks at every change of the
 * progress, times in seconds since the run began; the last is its end.
 */
async function watch(
  computation: PiComputation,
  decimals: number,
  tally?: DigitTally,
): Promise<readonly Look[]> {
  const path = `${tmpdir()}/measure-times-${process.pid}`;
  const file = await open(path, 'w');
  const looks: Look[] = [];
  const startedAt = performance.now();
  const look = (): void => {
    const now = computation.progress();
    const last = looks.at(-1);
    if (last?.phase === now.phase && last.work === now.work) return;
    looks.push({ ...now, at: (performance.now() - startedAt) / 1000 });
  };
  const timer = setInterval(look, 1);
  const onDigits = (start: number, digits: Uint8Array): Promise<void> =>
    write(file, digits.subarray(0, decimals + 1 - start), tally);
  await computation.run({ decimals, certify: tally !== undefined, onDigits });
  clearInterval(timer);
  looks.push({ ...computation.progress(), at: (performance.now() - startedAt) / 1000 });
  await file.close();
  await unlink(path);
  return looks;
}

async function write(file: FileHandle, digits: Uint8Array, tally: DigitTally | undefined): Promise<void> {
  for (let from = 0; from < digits.length; from += pieceDigits) {
    const piece = digits.slice(from, from + pieceDigits);
    tally?.add(piece);
    await file.write(piece);
  }
}

function timesOf(samples: readonly Sample[], decimals: number): Omit<MeasuredTimes, 'threads' | 'decimals'> {
  const plain = samples.map((one) => spansOf(one.plain));
  const certified = samples.map((one) => spansOf(one.certified));
  const all = [...plain, ...certified];
  const secondsOf = (runs: readonly Spans[], phase: keyof Spans): number =>
    round(median(runs.map((spans) => spans[phase].to - spans[phase].from)));
  // The last step of a phase is not always seen.
  const workOf = (phase: TimedPhase): number =>
    round(Math.max(...all.map((spans) => spans[phase].looks.at(-1)?.work ?? 0)) / decimals);
  const splitting = Array.from({ length: parts }, (_, i) =>
    round(median(all.map((spans) => secondsUntil(spans.splitting, (i + 1) / parts)))),
  );
  const steps = samples.map((one) => longestStepOf(one.plain));
  return {
    work: {
      splitting: workOf('splitting'),
      root: workOf('root'),
      division: workOf('division'),
      conversion: workOf('conversion'),
    },
    splitting,
    root: secondsOf(all, 'root'),
    division: secondsOf(all, 'division'),
    conversion: secondsOf(plain, 'conversion'),
    longestStep: round(median(steps)),
    certifiedConversion: secondsOf(certified, 'conversion'),
    certification: secondsOf(certified, 'certification'),
    verification: round(median(samples.map((one) => one.verification))),
  };
}

function spansOf(looks: readonly Look[]): Spans {
  const spanOf = (phase: keyof Spans) => {
    const inside = looks.filter((look) => look.phase === phase);
    const next = looks.find((_, i) => looks[i - 1]?.phase === phase && looks[i]?.phase !== phase);
    return {
      looks: inside,
      from: inside[0]?.at ?? 0,
      to: inside.length === 0 ? 0 : ((next ?? looks.at(-1))?.at ?? 0),
    };
  };
  return {
    splitting: spanOf('splitting'),
    root: spanOf('root'),
    division: spanOf('division'),
    conversion: spanOf('conversion'),
    certification: spanOf('certification'),
  };
}

/** Seconds from a phase's begin until that share of its work was done, on a line between the looks before and after. */
function secondsUntil({ looks, from, to }: Spans['splitting'], share: number): number {
  if (share === 1) return to - from;
  const work = (looks.at(-1)?.work ?? 0) * share;
  const index = looks.findIndex((look) => look.work >= work);
  const after = looks[index];
  const before = looks[index - 1] ?? after;
  if (after === undefined || before === undefined) return 0;
  const part = after === before ? 0 : (work - before.work) / (after.work - before.work);
  return before.at + (after.at - before.at) * part - from;
}

function longestStepOf(looks: readonly Look[]): number {
  return Math.max(...looks.map(({ at }, i) => at - (looks[i - 1]?.at ?? at)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
