import { randomUUID } from 'node:crypto';
import { type Context, print } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { waitForEnd } from './wait-for-end.ts';

export async function create(
  context: Context,
  num: number,
  options: { readonly wait: boolean; readonly verify: boolean },
): Promise<ExitCode> {
  const job = await context.client.createJob(num, {
    signal: context.interrupted,
    idempotencyKey: randomUUID(),
    ...(options.verify ? { verify: true } : {}),
  });
  print(context, job, `job ${job.job_id} created for ${job.num} digits`);
  return options.wait ? waitForEnd(context, String(job.job_id)) : exitCodes.done;
}
