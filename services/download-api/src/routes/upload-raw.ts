import { watchIdle } from '@pi-jobs/http-files';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { answerUpload, uploadedSchema } from '../uploads/answer-upload.ts';
import { DEFAULT_IDLE_MS, type FileRouteDependencies } from './file-route-dependencies.ts';

/** Takes in a request body as it is, under the name in the path. */
export function uploadRaw({ exchange, idleMs = DEFAULT_IDLE_MS }: FileRouteDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/upload/:filename',
    summary: 'Upload the request body as a file',
    description: 'The declared content type is of no account: the bytes are stored as they come.',
    tags: ['files'],
    body: { stream: { description: "The file's bytes." } },
    responses: {
      201: { description: 'The file is stored.', schema: uploadedSchema, otherTypes: ['text/html'] },
      400: { description: 'A name that cannot be used.' },
      403: { description: 'A page of another site made the browser send it.' },
      409: { description: 'The name is taken.' },
      413: { description: 'The file is too large.' },
      415: { description: 'The type is not allowed, or the content contradicts it.' },
      507: { description: 'There is no space left.' },
    },
    async handler(tools) {
      const { params, req, signal } = tools;
      return await answerUpload(tools, async () => {
        using idle = watchIdle(req, idleMs);
        const length = req.headers['content-length'];
        return await exchange.put(params.filename, req.iterator({ destroyOnReturn: false }), {
          ...(length === undefined ? {} : { declaredSize: Number(length) }),
          signal: AbortSignal.any([signal, idle.signal]),
        });
      });
    },
  });
}
