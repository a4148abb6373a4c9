import type { FileExchange, StoredFile } from '@pi-jobs/file-exchange';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { sendPage } from '../uploads/send-page.ts';
import { renderUploadPage } from '../uploads/upload-page.ts';
import { wantsPage } from '../uploads/wants-page.ts';
import type { FileRouteDependencies } from './file-route-dependencies.ts';
import { fileListSchema, listedFiles } from './list-files.ts';

const FILES_PER_PAGE = 500;

/** The page for people; the list of files for programs that ask for JSON. */
export function showUploadPage({ exchange, rules }: FileRouteDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/upload',
    summary: 'The page: the files and a form to add one',
    description: 'Clients that prefer application/json get the same list as from /download.',
    tags: ['files'],
    query: z.object({
      after: z
        .string()
        .optional()
        .meta({ description: 'The page lists the files whose names come after this.' }),
    }),
    responses: {
      200: {
        description: 'The list (JSON) or the page (HTML).',
        schema: fileListSchema,
        otherTypes: ['text/html'],
      },
    },
    async handler({ req, res, query }) {
      const names = await exchange.list();
      if (!wantsPage(req, 'html'))
        return { status: 200, body: listedFiles(names, req), headers: { Vary: 'Accept' } };
      const { after } = query;
      const rest = after === undefined ? names : names.filter((name) => name > after);
      const shown = rest.slice(0, FILES_PER_PAGE);
      const html = renderUploadPage({
        files: await describeFiles(exchange, shown),
        fileCount: names.length,
        nextAfter: rest.length > shown.length ? shown.at(-1) : undefined,
        allowedExtensions: rules.allowedExtensions,
        maxBytes: rules.maxBytes,
      });
      sendPage({ res }, 200, html);
      return undefined;
    },
  });
}

/** Files that are removed between the two looks are left out. */
async function describeFiles(exchange: FileExchange, names: readonly string[]): Promise<StoredFile[]> {
  const found = await Promise.allSettled(names.map((name) => exchange.stat(name)));
  return found.filter((result) => result.status === 'fulfilled').map((result) => result.value);
}
