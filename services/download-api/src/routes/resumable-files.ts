import { watchIdle } from '@pi-jobs/http-files';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import type { ResumableUploads } from '@pi-jobs/resumable-uploads';
import { DEFAULT_IDLE_MS } from './file-route-dependencies.ts';

const tus = 'tus 1.0.0, https://tus.io/protocols/resumable-upload';

interface Address {
  readonly method: 'OPTIONS' | 'POST' | 'HEAD' | 'PATCH' | 'DELETE';
  readonly path: '/files' | '/files/:upload_id';
  readonly summary: string;
  readonly success: number;
}

const ADDRESSES: readonly Address[] = [
  { method: 'OPTIONS', path: '/files', summary: 'What of tus the service speaks', success: 204 },
  {
    method: 'POST',
    path: '/files',
    summary: 'Begin a resumable upload; `filename` in Upload-Metadata names the file',
    success: 201,
  },
  { method: 'OPTIONS', path: '/files/:upload_id', summary: 'What of tus the service speaks', success: 204 },
  { method: 'HEAD', path: '/files/:upload_id', summary: 'How much of an upload has arrived', success: 200 },
  { method: 'PATCH', path: '/files/:upload_id', summary: 'Go on with an upload', success: 204 },
  { method: 'DELETE', path: '/files/:upload_id', summary: 'Give up an upload', success: 204 },
];

const ALLOWED = { '/files': 'POST, OPTIONS', '/files/:upload_id': 'HEAD, PATCH, DELETE, OPTIONS' } as const;

export interface ResumableFilesDependencies {
  readonly resumable: Pick<ResumableUploads, 'answer'>;
  readonly idleMs?: number;
}

/** Uploads that survive a broken line. Errors are tus's own: plain text. */
export function resumableFiles({
  resumable,
  idleMs = DEFAULT_IDLE_MS,
}: ResumableFilesDependencies): readonly Route[] {
  return ADDRESSES.map(({ method, path, summary, success }) =>
    defineRoute({
      method,
      path,
      summary,
      description: tus,
      tags: ['resumable uploads'],
      responses: { [success]: { description: 'As tus says.' } },
      async handler({ req, res }) {
        if (method === 'OPTIONS') res.setHeader('Allow', ALLOWED[path]);
        using idle = watchIdle(req, idleMs);
        // What came is kept; the client asks for the offset and goes on.
        idle.signal.addEventListener('abort', () => req.destroy());
        await resumable.answer({ req, res });
      },
    }),
  );
}
