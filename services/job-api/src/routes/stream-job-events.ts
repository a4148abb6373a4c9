import type { ServerResponse } from 'node:http';
import type { JobStore } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { JobChannel, JobEvent } from '../events/job-channel.ts';
import type { JobChannels } from '../events/job-channels.ts';
import { problems } from '../problems.ts';

/** Proxies cut connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it comes back after a lost connection. */
const RETRY = 'retry: 1000\n\n';

const headersSchema = z.object({
  'last-event-id': z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'What came after this event is replayed; an unknown id counts as none.' }),
});

/** Server-sent events of one job: its present state first, then every change, until it ends. */
export function streamJobEvents(deps: { readonly jobs: JobStore; readonly channels: JobChannels }): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs/:id/events',
    summary: 'Follow a job as server-sent events',
    description:
      '`status` and `progress` events, each with the status answer as data; ends when the job has ended.',
    headers: headersSchema,
    responses: {
      200: { description: 'The stream.', contentType: 'text/event-stream' },
      404: { description: 'No such job.' },
    },
    async handler({ params, headers, req, res, signal, draining }) {
      const job = await deps.jobs.get(params.id);
      if (job === undefined) throw problems.job_not_found(`no job has the id ${params.id}`);
      res.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      if (req.method === 'HEAD') {
        res.end();
        return;
      }
      const { channel, release } = deps.channels.acquire(job);
      try {
        await stream(res, channel, headers['last-event-id'], AbortSignal.any([signal, draining]));
      } finally {
        release();
        res.end();
      }
    },
  });
}

/** Resolves when the last event was written or `signal` fires. */
function stream(
  res: ServerResponse,
  channel: JobChannel,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(heartbeat);
      stopListening();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const send = (event: JobEvent): void => {
      // A listener that does not read gets no more progress; what it must not miss is the status.
      if (event.type === 'progress' && res.writableNeedDrain) return;
      res.write(event.text);
      if (event.isLast) end();
    };
    const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
    const stopListening = channel.listen(send);
    signal.addEventListener('abort', end);
    res.write(RETRY);
    const missed = lastEventId === undefined ? undefined : channel.eventsAfter(lastEventId);
    for (const event of missed ?? channel.present) send(event);
    // Whoever has the last event already learns from the end of the stream that nothing follows.
    if (signal.aborted || channel.newest?.isLast === true) end();
  });
}
