import type { PiJobsClient } from '@pi-jobs/client';

/** What every command works with. */
export interface Context {
  readonly client: PiJobsClient;
  readonly json: boolean;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  /** Fires at Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** One line for people, or the object as one line of JSON for scripts. */
export function print({ json, out }: Context, object: unknown, text: string): void {
  out.write(`${json ? JSON.stringify(object) : text}\n`);
}
