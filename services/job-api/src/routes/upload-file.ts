import { type ControlledTransfer, StopError, type WorkerSlots } from '@pi-jobs/core';
import { type FileExchange, type FileUpload, pump } from '@pi-jobs/file-exchange';
import { fileProblems, problemFromFileError, receiveMultipart } from '@pi-jobs/http-files';
import { defineRoute, HttpProblem, type RequestTools, type Route, type StreamBody } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { endWithError, isTermination } from '../transfers/end-transfer.ts';
import { type TransferLimits, watchTransfer } from '../transfers/idle-limit.ts';
import { WorkerUpload, type WorkerUploadOptions } from '../transfers/worker-upload.ts';
import { withWorkerProblems, workerProblems } from '../workers/worker-problems.ts';
import { workerViewSchema } from '../workers/worker-view.ts';

export interface UploadFileDependencies {
  readonly slots: WorkerSlots;
  readonly exchange: FileExchange;
  /** Largest file in bytes. */
  readonly maxUploadBytes: number;
  readonly downloadApiUrl: string;
  readonly transferLimits?: TransferLimits;
}

type Upload = Pick<RequestTools, 'req' | 'res' | 'signal' | 'draining'> & {
  readonly workerId: string;
  readonly filename: string | undefined;
  readonly body: StreamBody;
};

const MULTIPART = 'multipart/form-data';

const querySchema = z.object({
  filename: z.string().optional().meta({ description: 'Name of a raw body; a multipart part has its own.' }),
});

const replySchema = workerViewSchema.extend({
  url: z.string().optional().meta({ description: 'Where the stored file is, at the Download API.' }),
});

/** Takes in a file in the slot of a worker id; the upload can be paused, resumed and terminated from elsewhere. */
export function uploadFile(deps: UploadFileDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/upload/new/:worker_id',
    summary: 'Upload a file that can be controlled while it comes in',
    query: querySchema,
    body: { stream: { description: 'The file itself, or multipart/form-data with the part `file`.' } },
    responses: {
      200: { description: 'Stored, or terminated halfway: then nothing of it stays.', schema: replySchema },
      400: { description: 'A bad, used or expired worker id; no name or a bad one; a body that broke off.' },
      409: { description: 'The name is taken.' },
      413: { description: 'The file is too large.' },
      415: { description: 'The type is not allowed, or the content contradicts it.' },
      500: { description: 'The upload could not be done.' },
      507: { description: 'There is no space left.' },
    },
    async handler({ params, query, req, res, signal, draining, body }) {
      const { worker_id: workerId } = params;
      await withWorkerProblems(deps.slots.check(workerId));
      return store(deps, { workerId, filename: query.filename, req, res, signal, draining, body });
    },
  });
}

async function store(deps: UploadFileDependencies, upload: Upload) {
  const { workerId, req, signal, draining } = upload;
  let transfer: ControlledTransfer | undefined;
  let received: FileUpload | undefined;
  using watch = watchTransfer(req, () => transfer, draining, deps.transferLimits);
  const terminated = new AbortController();
  const stop = AbortSignal.any([signal, watch.signal, terminated.signal]);
  const onStarted = (started: ControlledTransfer): void => {
    transfer = started;
    started.signal.addEventListener('abort', () => terminated.abort(started.signal.reason), { once: true });
  };
  try {
    received = await receive(deps, upload, stop, {
      onStarted,
      onRefused: (error) => terminated.abort(error),
    });
    const file = await received.commit();
    await transfer?.end('completed');
    const url = `${deps.downloadApiUrl}/download/${encodeURIComponent(file.filename)}`;
    const stored = { filename: file.filename, bytes: file.size, total: file.size, url };
    return {
      status: 200 as const,
      body: { worker_id: workerId, kind: 'upload' as const, status: 'completed' as const, ...stored },
    };
  } catch (error) {
    await received?.abort();
    await endWithError(transfer, error);
    if (!isTermination(error)) throw problemFromUploadError(error);
    const view = await deps.slots.get(workerId);
    const bytes = view?.transfer?.bytes ?? 0;
    return {
      status: 200 as const,
      body: { worker_id: workerId, kind: 'upload' as const, status: 'terminated' as const, bytes },
    };
  }
}

async function receive(
  deps: UploadFileDependencies,
  { workerId, filename, req, res, body }: Upload,
  signal: AbortSignal,
  hooks: Pick<WorkerUploadOptions, 'onStarted' | 'onRefused'>,
): Promise<FileUpload> {
  const length = req.headers['content-length'];
  const total = length === undefined || body.contentType === MULTIPART ? null : Number(length);
  const begin = async (name: string): Promise<FileUpload> => {
    const declared = total === null ? {} : { declaredSize: total };
    const upload = await deps.exchange.beginUpload(name, { ...declared, signal });
    const start = () =>
      withWorkerProblems(deps.slots.useForTransfer(workerId, { kind: 'upload', filename: name, total }));
    return new WorkerUpload(upload, { ...hooks, start, exchange: deps.exchange, signal });
  };
  if (body.contentType === MULTIPART) {
    return receiveMultipart({ req, res }, { maxBytes: deps.maxUploadBytes, signal, begin });
  }
  if (filename === undefined) throw fileProblems.no_file('A raw body needs its name: ?filename=');
  const upload = await begin(filename);
  try {
    // The request is left whole on an error, so that it can still be answered.
    await pump(req.iterator({ destroyOnReturn: false }), upload, signal);
    return upload;
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

function problemFromUploadError(error: unknown): unknown {
  if (error instanceof StopError) {
    return workerProblems.work_failed('the service stood still for so long that the slot was given away', {
      cause: error,
    });
  }
  const problem = problemFromFileError(error);
  if (problem instanceof HttpProblem) return problem;
  const isBrokenOff = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return isBrokenOff ? workerProblems.transfer_incomplete('the body broke off', { cause: error }) : problem;
}
