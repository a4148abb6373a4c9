import { isTerminal, type JobState, type JobStore } from '@pi-jobs/core';

/** What a refusal for want of digits says besides: where the job stands, and when to ask again if more can still come. */
export async function retryAfter(
  jobs: Pick<JobStore, 'get'>,
  id: string,
): Promise<{ readonly state: JobState; readonly headers: Readonly<Record<string, number>> }> {
  const state = (await jobs.get(id))?.state ?? 'queued';
  // One that completed since its digits were looked at has them all at the next look.
  const canCome = state === 'completed' || !isTerminal(state);
  return { state, headers: canCome ? { 'Retry-After': 1 } : {} };
}
