import type { JobId, JobObserver } from '@pi-jobs/core';
import type { AnyJob } from '../jobs/all-jobs.ts';
import { JobChannel } from './job-channel.ts';

/** A channel without listeners is kept this long, so that one who lost the connection can have the gap replayed. */
const LINGER_MS = 60_000;

interface Entry {
  readonly channel: JobChannel;
  readonly unsubscribe: () => void;
  users: number;
  expiry: NodeJS.Timeout | undefined;
}

/** The channels of the jobs that somebody listens to; however many listen, the job is watched once. */
export class JobChannels {
  readonly #observer: JobObserver<AnyJob>;
  readonly #entries = new Map<JobId, Entry>();

  constructor(observer: JobObserver<AnyJob>) {
    this.#observer = observer;
  }

  /** The channel of a job, up to date with `job`; call `release` when done with it. */
  acquire(job: AnyJob): { readonly channel: JobChannel; readonly release: () => void } {
    const entry = this.#entries.get(job.id) ?? this.#open(job);
    clearTimeout(entry.expiry);
    entry.users += 1;
    entry.channel.update(job);
    return { channel: entry.channel, release: () => this.#release(job.id, entry) };
  }

  #open(job: AnyJob): Entry {
    const channel = new JobChannel();
    channel.update(job);
    const unsubscribe = this.#observer.subscribe(job.id, (changed) => channel.update(changed));
    const entry: Entry = { channel, unsubscribe, users: 0, expiry: undefined };
    this.#entries.set(job.id, entry);
    return entry;
  }

  #release(id: JobId, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.expiry = setTimeout(() => {
      entry.unsubscribe();
      this.#entries.delete(id);
    }, LINGER_MS).unref();
    if (entry.channel.newest?.isLast === true) entry.unsubscribe();
  }
}
