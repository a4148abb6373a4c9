import { defineRoute, type Route } from '@pi-jobs/http-kit';

/** Browsers ask for it whenever a file is shown by itself; there is none, and that is no error worth a line in their console. */
export function showFavicon(): Route {
  return defineRoute({
    method: 'GET',
    path: '/favicon.ico',
    summary: 'No icon',
    tags: ['files'],
    responses: { 204: { description: 'There is none.' } },
    handler: () => ({ status: 204, headers: { 'Cache-Control': 'public, max-age=86400' } }),
  });
}
