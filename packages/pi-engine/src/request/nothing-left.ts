import type { DigitRequest, EngineReport } from '@pi-jobs/core/engine';
import { engineVersion } from '../engine-version.ts';

/** The report of a request whose digits are all there from an earlier run and need no check, or undefined if there is work to do. */
export function reportNothingLeft(engine: string, request: DigitRequest): EngineReport | undefined {
  if (request.firstDigit < request.digitCount || request.verify === true) return undefined;
  return { engine, version: engineVersion, threads: request.threads, phaseSeconds: {} };
}
