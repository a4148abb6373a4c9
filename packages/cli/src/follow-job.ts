import { setTimeout as delay } from 'node:timers/promises';
import { LostConnectionError, UnreachableError } from '@pi-jobs/client';
import { isTerminal, type JobView } from '@pi-jobs/core/job';
import type { Context } from './context.ts';
import { progressLine } from './describe-job.ts';

const RECONNECT_MS = 1_000;
const RECONNECTS = 30;

/**
 * Shows a job's progress until it has ended and returns its last state. A lost connection is made again. Rejects with the signal's
 * reason when the user interrupts.
 */
export async function followJob(context: Context, id: string): Promise<JobView> {
  let lastEventId: string | undefined;
  for (let failures = 0; ; ) {
    try {
      const resume = lastEventId === undefined ? {} : { lastEventId };
      for await (const event of context.client.followJob(id, { signal: context.interrupted, ...resume })) {
        lastEventId = event.id;
        failures = 0;
        show(context, event.job);
        if (isTerminal(event.job.status)) return event.job;
      }
    } catch (error) {
      if (context.interrupted.aborted) throw context.interrupted.reason;
      const isLost = error instanceof UnreachableError || error instanceof LostConnectionError;
      failures += 1;
      if (!isLost || failures > RECONNECTS) throw error;
    } finally {
      if (context.err.isTTY) context.err.write('\r\x1b[K');
    }
    await delay(RECONNECT_MS, undefined, { signal: context.interrupted });
  }
}

function show({ json, out, err }: Context, job: JobView): void {
  if (json) out.write(`${JSON.stringify(job)}\n`);
  else if (err.isTTY) err.write(`\r\x1b[K${progressLine(job)}`);
}
