import { z } from 'zod';
import { isTerminal, JOB_STATES } from '../../job/job-state.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { listIdsFrom } from '../records/list-ids.ts';
import { RecordStore } from '../records/record-store.ts';
import { timeOfId } from '../records/time-of-id.ts';
import { formatJobMessage } from './job-message.ts';

/** What the records of all kinds have; the rest stays as it is. */
const recordSchema = z.looseObject({
  id: z.uuid(),
  kind: z.enum(['digits', 'image']),
  state: z.enum(JOB_STATES),
  messageAt: z.iso.datetime(),
});

type AnyRecord = z.infer<typeof recordSchema>;

export interface SweepOptions {
  /** A job on its way whose message was sent or seen longer ago gets another, in milliseconds; 5 minutes by default. */
  readonly resendAfterMs?: number;
  /** Ids of jobs that need no message while they wait; none by default. */
  readonly parkedIds?: () => Promise<ReadonlySet<string>>;
  /** How far back the first sweep looks, in milliseconds; a day by default. */
  readonly lookBackMs?: number;
}

/**
 * Finds jobs on their way whose message was lost: the process that made the job was killed before it sent one, or somebody emptied
 * the queue. A message too many does no harm, so nothing is asked of the queue: what has waited for long gets another.
 */
export class MessageSweeper {
  readonly #store: ObjectStore;
  readonly #queue: Pick<MessageQueue, 'send'>;
  readonly #records: RecordStore<AnyRecord>;
  readonly #resendAfterMs: number;
  readonly #parkedIds: () => Promise<ReadonlySet<string>>;
  /** Jobs that had not ended when they were looked at. */
  #open = new Set<string>();
  #from: number;

  constructor(store: ObjectStore, queue: Pick<MessageQueue, 'send'>, options: SweepOptions = {}) {
    this.#store = store;
    this.#queue = queue;
    this.#records = new RecordStore(store, ['digits', 'image'], recordSchema);
    this.#resendAfterMs = options.resendAfterMs ?? 5 * 60 * 1000;
    this.#parkedIds = options.parkedIds ?? (async () => new Set());
    this.#from = Date.now() - (options.lookBackMs ?? 24 * 3600 * 1000);
  }

  /** Returns how many messages were sent anew. Looks at each job once, and again only at those that had not ended. */
  async sweep(): Promise<number> {
    // A job younger than this has nothing to be sent yet; it is seen by a later sweep.
    const until = Date.now() - this.#resendAfterMs;
    const parked = await this.#parkedIds();
    const open = new Set<string>();
    let sent = 0;
    const look = async (id: string): Promise<void> => {
      if (parked.has(id)) open.add(id);
      else sent += await this.#look(id, open);
    };
    for (const id of this.#open) await look(id);
    for await (const id of listIdsFrom(this.#store, this.#from)) {
      if (timeOfId(id) >= until) break;
      await look(id);
    }
    this.#open = open;
    this.#from = Math.max(this.#from, until);
    return sent;
  }

  async #look(id: string, open: Set<string>): Promise<number> {
    const record = (await this.#records.readIfReadable(id))?.record;
    if (record === undefined || isTerminal(record.state)) return 0;
    open.add(id);
    if (!this.#isForgotten(record)) return 0;
    const messageAt = new Date().toISOString();
    const updated = await this.#records.update(id, (now) =>
      this.#isForgotten(now) ? { ...now, messageAt } : undefined,
    );
    if (updated?.isChanged !== true) return 0;
    await this.#queue.send(formatJobMessage(record.kind, id));
    return 1;
  }

  /** A paused job needs no message before it is resumed. */
  #isForgotten({ state, messageAt }: AnyRecord): boolean {
    const isOnItsWay = state === 'queued' || state === 'running';
    return isOnItsWay && Date.now() - Date.parse(messageAt) >= this.#resendAfterMs;
  }
}
