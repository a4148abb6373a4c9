import { type DigitJob, isTerminal } from '@pi-jobs/core';

const LONGEST_SECONDS = 30;

/** `Retry-After` for a status answer: a tenth of the time that is left, 1 to 30 seconds; nothing once the job has ended. */
export function retryAfter(job: DigitJob): { readonly 'Retry-After'?: number } {
  if (isTerminal(job.state)) return {};
  const { etaSeconds } = job.progress;
  return { 'Retry-After': Math.min(LONGEST_SECONDS, Math.max(1, Math.round((etaSeconds ?? 0) / 10))) };
}
