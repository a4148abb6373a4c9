import type { JobState } from '@pi-jobs/core/job';
import { type Context, print } from '../context.ts';
import { describeJob } from '../describe-job.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { waitForEnd } from './wait-for-end.ts';

export async function status(
  context: Context,
  id: string,
  options: { readonly wait: boolean },
): Promise<ExitCode> {
  if (options.wait) return waitForEnd(context, id);
  const job = await context.client.jobStatus(id, { signal: context.interrupted });
  print(context, job, describeJob(job));
  return exitCodes.done;
}

/** Asks for as many pages as it takes to show `limit` jobs. */
export async function list(
  context: Context,
  options: { readonly status?: JobState; readonly limit: number },
): Promise<ExitCode> {
  let left = options.limit;
  let cursor: string | undefined;
  do {
    const page = await context.client.listJobs({
      limit: Math.min(left, 500),
      ...(options.status === undefined ? {} : { status: options.status }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const job of page.jobs) print(context, job, describeJob(job));
    left -= page.jobs.length;
    cursor = page.next_cursor ?? undefined;
  } while (left > 0 && cursor !== undefined);
  return exitCodes.done;
}
