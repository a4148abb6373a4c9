import { PiJobsClient, UnreachableError } from '@pi-jobs/client';
import { control } from './commands/control.ts';
import { create } from './commands/create.ts';
import { digits, download } from './commands/fetch-results.ts';
import { list, status } from './commands/show-jobs.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Command, parseCommand } from './parse-command.ts';
import { USAGE, UsageError } from './usage.ts';

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', () => process.exit(exitCodes.done));
  try {
    const { command, json, jobApi, downloadApi } = parseCommand(process.argv.slice(2), process.env);
    const client = new PiJobsClient({ 'job-api': jobApi, 'download-api': downloadApi });
    const { stdout: out, stderr: err } = process;
    return await run(command, { client, json, out, err, interrupted: interrupt.signal });
  } catch (error) {
    return explain(error, interrupt.signal);
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

function explain(error: unknown, interrupted: AbortSignal): ExitCode {
  if (interrupted.aborted) return exitCodes.interrupted;
  if (error instanceof UsageError) {
    process.stderr.write(`pi-jobs: ${error.message} (pi-jobs --help tells more)\n`);
    return exitCodes.usage;
  }
  if (error instanceof UnreachableError) {
    process.stderr.write(
      `pi-jobs: ${error.message}; is it running there? (npm start, or --job-api, --download-api)\n`,
    );
    return exitCodes.refused;
  }
  process.stderr.write(`pi-jobs: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.refused;
}
