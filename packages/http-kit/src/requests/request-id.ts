import { randomUUID } from 'node:crypto';

const saneId = /^[A-Za-z0-9._~:@/+=-]{1,128}$/;

/** The client's `X-Request-Id` when it is 1 to 128 plain characters, else a new UUID. */
export function chooseRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && saneId.test(header) ? header : randomUUID();
}
