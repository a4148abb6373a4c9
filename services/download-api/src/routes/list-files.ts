import { defineRoute, type RequestTools, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { fileUrl } from '../files/file-url.ts';
import type { FileRouteDependencies } from './file-route-dependencies.ts';

export const fileListSchema = z
  .array(z.object({ filename: z.string(), url: z.url() }).meta({ id: 'ListedFile' }))
  .meta({ id: 'FileList' });

export function listedFiles(
  names: readonly string[],
  req: RequestTools['req'],
): z.output<typeof fileListSchema> {
  return names.map((filename) => ({ filename, url: fileUrl(req, filename) }));
}

/** The names of all files. */
export function listFiles({ exchange }: Pick<FileRouteDependencies, 'exchange'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/download',
    summary: 'All files, sorted by name',
    tags: ['files'],
    responses: { 200: { description: 'The files.', schema: fileListSchema } },
    async handler({ req }) {
      return {
        status: 200,
        body: listedFiles(await exchange.list(), req),
        headers: { 'Cache-Control': 'no-cache' },
      };
    },
  });
}
