import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type ControlledTransfer, jobIdSchema, type WorkerSlots } from '@pi-jobs/core';
import { unlessAborted } from '@pi-jobs/file-exchange';
import { defineRoute, type RequestTools, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { endWithError, isTermination } from '../transfers/end-transfer.ts';
import { type TransferLimits, watchTransfer } from '../transfers/idle-limit.ts';
import { type DownloadSource, openSource, type SourceDependencies } from '../transfers/open-source.ts';
import { withWorkerProblems } from '../workers/worker-problems.ts';

export interface DownloadFileDependencies extends SourceDependencies {
  readonly slots: WorkerSlots;
  readonly transferLimits?: TransferLimits;
}

const NAMED = 'must name either a filename or a job_id';

const bodySchema = z
  .strictObject({ filename: z.string().optional(), job_id: jobIdSchema.optional() })
  .refine(({ filename, job_id }) => (filename === undefined) !== (job_id === undefined), { error: NAMED });

/** Sends a file, or the archive of a job's digits, in the slot of a worker id; it can be paused, resumed and terminated from elsewhere. */
export function downloadFile(deps: DownloadFileDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/download/new/:worker_id',
    summary: 'Download a file or a result, controlled while it goes out',
    body: { json: bodySchema },
    responses: {
      200: {
        description:
          'The bytes. A terminated download is cut short: the connection ends before Content-Length.',
        contentType: 'application/zip',
        otherTypes: ['*/*'],
      },
      400: { description: 'A bad, used or expired worker id, or a bad body.' },
      404: { description: 'No such file or job.' },
      409: { description: 'The job is not complete.' },
    },
    async handler({ params, body, req, res, signal, draining }) {
      const { worker_id: workerId } = params;
      await withWorkerProblems(deps.slots.check(workerId));
      await using source = await openSource(deps, body, signal);
      const transfer = await withWorkerProblems(
        deps.slots.useForTransfer(workerId, {
          kind: 'download',
          filename: source.filename,
          total: source.size,
        }),
      );
      await send(source, transfer, { req, res, signal, draining }, deps.transferLimits);
    },
  });
}

async function send(
  source: DownloadSource,
  transfer: ControlledTransfer,
  { req, res, signal, draining }: Pick<RequestTools, 'req' | 'res' | 'signal' | 'draining'>,
  limits?: TransferLimits,
): Promise<void> {
  using watch = watchTransfer(req, () => transfer, draining, limits);
  const stop = AbortSignal.any([signal, watch.signal, transfer.signal]);
  try {
    res.writeHead(200, {
      'Content-Type': source.contentType,
      'Content-Length': source.size,
      'Content-Disposition': source.disposition,
      'Cache-Control': 'no-store',
    });
    // A transfer that is paused before its first byte has been accepted all the same.
    res.flushHeaders();
    for await (const chunk of source.read()) {
      await unlessAborted(transfer.admit(), stop);
      const hasRoom = res.write(chunk);
      transfer.moved(chunk.length);
      // Waiting for the client is no part of the move: a pause takes effect meanwhile.
      if (!hasRoom) await once(res, 'drain', { signal: stop });
    }
    await finish(res, stop);
    // What is paused does not complete either.
    await unlessAborted(transfer.admit(), stop);
    await transfer.end('completed');
  } catch (error) {
    const reason: unknown = stop.aborted ? stop.reason : error;
    await endWithError(transfer, signal.aborted ? new Error('the client went away') : reason);
    // What was announced will not come: the end of the connection says so.
    res.destroy();
    if (!isTermination(reason) && !stop.aborted) throw error;
  }
}

/** Every byte is with the client's system. */
async function finish(res: ServerResponse, signal: AbortSignal): Promise<void> {
  res.end();
  if (!res.writableFinished) await once(res, 'finish', { signal });
}
