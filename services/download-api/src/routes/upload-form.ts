import { fileProblems, receiveMultipart, watchIdle } from '@pi-jobs/http-files';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { answerUpload, uploadedSchema } from '../uploads/answer-upload.ts';
import { DEFAULT_IDLE_MS, type FileRouteDependencies } from './file-route-dependencies.ts';

/** Boundaries, part heads and small fields around a file of the largest size. */
const ENVELOPE_BYTES = 64 * 1024;

/** Takes in a file from a form or from `curl -F`. */
export function uploadForm({
  exchange,
  rules,

  idleMs = DEFAULT_IDLE_MS,
}: FileRouteDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/upload',
    summary: 'Upload a file as multipart/form-data, in the part `file`',
    description: 'Answers a page to clients that prefer text/html.',
    tags: ['files'],
    body: { stream: { contentTypes: ['multipart/form-data'], description: 'One file in the part `file`.' } },
    responses: {
      201: { description: 'The file is stored.', schema: uploadedSchema, otherTypes: ['text/html'] },
      400: { description: 'No file, several files, a name that cannot be used, or a malformed body.' },
      403: { description: 'A page of another site made the browser send it.' },
      409: { description: 'The name is taken.' },
      413: { description: 'The file is too large.' },
      415: { description: 'The type is not allowed, or the content contradicts it.' },
      507: { description: 'There is no space left.' },
    },
    async handler(tools) {
      const { req, signal } = tools;
      return await answerUpload(tools, async () => {
        if (Number(req.headers['content-length'] ?? 0) > rules.maxBytes + ENVELOPE_BYTES) {
          throw fileProblems.file_too_large(`The file is larger than ${rules.maxBytes} bytes.`);
        }
        using idle = watchIdle(req, idleMs);
        const stop = AbortSignal.any([signal, idle.signal]);
        const upload = await receiveMultipart(tools, {
          maxBytes: rules.maxBytes,
          signal: stop,
          begin: (filename) => exchange.beginUpload(filename, { signal: stop }),
        });
        return await upload.commit();
      });
    },
  });
}
