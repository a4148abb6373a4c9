import type { EngineReport } from '@pi-jobs/core/engine';
import { availableThreads, machineMemoryBytes } from '../machine.ts';
import { createDigitEngine } from '../select-engine.ts';
import type { DigitTallyResult } from '../verify/digit-tally.ts';
import type { DigitDestination } from './digit-destination.ts';
import { InterruptedError, interruptSignal } from './interrupt.ts';
import { openOutputFile } from './output-file.ts';
import type { ComputeCommand } from './parse-arguments.ts';
import { openStandardOutput, printText, ReaderGoneError } from './standard-output.ts';
import { startProgress } from './start-progress.ts';

/** Computes the digits, writes them and reports. Resolves with the exit code, rejects with what went wrong. */
export async function computeCommand(command: ComputeCommand): Promise<number> {
  const signal = interruptSignal();
  const destination = await openDestination(command);
  try {
    await computeTo(destination, command, signal);
    return 0;
  } catch (error) {
    await destination.discard();
    if (error instanceof InterruptedError) return error.exitCode;
    if (error instanceof ReaderGoneError) return 0;
    throw error;
  }
}

async function openDestination({ out }: ComputeCommand): Promise<DigitDestination> {
  return out === undefined ? openStandardOutput() : openOutputFile(out);
}

async function computeTo(
  destination: DigitDestination,
  command: ComputeCommand,
  signal: AbortSignal,
): Promise<void> {
  const { digitCount, threads = availableThreads() } = command;
  const startedAt = performance.now();
  const tally = command.verify ? new (await import('../verify/digit-tally.ts')).DigitTally() : undefined;
  const progress = startProgress(command);
  let isFirst = true;
  try {
    const report = await createDigitEngine({ engine: command.engine, callerIsFree: true }).compute({
      digitCount,
      firstDigit: 0,
      threads,
      memoryBytes: machineMemoryBytes(),
      signal,
      verify: command.verify,
      onProgress: progress.show,
      onDigits: async (digits) => {
        tally?.add(digits);
        await destination.write(isFirst ? withPoint(digits, digitCount) : digits);
        isFirst = false;
      },
    });
    signal.throwIfAborted();
    await destination.finish();
    progress.clear();
    await printReport(command, report, (performance.now() - startedAt) / 1000, tally?.result());
  } finally {
    progress.clear();
  }
}

/** The first digits as text: `3`, or `3.` and what follows. */
function withPoint(digits: Uint8Array, digitCount: number): Uint8Array {
  if (digitCount === 1) return digits;
  const text = new Uint8Array(digits.length + 1);
  text.set(digits.subarray(0, 1));
  text[1] = 0x2e;
  text.set(digits.subarray(1), 2);
  return text;
}

/** With `--json` all of it for programs, else with `--verify` the certificate for people. */
async function printReport(
  { digitCount, out, json }: ComputeCommand,
  report: EngineReport,
  seconds: number,
  tally: DigitTallyResult | undefined,
): Promise<void> {
  if (json) {
    const line = `${JSON.stringify({ digits: digitCount, out, seconds, ...report, ...tally })}\n`;
    if (out === undefined) process.stderr.write(line);
    else await printText(line);
  } else if (tally !== undefined) {
    const { method, hexPosition, hexTail } = report.verification ?? {};
    process.stderr.write(
      `Verified by ${method}: after ${hexPosition} hexadecimal places come ${hexTail}. SHA-256 ${tally.sha256}\n`,
    );
  }
}
