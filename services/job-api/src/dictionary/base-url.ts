import type { RequestTools } from '@pi-jobs/http-kit';

/** `http://host:port` as the client named it, so that links and commands work from where it is; empty if it named nothing sane. */
export function baseUrlOf(req: RequestTools['req']): string {
  const { host } = req.headers;
  return host !== undefined && /^[\w.:[\]-]+$/.test(host) ? `${req.protocol}://${host}` : '';
}
