import type { RequestTools } from '@pi-jobs/http-kit';

/** Does the client prefer a page to JSON? `otherwise` is for those that take either, such as curl. */
export function wantsPage(req: RequestTools['req'], otherwise: 'html' | 'json'): boolean {
  const order = otherwise === 'html' ? ['html', 'json'] : ['json', 'html'];
  return (req.accepts(order) || otherwise) === 'html';
}
