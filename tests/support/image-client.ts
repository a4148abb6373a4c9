import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageJobView } from '@pi-jobs/image-jobs';

export interface PostAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: ImageJobView & Readonly<Record<string, unknown>>;
}

/** Posts an image as a form would. Rejects when the connection broke before the answer. */
export async function postImage(
  jobApiUrl: string,
  image: Uint8Array,
  operations?: readonly unknown[],
): Promise<PostAnswer> {
  const form = new FormData();
  if (operations !== undefined) form.set('operations', JSON.stringify(operations));
  form.set('image', new Blob([new Uint8Array(image)]), 'image');
  const response = await fetch(`${jobApiUrl}/jobs`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(60_000),
  });
  const body = (await response.json()) as PostAnswer['body'];
  return { status: response.status, location: response.headers.get('location'), body };
}

/** Polls until the job has ended. */
export async function waitForImage(
  jobApiUrl: string,
  location: string,
  timeoutMs = 60_000,
): Promise<{ readonly status: number; readonly location: string | null; readonly body: ImageJobView }> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const response = await fetch(jobApiUrl + location);
    const body = (await response.json()) as ImageJobView;
    if (['completed', 'failed', 'terminated'].includes(body.status)) {
      return { status: response.status, location: response.headers.get('location'), body };
    }
    if (Date.now() > deadline) throw new Error(`${location} has not ended but is ${JSON.stringify(body)}`);
    await sleep(50);
  }
}
