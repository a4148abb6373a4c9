import type { IncomingMessage } from 'node:http';
import { kitProblems } from '../problems/kit-problems.ts';

/**
 * Refuses what a page of another origin makes a browser send. Browsers say so themselves (Sec-Fetch-Site), older ones by Origin; what is no
 * browser sends neither and has no user's rights to abuse.
 */
export function requireSameSite({ headers }: Pick<IncomingMessage, 'headers'>): void {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined && (headers.origin === undefined || hostOf(headers.origin) === headers.host)) return;
  throw kitProblems.cross_site('The request comes from a page of another site.');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
