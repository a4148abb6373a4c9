import { type Context, print } from '../context.ts';
import { describeJob } from '../describe-job.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

export async function control(
  context: Context,
  verb: 'pause' | 'resume' | 'terminate',
  id: string,
): Promise<ExitCode> {
  const { client } = context;
  const orders = {
    pause: () => client.pauseJob(id),
    resume: () => client.resumeJob(id),
    terminate: () => client.terminateJob(id),
  };
  const job = await orders[verb]();
  print(context, job, describeJob(job));
  return exitCodes.done;
}
