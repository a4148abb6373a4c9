import { randomUUID } from 'node:crypto';
import { isTerminal } from '@pi-jobs/core';
import { type AnyJob, toAnyJobView } from '../jobs/all-jobs.ts';

/** Events that a listener who comes back can still have replayed. */
const KEPT_EVENTS = 512;
/** A few listeners are told of progress this often, */
const SHORTEST_INTERVAL_MS = 250;
/** many so seldom that it is 250 messages a second for all of them together, at some 15 microseconds each, */
const INTERVAL_PER_LISTENER_MS = 4;
/** but any number of them at least this often. */
const LONGEST_INTERVAL_MS = 2_000;

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
  #state: AnyJob['state'] | undefined;
  #data: string | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #late: NodeJS.Timeout | undefined;

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

  /** Takes in the job as it is now; a change is told to the listeners. What was read before the end and comes after it is none. */
  update(job: AnyJob): void {
    if (this.newest?.isLast === true) return;
    const data = JSON.stringify(toAnyJobView(job));
    clearTimeout(this.#late);
    if (data === this.#data) return;
    const isStatus = job.state !== this.#state;
    const now = performance.now();
    const early = progressInterval(this.#listeners.size) - (now - this.#toldAt);
    if (!isStatus && early > 0) {
      // Told when its time comes, unless something newer is by then: a change may be the last for long.
      this.#late = setTimeout(() => this.update(job), early).unref();
      return;
    }
    this.#state = job.state;
    this.#data = data;
    this.#toldAt = now;
    const event = this.#format(data, isStatus ? 'status' : 'progress', isTerminal(job.state));
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS / 2);
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** What came after the event with this id; undefined when the id is none of this channel's or too old. */
  eventsAfter(id: string): readonly JobEvent[] | undefined {
    const [, name, sequence] = /^([^-]+)-(\d{1,15})$/.exec(id) ?? [];
    if (name !== this.#name) return undefined;
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

  #format(data: string, type: JobEvent['type'], isLast: boolean): JobEvent {
    const sequence = (this.newest?.sequence ?? 0) + 1;
    const text = `id: ${this.#name}-${sequence}\nevent: ${type}\ndata: ${data}\n\n`;
    return { sequence, type, isLast, text };
  }
}

/** The job that is listened to runs on the same cores: hundreds of listeners must not slow it down. */
function progressInterval(listeners: number): number {
  const interval = listeners * INTERVAL_PER_LISTENER_MS;
  return Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, interval));
}
