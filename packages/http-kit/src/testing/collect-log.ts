import type { Logger } from 'pino';
import { createLogger } from '../logging/create-logger.ts';

export type LogLine = Readonly<Record<string, unknown>>;

/** A logger at level trace whose lines can be read at once. */
export function collectLog(name = 'test'): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const stream = { write: (text: string): number => lines.push(JSON.parse(text) as LogLine) };
  return { logger: createLogger({ name, level: 'trace', stream }), lines };
}
