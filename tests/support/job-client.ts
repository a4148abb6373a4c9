import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '@pi-jobs/core';

export interface CreateAnswer {
  readonly status: number;
  readonly text: string;
  /** Undefined unless the job was acknowledged. */
  readonly id: number | undefined;
  readonly headers: Headers;
}

/** Posts a job. Rejects when the connection broke before the answer. */
export async function createJob(
  jobApiUrl: string,
  num: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<CreateAnswer> {
  const response = await fetch(`${jobApiUrl}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ num }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const id = response.status === 202 ? (JSON.parse(text) as { job_id: number }).job_id : undefined;
  return { status: response.status, text, id, headers: response.headers };
}

/** Posts a job that must be acknowledged; its id. */
export async function mustCreateJob(jobApiUrl: string, num: number): Promise<number> {
  const { id, status, text } = await createJob(jobApiUrl, num);
  if (id === undefined) throw new Error(`job for ${num} digits refused with ${status}: ${text}`);
  return id;
}

export async function readStatus(jobApiUrl: string, id: number, query = ''): Promise<JobView> {
  const response = await fetch(`${jobApiUrl}/jobs/${id}/status${query}`);
  if (response.status !== 200) throw new Error(`status of job ${id}: ${response.status}`);
  return (await response.json()) as JobView;
}

/** Polls until the job has the status; throws when it does not within the time, or ends in another way. */
export async function waitForStatus(
  jobApiUrl: string,
  id: number,
  wanted: JobView['status'],
  timeoutMs = 30_000,
): Promise<JobView> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const view = await readStatus(jobApiUrl, id);
    if (view.status === wanted) return view;
    if (view.status === 'failed' || view.status === 'completed' || Date.now() > deadline) {
      throw new Error(`job ${id} is not ${wanted} but ${JSON.stringify(view)}`);
    }
    await sleep(50);
  }
}
