import { PiJobsClient } from '@pi-jobs/client';
import { control } from './commands/control.ts';
import { create } from './commands/create.ts';
import { digits, download } from './commands/fetch-results.ts';
import { list, status } from './commands/show-jobs.ts';
import type { Context } from './context.ts';
import { describeError, failureLine, OutputError } from './describe-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Command, parseCommand } from './parse-command.ts';
import { USAGE } from './usage.ts';

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as `head`, is no error.
    const hasSeenEnough = error.code === 'EPIPE';
    process.exit(hasSeenEnough ? exitCodes.done : explain(new OutputError('to standard output', error)));
  });
  try {
    const { command, json, jobApi, downloadApi } = parseCommand(process.argv.slice(2), process.env);
    const client = new PiJobsClient({ 'job-api': jobApi, 'download-api': downloadApi });
    const { stdout: out, stderr: err } = process;
    return await run(command, { client, json, out, err, interrupted: interrupt.signal });
  } catch (error) {
    return interrupt.signal.aborted ? exitCodes.interrupted : explain(error);
  }
}

function run(command: Command, context: Context): ExitCode | Promise<ExitCode> {
  switch (command.name) {
    case 'help':
      context.out.write(USAGE);
      return exitCodes.done;
    case 'create':
      return create(context, command.num, command);
    case 'status':
      return status(context, command.id, command);
    case 'list':
      return list(context, command);
    case 'download':
      return download(context, command.id, command.output);
    case 'digits':
      return digits(context, command.id, command);
    default:
      return control(context, command.name, command.id);
  }
}

function explain(error: unknown): ExitCode {
  const failure = describeError(error);
  // Also where the command line was not understood any further.
  process.stderr.write(`${failureLine(failure, process.argv.includes('--json'))}\n`);
  return failure.exit_code;
}
