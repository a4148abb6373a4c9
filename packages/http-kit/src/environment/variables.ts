import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { decimalInteger } from '../schemas/integers.ts';

const bytesOrCount = { min: 1 };

/** A TCP port; 0 picks a free one. */
function port(defaultPort: number) {
  return decimalInteger({ min: 0, max: 65_535 }).default(defaultPort);
}

/** An absolute path; a relative one counts from where the service was started. */
function folder() {
  return z.string().transform((path) => resolve(path));
}

/** A folder that has to be there: a query would only say that there is nothing in it. */
function existingFolder() {
  return folder().refine(isFolder, { error: 'must be a folder that is there' });
}

/** A folder that is there or can be made: nothing on the way to it is a file. */
function possibleFolder() {
  return folder().refine(isPossible, { error: 'must be a folder, or where one can be made' });
}

function isPossible(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? isPossible(dirname(path));
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function commaSeparated<Item extends z.ZodType<string, string>>(item: Item) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).min(1));
}

/** RFC 1123, but with a letter in it: digits and dots alone are a mistyped address. */
const hostName = /^(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const urlWording = 'must be a URL such as http://localhost:8000';

/** Where another service answers, without a slash at the end. */
function serviceUrl() {
  return z
    .string()
    .refine((text) => /^https?:\/\/[^/?#@]+\/?$/i.test(text) && URL.canParse(text), { error: urlWording })
    .transform((text) => text.replace(/\/$/, ''));
}

/**
 * Every variable there is, each with its default. A service names those that it reads besides `commonVariables`:
 * `z.object({ ...commonVariables, JOB_API_PORT: variables.JOB_API_PORT })`.
 */
export const variables = {
  HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || hostName.test(host), {
      error: 'must be an IP address or a host name',
    })
    .default('127.0.0.1'),
  /** Names with a dot by which the service may be called besides addresses and `localhost`; undefined: by where it listens. */
  ALLOWED_HOSTS: commaSeparated(
    z.string().refine((name) => name === '*' || hostName.test(name), { error: 'must be host names, or *' }),
  ).optional(),
  JOB_API_PORT: port(5000),
  DOWNLOAD_API_PORT: port(8000),
  PI_CALCULATOR_PORT: port(3141),
  DATA_DIR: possibleFolder().prefault(() => resolve('data')),
  /** Largest `num`. */
  MAX_DIGITS: decimalInteger(bytesOrCount).default(1_000_000_000),
  MAX_CONCURRENT_JOBS: decimalInteger({ min: 1, max: 4096 }).default(() => availableParallelism()),
  WORKER_ID_TTL_SECONDS: decimalInteger({ min: 1, max: 86_400 }).default(300),
  MAX_UPLOAD_BYTES: decimalInteger(bytesOrCount).default(1_073_741_824),
  SHUTDOWN_TIMEOUT_SECONDS: decimalInteger({ min: 1, max: 3600 }).default(30),
  /** Undefined: the dictionaries that come with the service. */
  DICTIONARY_DIR: existingFolder().optional(),
  STORE: z.enum(['file', 'aws']).default('file'),
  /** Both are there when STORE is aws: `storeRule` sees to it. */
  SQS_QUEUE_URL: z
    .string()
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
      error: 'must be the URL of a queue',
    })
    .optional(),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'must be the name of a bucket' })
    .optional(),
  AUTH_TOKENS_FILE: folder().optional(),
  ALLOW_ANONYMOUS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  /** Undefined: the dictionaries' folder. */
  LIST_ROOTS: commaSeparated(existingFolder()).optional(),
  /** Lower case, without the dot. */
  UPLOAD_EXTENSIONS: commaSeparated(
    z
      .string()
      .regex(/^\.?[A-Za-z0-9]{1,16}$/, { error: 'must be file extensions such as txt,pdf' })
      .transform((text) => text.replace('.', '').toLowerCase()),
  ).default(['txt', 'rtf', 'doc', 'docx', 'xls', 'xlsx', 'pdf', 'png', 'jpg', 'jpeg', 'gif', 'csv']),
  /** Default: localhost with that service's port. */
  DOWNLOAD_API_URL: serviceUrl(),
  PI_CALCULATOR_URL: serviceUrl(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
};

/** What every service reads: where it listens and for whom, where jobs are kept, how it logs and stops. */
export const commonVariables = {
  HOST: variables.HOST,
  ALLOWED_HOSTS: variables.ALLOWED_HOSTS,
  ALLOW_ANONYMOUS: variables.ALLOW_ANONYMOUS,
  AUTH_TOKENS_FILE: variables.AUTH_TOKENS_FILE,
  DATA_DIR: variables.DATA_DIR,
  STORE: variables.STORE,
  S3_BUCKET: variables.S3_BUCKET,
  SQS_QUEUE_URL: variables.SQS_QUEUE_URL,
  SHUTDOWN_TIMEOUT_SECONDS: variables.SHUTDOWN_TIMEOUT_SECONDS,
  LOG_LEVEL: variables.LOG_LEVEL,
};
