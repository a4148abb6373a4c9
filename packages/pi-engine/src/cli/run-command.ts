import { computeCommand } from './compute-command.ts';
import { parseArguments } from './parse-arguments.ts';
import { printHelp } from './print-help.ts';

/** Does what the arguments say; resolves with the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const command = parseArguments(args);
  return command.kind === 'compute' ? computeCommand(command) : printHelp(command.kind);
}
