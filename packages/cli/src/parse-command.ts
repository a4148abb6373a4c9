import { parseArgs } from 'node:util';
import { JOB_STATES, type JobState } from '@pi-jobs/core/job';
import { UsageError } from './usage.ts';

interface Common {
  readonly json: boolean;
  readonly jobApi: string;
  readonly downloadApi: string;
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'create'; readonly num: number; readonly wait: boolean; readonly verify: boolean }
  | { readonly name: 'status'; readonly id: string; readonly wait: boolean }
  | { readonly name: 'list'; readonly status?: JobState; readonly limit: number }
  | { readonly name: 'pause' | 'resume' | 'terminate'; readonly id: string }
  | { readonly name: 'download'; readonly id: string; readonly output?: string }
  | { readonly name: 'digits'; readonly id: string; readonly start: number; readonly count: number };

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  wait: { type: 'boolean' },
  verify: { type: 'boolean' },
  status: { type: 'string' },
  limit: { type: 'string' },
  output: { type: 'string', short: 'o' },
  start: { type: 'string' },
  count: { type: 'string' },
  'job-api': { type: 'string' },
  'download-api': { type: 'string' },
} as const;

/** Options that every command takes; beside them only its own. */
const COMMON = ['help', 'json', 'job-api', 'download-api'];
const OWN: Readonly<Record<string, readonly string[]>> = {
  create: ['wait', 'verify'],
  status: ['wait'],
  list: ['status', 'limit'],
  pause: [],
  resume: [],
  terminate: [],
  download: ['output'],
  digits: ['start', 'count'],
};

/** Throws a `UsageError` that says what is wrong. */
export function parseCommand(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Common & { readonly command: Command } {
  const { values, positionals } = parse(argv);
  const [name, argument, ...more] = positionals;
  const common: Common = {
    json: values.json ?? false,
    jobApi: url('job-api', values['job-api'] ?? (env['JOB_API_URL'] || 'http://localhost:5000')),
    downloadApi: url(
      'download-api',
      values['download-api'] ?? (env['DOWNLOAD_API_URL'] || 'http://localhost:8000'),
    ),
  };
  if (values.help === true || name === undefined) return { ...common, command: { name: 'help' } };
  const own = OWN[name];
  if (own === undefined) throw new UsageError(`there is no command "${name}"`);
  if (more.length > 0 || (name === 'list' && argument !== undefined))
    throw new UsageError('too many arguments');
  for (const option of Object.keys(values)) {
    if (!COMMON.includes(option) && !own.includes(option))
      throw new UsageError(`${name} takes no --${option}`);
  }
  return { ...common, command: build(name, argument, values) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The rest of Node's message tells how to give arguments that no command here takes.
    const [message = ''] = String(error instanceof Error ? error.message : error).split(/\.\s|\.$/);
    throw new UsageError(message);
  }
}

function build(
  name: string,
  argument: string | undefined,
  values: ReturnType<typeof parse>['values'],
): Command {
  const wait = values.wait ?? false;
  switch (name) {
    case 'create':
      return { name, num: digitCount(argument), wait, verify: values.verify ?? false };
    case 'status':
      return { name, id: jobId(argument), wait };
    case 'list': {
      const limit = integer('--limit', values.limit ?? '50', 1);
      return values.status === undefined ? { name, limit } : { name, limit, status: state(values.status) };
    }
    case 'download': {
      const id = jobId(argument);
      return values.output === undefined ? { name, id } : { name, id, output: values.output };
    }
    case 'digits': {
      const start = integer('--start', values.start ?? '0', 0);
      return { name, id: jobId(argument), start, count: integer('--count', values.count ?? '1000', 1) };
    }
    default:
      return { name: name as 'pause' | 'resume' | 'terminate', id: jobId(argument) };
  }
}

/** An integer as people write large ones: `1000000`, `1_000_000`, `1e6`. */
function digitCount(text: string | undefined): number {
  const [, digits = '', zeros = '0'] = /^(\d[\d_]{0,20})(?:[eE](\d{1,2}))?$/.exec(text ?? '') ?? [];
  const value = Number(digits.replaceAll('_', '')) * 10 ** Number(zeros);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`N must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`);
}

function url(option: string, text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  throw new UsageError(`--${option} must be a URL such as http://localhost:5000, not ${text}`);
}

function integer(what: string, text: string | undefined, min: number): number {
  const value = Number(text);
  if (text !== undefined && /^\d{1,15}$/.test(text) && value >= min) return value;
  throw new UsageError(`${what} must be an integer of at least ${min}`);
}

function jobId(text: string | undefined): string {
  if (text === undefined || !/^[0-9a-fA-F-]{1,36}$/.test(text))
    throw new UsageError('ID must be the id of a job');
  return text;
}

function state(text: string): JobState {
  const found = JOB_STATES.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--status must be one of ${JOB_STATES.join(', ')}`);
  return found;
}
