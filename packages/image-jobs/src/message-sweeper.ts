import {
  formatJobMessage,
  isTerminal,
  listIdsFrom,
  type MessageQueue,
  type ObjectStore,
  RecordStore,
  timeOfId,
} from '@pi-jobs/core';
import { type ImageJob, imageJobSchema } from './image-job.ts';

export interface SweepOptions {
  /** A waiting job whose message was sent longer ago gets another, in milliseconds; 5 minutes by default. */
  readonly resendAfterMs?: number;
  /** How far back the first sweep looks, in milliseconds; a day by default. */
  readonly lookBackMs?: number;
}

/**
 * Finds waiting jobs whose message was lost: the process that made the job was killed before it sent one, or somebody emptied the
 * queue. A message too many does no harm, so nothing is asked of the queue: what has waited for long gets another.
 */
export class MessageSweeper {
  readonly #store: ObjectStore;
  readonly #queue: Pick<MessageQueue, 'send'>;
  readonly #records: RecordStore<ImageJob>;
  readonly #resendAfterMs: number;
  /** Jobs that had not ended when they were looked at. */
  #open = new Set<string>();
  #from: number;

  constructor(store: ObjectStore, queue: Pick<MessageQueue, 'send'>, options: SweepOptions = {}) {
    this.#store = store;
    this.#queue = queue;
    this.#records = new RecordStore(store, 'image', imageJobSchema);
    this.#resendAfterMs = options.resendAfterMs ?? 5 * 60 * 1000;
    this.#from = Date.now() - (options.lookBackMs ?? 24 * 3600 * 1000);
  }

  /** Returns how many messages were sent anew. Looks at each job once, and again only at those that had not ended. */
  async sweep(): Promise<number> {
    // A job younger than this has nothing to be sent yet; it is seen by a later sweep.
    const until = Date.now() - this.#resendAfterMs;
    const open = new Set<string>();
    let sent = 0;
    for (const id of this.#open) sent += await this.#look(id, open);
    for await (const id of listIdsFrom(this.#store, this.#from)) {
      if (timeOfId(id) >= until) break;
      sent += await this.#look(id, open);
    }
    this.#open = open;
    this.#from = Math.max(this.#from, until);
    return sent;
  }

  async #look(id: string, open: Set<string>): Promise<number> {
    const job = (await this.#records.read(id))?.record;
    if (job === undefined || isTerminal(job.state)) return 0;
    open.add(id);
    if (Date.now() - Date.parse(job.messageAt) < this.#resendAfterMs) return 0;
    const messageAt = new Date().toISOString();
    const updated = await this.#records.update(id, (now) =>
      isTerminal(now.state) || now.messageAt !== job.messageAt ? undefined : { ...now, messageAt },
    );
    if (updated?.isChanged !== true) return 0;
    await this.#queue.send(formatJobMessage('image', id));
    return 1;
  }
}
