import type {
  Capacity,
  DigitSource,
  JobObserver,
  JobStore,
  MessageQueue,
  ObjectStore,
  WorkerSlots,
} from '@pi-jobs/core';
import type { FileExchange } from '@pi-jobs/file-exchange';
import type { CalculatorNotifier } from './jobs/calculator-notifier.ts';

/** Where jobs are kept, and who is told of new ones. */
export interface ComposedStore {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly slots: WorkerSlots;
  readonly capacity: Capacity;
  readonly digits: DigitSource;
  readonly exchange: FileExchange;
  readonly objects: ObjectStore;
  readonly messages: MessageQueue;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
  /** Folder for images on their way in. */
  readonly stagingFolder: string;
  /** How often a job that somebody waits for is looked at, in milliseconds. */
  readonly pollMs?: number;
  /** Throws when the store cannot be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}
