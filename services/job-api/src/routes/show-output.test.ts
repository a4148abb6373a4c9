import { randomBytes } from 'node:crypto';
import { FileMessageQueue, FileObjectStore } from '@pi-jobs/core';
import { describeContent } from '@pi-jobs/http-files/contract-suite';
import { type ImageFacts, ImageJobs, ImageWork } from '@pi-jobs/image-jobs';
import { describe, onTestFinished } from 'vitest';
import { startJobApi } from '../testing/start-job-api.ts';

const facts: ImageFacts = { contentType: 'image/png', bytes: 2000, width: 3, height: 2, frames: null };

async function* some(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

describe('GET /jobs/:uuid/output', () => {
  describeContent(async () => {
    const { url, dataDir } = await startJobApi();
    const store = await FileObjectStore.open(dataDir);
    onTestFinished(() => store.close());
    const jobs = new ImageJobs(store, await FileMessageQueue.open(dataDir));
    const { job } = await jobs.create({ image: some(randomBytes(10)), facts, operations: null });
    const claim = await new ImageWork(store).begin(job.id);
    await claim?.complete(some(randomBytes(2000)), facts);
    return `${url}/jobs/${job.id}/output`;
  });
});
