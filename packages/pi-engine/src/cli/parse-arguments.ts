import { parseArgs } from 'node:util';
import { type EngineName, engineNames } from '../engine-names.ts';

export interface ComputeCommand {
  readonly kind: 'compute';
  readonly digitCount: number;
  /** Where the digits go; undefined = standard output. */
  readonly out: string | undefined;
  /** Undefined = as many as the machine has cores. */
  readonly threads: number | undefined;
  readonly engine: EngineName;
  readonly verify: boolean;
  readonly json: boolean;
}

export type Command = ComputeCommand | { readonly kind: 'help' } | { readonly kind: 'version' };

/** The arguments make no sense; the message says which and why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const options = {
  out: { type: 'string' },
  threads: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  verify: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

export function parseArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [count, ...others] = positionals;
  if (count === undefined) throw new UsageError('say how many digits');
  if (others.length > 0) throw new UsageError(`one number is enough, found also: ${others.join(' ')}`);
  if (values.out === '') throw new UsageError('--out needs the name of a file');
  return {
    kind: 'compute',
    digitCount: parseCount('the number of digits', count),
    out: values.out,
    threads: values.threads === undefined ? undefined : parseCount('--threads', values.threads),
    engine: parseEngine(values.engine),
    verify: values.verify,
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseCount(what: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new UsageError(`${what} must be an integer of at least 1, not '${text}'`);
  }
  return count;
}

function parseEngine(name: string): EngineName {
  const known = engineNames.find((candidate) => candidate === name);
  if (known === undefined)
    throw new UsageError(`--engine must be one of ${engineNames.join(', ')}, not '${name}'`);
  return known;
}
