import { PiJobsClient } from '@pi-jobs/client';
import type { JobView } from '@pi-jobs/core';
import { type ChildService, startService } from './child-service.ts';
import { pause } from './pause.ts';

/** A Job API and a calculator on one volume, and a client of them. */
export class JobSystem implements AsyncDisposable {
  readonly api: ChildService;
  readonly calculator: ChildService;
  readonly client: PiJobsClient;
  #num: number;

  private constructor(api: ChildService, calculator: ChildService, num: number) {
    this.api = api;
    this.calculator = calculator;
    this.client = new PiJobsClient({ 'job-api': api.url, 'download-api': 'http://127.0.0.1:9' });
    this.#num = num;
  }

  /** Its jobs will have a few digits more than `num`. */
  static async start(dataDir: string, num: number): Promise<JobSystem> {
    const calculator = await startService('pi-calculator', dataDir);
    const api = await startService('job-api', dataDir, { PI_CALCULATOR_URL: calculator.url });
    return new JobSystem(api, calculator, num);
  }

  /** Its id. A job that is no longer than a finished one is a copy of it: each is a little longer than all before. */
  async createJob(): Promise<string> {
    this.#num += 1;
    const { job_id: id } = await this.client.createJob(this.#num);
    return String(id);
  }

  /** Asks again and again until it is so; `onLook` is told of each answer. */
  async until(
    id: string,
    isReached: (job: JobView) => boolean,
    onLook: (job: JobView) => void = () => undefined,
  ): Promise<JobView> {
    for (;;) {
      const job = await this.client.jobStatus(id);
      onLook(job);
      if (job.status === 'failed') throw new Error(`job ${id} failed: ${job.error}`);
      if (isReached(job)) return job;
      await pause(25);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
    await this.calculator[Symbol.asyncDispose]();
  }
}

/** Seconds that a finished job took, by its own record. */
export function runSeconds({ started_at: from, finished_at: to }: JobView): number {
  return (Date.parse(to ?? '') - Date.parse(from ?? '')) / 1000;
}
