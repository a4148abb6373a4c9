import type { ServerResponse } from 'node:http';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { JobChannel, JobEvent } from '../events/job-channel.ts';
import type { JobChannels } from '../events/job-channels.ts';
import type { AllJobs } from '../jobs/all-jobs.ts';
import { problems } from '../problems.ts';

/** Proxies cut connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** What a listener may leave unread before it is cut, in bytes: it can come back for what it missed. */
const MOST_UNREAD_BYTES = 1 << 20;
/** How long a listener may take for the last events once the stream is over, in milliseconds. */
const LAST_WORDS_MS = 5_000;
/** How long a client waits before it comes back after a lost connection. */
const RETRY = 'retry: 1000\n\n';

const headersSchema = z.object({
  'last-event-id': z
    .string()
    .optional()
    .meta({ description: 'What came after this event is replayed; an unknown id counts as none.' }),
});

/** Server-sent events of one job: its present state first, then every change, until it ends. */
export function streamJobEvents(deps: {
  readonly allJobs: AllJobs;
  readonly channels: JobChannels;
  readonly heartbeatMs?: number;
}): Route {
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
      const job = await deps.allJobs.get(params.id);
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
        await stream(res, channel, {
          lastEventId: headers['last-event-id'],
          heartbeatMs: deps.heartbeatMs ?? HEARTBEAT_MS,
          signals: [signal, draining],
        });
      } finally {
        release();
        endStream(res);
      }
    },
  });
}

/** Resolves when the last event was written or one of `signals` fires. */
function stream(
  res: ServerResponse,
  channel: JobChannel,
  options: {
    readonly lastEventId: string | undefined;
    readonly heartbeatMs: number;
    readonly signals: readonly AbortSignal[];
  },
): Promise<void> {
  const { lastEventId, heartbeatMs, signals } = options;
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(heartbeat);
      stopListening();
      for (const signal of signals) signal.removeEventListener('abort', end);
      resolve();
    };
    const send = (event: JobEvent): void => {
      // A listener that does not read gets no more progress; what it must not miss is the status.
      if (event.type === 'progress' && res.writableNeedDrain) return;
      if (res.writableLength > MOST_UNREAD_BYTES) res.destroy();
      else res.write(event.text);
      if (event.isLast || res.destroyed) end();
    };
    const heartbeat = setInterval(() => {
      if (!res.writableNeedDrain) res.write(': still here\n\n');
    }, heartbeatMs);
    const stopListening = channel.listen(send);
    for (const signal of signals) signal.addEventListener('abort', end);
    res.write(RETRY);
    const missed = lastEventId === undefined ? undefined : channel.eventsAfter(lastEventId);
    for (const event of missed ?? channel.present) send(event);
    // Whoever has the last event already learns from the end of the stream that nothing follows.
    if (signals.some(({ aborted }) => aborted) || channel.newest?.isLast === true) end();
  });
}

/** The end of the stream; a listener that does not read it holds up no stop of the service. */
function endStream(res: ServerResponse): void {
  res.end();
  const timer = setTimeout(() => res.destroy(), LAST_WORDS_MS);
  res.once('close', () => clearTimeout(timer));
}
