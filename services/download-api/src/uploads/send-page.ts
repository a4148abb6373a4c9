import { type RequestTools, sendText } from '@pi-jobs/http-kit';
import { pageHeaders } from './page-frame.ts';

/** Sends a page, whole, also where the request's body is still on its way. */
export function sendPage(
  { res }: Pick<RequestTools, 'res'>,
  status: number,
  html: string,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  sendText(res, status, undefined, html, { ...pageHeaders, ...headers });
}
