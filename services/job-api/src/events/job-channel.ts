import { randomUUID } from 'node:crypto';
import { type DigitJob, isTerminal, toJobView } from '@pi-jobs/core';

/** Events that a listener who comes back can still have replayed. */
const KEPT_EVENTS = 512;
/** Progress is told no more often than this. */
const PROGRESS_INTERVAL_MS = 250;

export interface JobEvent {
  readonly sequence: number;
  readonly type: 'status' | 'progress';
  /** The job has ended: nothing follows. */
  readonly isLast: boolean;
  /** As it goes over the wire. */
  readonly text: string;
}

/**
 * The events of one job since this process began to watch it. Ids are `<channel>-<sequence>`; the channel's name is new with every
 * channel, so that an id from before a restart is known as unknown.
 */
export class JobChannel {
  readonly #name = randomUUID().slice(0, 8);
  readonly #listeners = new Set<(event: JobEvent) => void>();
  #events: JobEvent[] = [];
  #state: DigitJob['state'] | undefined;
  #toldAt = 0;

  /** The newest event, if there is one. */
  get newest(): JobEvent | undefined {
    return this.#events.at(-1);
  }

  /** What a listener without a past gets first: the present state, whatever kind of change led to it. */
  get present(): readonly JobEvent[] {
    const { newest } = this;
    if (newest === undefined) return [];
    return [{ ...newest, type: 'status', text: newest.text.replace('event: progress\n', 'event: status\n') }];
  }

  /** Takes in the job as it is now; a change is told to the listeners. */
  update(job: DigitJob): void {
    const isStatus = job.state !== this.#state;
    const now = performance.now();
    if (!isStatus && now - this.#toldAt < PROGRESS_INTERVAL_MS) return;
    this.#state = job.state;
    this.#toldAt = now;
    const event = this.#format(job, isStatus ? 'status' : 'progress');
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS / 2);
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** What came after the event with this id; undefined when the id is none of this channel's or too old. */
  eventsAfter(id: string): readonly JobEvent[] | undefined {
    const [name, sequence] = id.split('-');
    if (name !== this.#name || sequence === undefined || !/^\d{1,15}$/.test(sequence)) return undefined;
    const after = Number(sequence);
    const oldest = this.#events[0]?.sequence ?? 0;
    const newest = this.newest?.sequence ?? 0;
    if (after < oldest - 1 || after > newest) return undefined;
    return this.#events.filter((event) => event.sequence > after);
  }

  listen(listener: (event: JobEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #format(job: DigitJob, type: JobEvent['type']): JobEvent {
    const sequence = (this.newest?.sequence ?? 0) + 1;
    const text = `id: ${this.#name}-${sequence}\nevent: ${type}\ndata: ${JSON.stringify(toJobView(job))}\n\n`;
    return { sequence, type, isLast: isTerminal(job.state), text };
  }
}
