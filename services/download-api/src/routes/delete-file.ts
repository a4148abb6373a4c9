import { problemFromFileError } from '@pi-jobs/http-files';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import type { FileRouteDependencies } from './file-route-dependencies.ts';

/** Removes a file. A download of it that is under way gets all of it. */
export function deleteFile({ exchange }: Pick<FileRouteDependencies, 'exchange'>): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/download/:name',
    summary: 'Remove a file',
    tags: ['files'],
    responses: {
      204: { description: 'The file is gone.' },
      403: { description: 'A page of another site made the browser send it.' },
      404: { description: 'No such file.' },
    },
    async handler({ params }) {
      await exchange.remove(params.name).catch((error: unknown) => {
        throw problemFromFileError(error);
      });
      return { status: 204 };
    },
  });
}
