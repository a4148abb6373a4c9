import { defineRoute, type Route } from '@pi-jobs/http-kit';

/** Whoever comes without an address gets the page. */
export function redirectRoot(): Route {
  return defineRoute({
    method: 'GET',
    path: '/',
    summary: 'Redirects to the page',
    tags: ['files'],
    responses: { 302: { description: 'To /upload.' } },
    handler: () => ({ status: 302, headers: { Location: '/upload' } }),
  });
}
