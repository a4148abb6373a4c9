import type { JobStore, MessageQueue, ObjectStore, WorkQueue } from '@pi-jobs/core';
import type { MessageHandler } from './job-messages.ts';

/** Where jobs are kept and where work comes from. */
export interface ComposedStore {
  readonly jobs: JobStore;
  readonly work: WorkQueue;
  /** Where digit jobs come as messages too. */
  readonly digitMessages?: MessageHandler & { onArrival: () => void };
  readonly objects: ObjectStore;
  readonly messages: MessageQueue;
  /** Folder for what is worked on. */
  readonly scratchFolder: string;
  /** How often a job that somebody waits for is looked at, in milliseconds. */
  readonly pollMs?: number;
  /** Throws when the store cannot be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}
