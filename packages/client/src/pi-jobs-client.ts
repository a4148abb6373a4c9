import { type JobState, type JobView, jobIdSchema, jobViewSchema } from '@pi-jobs/core/job';
import type { EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { operations } from './operations.ts';
import { brokenOff, parseJson, readJson, readText, request, type ServiceUrls } from './request.ts';

const createdSchema = z.object({ job_id: jobIdSchema, num: z.int(), status: z.string() });
const pageSchema = z.object({ jobs: z.array(jobViewSchema), next_cursor: z.string().nullable() });

export type CreatedJob = z.infer<typeof createdSchema>;
export type JobList = z.infer<typeof pageSchema>;

interface Abortable {
  readonly signal?: AbortSignal;
}

export interface FollowedEvent {
  readonly type: 'status' | 'progress';
  readonly id: string | undefined;
  readonly job: JobView;
}

/** Digit jobs over HTTP. Answers are checked against the schemas that the services use. Job ids are taken as text. */
export class PiJobsClient {
  readonly #urls: ServiceUrls;

  constructor(urls: ServiceUrls) {
    this.#urls = urls;
  }

  /** `idempotencyKey`: repeat the call with it after a lost answer, and there is one job all the same. */
  async createJob(
    num: number,
    options: Abortable & { readonly verify?: boolean; readonly idempotencyKey?: string } = {},
  ): Promise<CreatedJob> {
    const { verify, idempotencyKey, ...rest } = options;
    const response = await request(this.#urls, operations.createJob, {
      ...rest,
      json: verify === undefined ? { num } : { num, verify },
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    });
    return readJson(response, createdSchema, rest.signal);
  }

  async jobStatus(id: string, options: Abortable & { readonly waitSeconds?: number } = {}): Promise<JobView> {
    const { waitSeconds, ...rest } = options;
    const query = { wait: waitSeconds };
    const response = await request(this.#urls, operations.jobStatus, { ...rest, path: { id }, query });
    return readJson(response, jobViewSchema, rest.signal);
  }

  /** One page of the digit jobs, newest first; jobs of other kinds are left out. */
  async listJobs(
    filter: { readonly limit?: number; readonly cursor?: string; readonly status?: JobState } = {},
  ): Promise<JobList> {
    const query = { ...filter, kind: 'digits' };
    return readJson(await request(this.#urls, operations.listJobs, { query }), pageSchema);
  }

  /** Resolves when it is so, or, with a state that is not yet the asked one, when it takes long. */
  async pauseJob(id: string): Promise<JobView> {
    return this.#control(operations.pauseJob, id);
  }

  async resumeJob(id: string): Promise<JobView> {
    return this.#control(operations.resumeJob, id);
  }

  async terminateJob(id: string): Promise<JobView> {
    return this.#control(operations.terminateJob, id);
  }

  /** The job's present state, then every change, until it has ended or the connection does. */
  async *followJob(
    id: string,
    options: Abortable & { readonly lastEventId?: string } = {},
  ): AsyncGenerator<FollowedEvent> {
    const { lastEventId, ...rest } = options;
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await request(this.#urls, operations.jobEvents, { ...rest, path: { id }, headers });
    for await (const { event, data, id: eventId } of eventsOf(response, rest.signal)) {
      if (event === 'status' || event === 'progress') {
        yield { type: event, id: eventId, job: parseJson(data, jobViewSchema, response.url) };
      }
    }
  }

  /** The zip archive of a complete job, as the body of the answer. */
  async download(id: string, options: Abortable = {}): Promise<Response> {
    return request(this.#urls, operations.download, { ...options, path: { name: id } });
  }

  /** Digits without the point; those of a running job as far as they are certain. */
  async readDigits(id: string, start: number, count: number): Promise<string> {
    const query = { start, count };
    return readText(await request(this.#urls, operations.readDigits, { path: { job_id: id }, query }));
  }

  async #control(
    operation: typeof operations.pauseJob | typeof operations.resumeJob | typeof operations.terminateJob,
    id: string,
  ) {
    return readJson(await request(this.#urls, operation, { path: { id } }), jobViewSchema);
  }
}

/** Throws a `LostConnectionError` when the stream breaks off. */
async function* eventsOf(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventSourceMessage> {
  if (response.body === null) return;
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  try {
    yield* events;
  } catch (error) {
    throw brokenOff(response, error, signal);
  }
}
