import type { DigitRequest } from '@pi-jobs/core/engine';
import type { DigitOutput } from '../request/digit-output.ts';
import type { PhaseClock } from '../request/phase-clock.ts';
import { giveOpening } from '../spigot/give-opening.ts';
import { verifyHexTail } from '../verify/verify-hex-tail.ts';
import type { CheckpointKeeper } from './checkpoint-keeper.ts';
import { finishMs, stepMs, subtreeMs, verificationMs } from './cost-model.ts';
import { bitsForDigits } from './decimal-piece.ts';
import type { DigitPlan } from './digit-plan.ts';
import type { PackedInteger } from './packed-integer.ts';
import { printDigits } from './print-digits.ts';
import { splitSeries } from './split-series.ts';
import type { StepRunner } from './step-runner.ts';
import type { PackedPart } from './tasks.ts';

const beforeAll = -1;
const whenIdle = Number.MAX_SAFE_INTEGER;

export interface DigitRun {
  readonly request: DigitRequest;
  readonly plan: DigitPlan;
  readonly checkpointMs: number;
  readonly output: DigitOutput;
  readonly steps: StepRunner;
  readonly checkpoints: CheckpointKeeper;
  readonly clock: PhaseClock;
}

export interface RunResult {
  /** Digits that were certain; fewer than wanted when the guard digits could not decide the last ones. */
  readonly certainDigits: number;
  readonly verification: Readonly<Record<string, unknown>> | undefined;
}

/** Opening by the spigot, splitting with its rungs, division, conversion, verification. */
export async function computeDigits(run: DigitRun): Promise<RunResult> {
  const { request, plan, steps, output, checkpoints } = run;
  enterPhase(run, 'splitting');
  steps.inBackground(giveOpening(output, request.digitCount));
  const x = await computePi(run);

  enterPhase(run, 'conversion');
  const certainDigits = await printDigits(
    { x, bits: plan.bits, digits: plan.digits, pieces: Math.max(2, request.threads), priority: 0 },
    steps,
    output,
  );
  await steps.backgroundDone();
  if (certainDigits < request.digitCount) return { certainDigits, verification: undefined };

  const verification = request.verify === true ? await verify(run, x) : undefined;
  await checkpoints.clear();
  return { certainDigits, verification };
}

/** pi * 2^bits, from a checkpoint if there is one. */
async function computePi(run: DigitRun): Promise<PackedInteger> {
  const { plan, steps, checkpoints } = run;
  const key = `pi.${plan.bits}`;
  const [kept] = (await checkpoints.load(key)) ?? [];
  if (kept !== undefined) {
    const toCome = stepMs('print', plan.bits) + (run.request.verify === true ? verificationMs(plan.bits) : 0);
    steps.skip(plan.totalMs - toCome);
    return kept;
  }
  const root = steps.run(
    'root',
    { bits: plan.bits },
    { priority: whenIdle, cost: stepMs('root', plan.bits) },
  );
  steps.inBackground(root);
  const parts = await splitSeries(plan.tree, {
    steps,
    checkpoints,
    checkpointMs: run.checkpointMs,
    onRung: (digits, part) => steps.inBackground(climbRung(run, digits, part)),
  });

  enterPhase(run, 'division');
  const x = await divide(run, parts, await root, plan.bits, 0);
  if (subtreeMs(plan.tree) >= run.checkpointMs) {
    steps.inBackground(checkpoints.save(key, [x], (other) => other !== key));
  }
  return x;
}

async function divide(
  { steps }: DigitRun,
  { q, t }: PackedPart,
  root: PackedInteger,
  bits: number,
  priority: number,
): Promise<PackedInteger> {
  const quotient = await steps.run('quotient', { q, t, bits }, { priority, cost: stepMs('quotient', bits) });
  return steps.run('assemble', { root, quotient, bits }, { priority, cost: stepMs('assemble', bits) });
}

/** Gives out the digits that the terms so far are worth, unless they are out already. */
async function climbRung(run: DigitRun, rungDigits: number, part: PackedPart): Promise<void> {
  const { steps, output, plan } = run;
  const digits = rungDigits + plan.guardDigits;
  const bits = bitsForDigits(digits);
  if (rungDigits <= output.nextDigit) return steps.skip(finishMs(bits));
  const root = await steps.run('root', { bits }, { priority: beforeAll, cost: stepMs('root', bits) });
  const x = await divide(run, part, root, bits, beforeAll);
  await printDigits({ x, bits, digits, pieces: 1, priority: beforeAll }, steps, output);
}

async function verify(run: DigitRun, x: PackedInteger): Promise<Readonly<Record<string, unknown>>> {
  const { request, plan, steps } = run;
  enterPhase(run, 'verification');
  const verification = verifyHexTail(
    plan.bits,
    (position) => steps.run('hexFraction', { x, bits: plan.bits, position }, { priority: 0, cost: 0 }),
    request,
  );
  return steps.watch(verification, verificationMs(plan.bits), request.threads);
}

function enterPhase({ clock, steps }: DigitRun, phase: string): void {
  clock.enter(phase);
  steps.enterPhase(phase);
}
