import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';

export interface LoggerOptions {
  readonly name: string;
  /** pino's levels; default `info`. */
  readonly level?: string;
  /** Default: standard output, written in blocks off the request path, at least ten times a second and when the process ends. */
  readonly stream?: DestinationStream;
}

/** A pino logger that writes JSON lines with `level` as a word and `time` as ISO 8601. */
export function createLogger({ name, level = 'info', stream }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 100 }),
  );
}
