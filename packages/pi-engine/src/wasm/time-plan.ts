/**
 * When a computation is how far. Its clock is the work of the transforms, which the arithmetic counts; how long work takes differs
 * between the phases, with the number of threads and with the length of the numbers, and is taken from measured runs (see
 * `testing/measure-times.ts`). Each phase is a clock of its own, so that what a count is off by ends with the phase.
 */
import type { PiPhase } from '@pi-jobs/bignum';
import type { MeasuredTimes, TimedPhase } from './measured-run.ts';
import { measuredTimes } from './measured-times.ts';

/** A computation's progress, or that of what follows it. */
export interface PlannedProgress {
  readonly phase: PiPhase | 'verification';
  /** Work of the transforms in this phase; of the verification the share that is done. */
  readonly work: number;
}

export interface PlannedRun {
  readonly decimals: number;
  readonly threads: number;
  readonly verify: boolean;
  /** Digits that are there already: their conversion is left out. */
  readonly firstDigit: number;
}

/** A phase on the scale of the whole time: the share that is over when each equal part of its work is done, its start first. */
interface Span {
  readonly work: number;
  readonly shares: readonly number[];
}

export class TimePlan {
  readonly #spans: ReadonlyMap<PlannedProgress['phase'], Span>;
  readonly #skippedConversion: number;
  readonly #longestStep: number;

  constructor({ decimals, threads, verify, firstDigit }: PlannedRun) {
    const { seconds, work, longestStep } = timesFor(decimals, threads, verify);
    const total = seconds.reduce((sum, part) => sum + part, 0);
    const ends = seconds.map((_, i) => seconds.slice(0, i + 1).reduce((sum, part) => sum + part, 0) / total);
    const span = (perDecimal: number, from: number, to: number): Span => ({
      work: perDecimal * decimals,
      shares: [ends[from - 1] ?? 0, ...ends.slice(from, to)],
    });
    this.#spans = new Map([
      ['splitting', span(work.splitting, 0, parts)],
      ['root', span(work.root, parts, parts + 1)],
      ['division', span(work.division, parts + 1, parts + 2)],
      ['conversion', span(work.conversion, parts + 2, parts + 3)],
      // Tells nothing of its work.
      ['certification', span(Number.POSITIVE_INFINITY, parts + 3, parts + 4)],
      ['verification', { ...span(0, parts + 4, parts + 5), work: 1 }],
    ]);
    this.#skippedConversion = verify ? 0 : firstDigit / (decimals + 1);
    this.#longestStep = longestStep / total;
  }

  /** The share of the whole time that is over. */
  shareAt({ phase, work }: PlannedProgress): number {
    const span = this.#spans.get(phase);
    if (span === undefined) return 0;
    const skipped = phase === 'conversion' ? this.#skippedConversion : 0;
    const { shares } = span;
    const at = Math.min(1, skipped + work / span.work) * (shares.length - 1);
    const index = Math.min(Math.floor(at), shares.length - 2);
    return mix(shares[index] ?? 0, shares[index + 1] ?? 0, at - index);
  }

  /** The share of the time that is over when the phase ends. */
  endOf(phase: PlannedProgress['phase']): number {
    return this.#spans.get(phase)?.shares.at(-1) ?? 0;
  }

  /** The share of the time that may pass in the phase without news of work. */
  longestStepOf(phase: PlannedProgress['phase']): number {
    return phase === 'certification' ? 1 : this.#longestStep;
  }
}

/** The splitting is told in so many parts. */
const parts = 16;

interface Times {
  /** Parts of the splitting, root, division, conversion, certification, verification. */
  readonly seconds: readonly number[];
  readonly work: Readonly<Record<TimedPhase, number>>;
  readonly longestStep: number;
}

/** Between the neighbours among the measured runs, as powers of the decimals. Below the first and beyond the last only the work grows on. */
function timesFor(decimals: number, threads: number, verify: boolean): Times {
  const runs = measuredTimes.filter((run) => run.threads === Math.min(threads, 2));
  const above = runs.findIndex((run, i) => i > 0 && (run.decimals >= decimals || i === runs.length - 1));
  const [lower, upper] = [runs[above - 1], runs[above]];
  if (lower === undefined || upper === undefined) throw new Error('no runs were measured');
  const weight = Math.log(decimals / lower.decimals) / Math.log(upper.decimals / lower.decimals);
  const inside = Math.min(1, Math.max(0, weight));
  const a = toTimes(lower, verify);
  const b = toTimes(upper, verify);
  const workOf = (phase: TimedPhase): number => mixPowers(lower.work[phase], upper.work[phase], weight);
  return {
    seconds: a.seconds.map((part, i) => mixPowers(part, b.seconds[i] ?? 0, inside)),
    work: {
      splitting: workOf('splitting'),
      root: workOf('root'),
      division: workOf('division'),
      conversion: workOf('conversion'),
    },
    longestStep: mixPowers(a.longestStep, b.longestStep, inside),
  };
}

function toTimes(run: MeasuredTimes, verify: boolean): Omit<Times, 'work'> {
  const { splitting, root, division, conversion, certifiedConversion, certification, verification } = run;
  const stretches = splitting.map((seconds, i) => seconds - (splitting[i - 1] ?? 0));
  const ending = verify ? [certifiedConversion, certification, verification] : [conversion, 0, 0];
  return { seconds: [...stretches, root, division, ...ending], longestStep: run.longestStep };
}

function mixPowers(from: number, to: number, weight: number): number {
  return from > 0 ? from * (to / from) ** weight : 0;
}

function mix(from: number, to: number, weight: number): number {
  return from + (to - from) * weight;
}
