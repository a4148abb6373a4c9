import { defineRoute, type RequestTools, type Route } from '@pi-jobs/http-kit';
import { baseUrlOf } from '../dictionary/base-url.ts';
import { instructions } from '../dictionary/instructions.ts';
import { instructionsPath } from '../dictionary/query-paths.ts';
import { pagePolicy, renderPage } from '../dictionary/render-page.ts';
import { renderText } from '../dictionary/render-text.ts';

interface Rendering {
  readonly contentType: string;
  readonly render: (baseUrl: string) => string;
}

/** In the order in which they are offered: who does not care gets the page. */
const renderings: Readonly<Record<string, Rendering>> = {
  'text/html': {
    contentType: 'text/html; charset=utf-8',
    render: (baseUrl) => renderPage(instructions, baseUrl),
  },
  'text/plain': {
    contentType: 'text/plain; charset=utf-8',
    render: (baseUrl) => renderText(instructions, baseUrl),
  },
  'application/json': {
    contentType: 'application/json; charset=utf-8',
    render: () => JSON.stringify(instructions),
  },
};

/** How to query the dictionaries: a page, plain text or JSON, as the client prefers. */
export function dictionaryInstructions(): Route {
  return defineRoute({
    method: 'GET',
    path: instructionsPath,
    summary: 'How to query the dictionaries',
    tags: ['dictionary'],
    responses: {
      200: {
        description: 'The instructions, in the form that the client prefers.',
        contentType: 'text/html',
        otherTypes: ['text/plain', 'application/json'],
      },
    },
    handler({ req, res }) {
      const { contentType, render } = chooseRendering(req);
      const body = Buffer.from(render(baseUrlOf(req)));
      res.writeHead(200, {
        'Content-Type': contentType,
        'Content-Length': body.length,
        'Content-Security-Policy': pagePolicy,
        Vary: 'Accept, Host',
      });
      res.end(body);
      return undefined;
    },
  });
}

function chooseRendering(req: RequestTools['req']): Rendering {
  const types = Object.keys(renderings);
  const type = req.accepts(types) || 'text/html';
  return renderings[type] as Rendering;
}
