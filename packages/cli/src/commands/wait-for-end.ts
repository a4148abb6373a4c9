import { type Context, print } from '../context.ts';
import { type Failure, failureLine } from '../describe-error.ts';
import { describeJob } from '../describe-job.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { followJob } from '../follow-job.ts';

/** Follows the job to its end. Ctrl-C leaves the job running and says how to come back. */
export async function waitForEnd(context: Context, id: string): Promise<ExitCode> {
  try {
    const job = await followJob(context, id);
    if (!context.json) print(context, job, describeJob(job));
    return job.status === 'completed' ? exitCodes.done : exitCodes.noResult;
  } catch (error) {
    if (!context.interrupted.aborted) throw error;
    const comeBack = `pi-jobs status ${id} --wait`;
    const told: Failure = {
      success: false,
      error: `interrupted, the job goes on: ${comeBack}`,
      code: 'interrupted',
      exit_code: exitCodes.interrupted,
    };
    const text = `The job goes on. Come back to it with: ${comeBack}`;
    context.err.write(`${context.json ? failureLine(told, true) : text}\n`);
    return exitCodes.interrupted;
  }
}
