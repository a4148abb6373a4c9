import type { ObjectStore } from '../../ports/object-store.ts';
import { StoredWorkerSlots, type WorkerSlotsOptions } from '../../workers/stored-worker-slots.ts';
import { ObjectWorkerRegistry } from './object-worker-registry.ts';

export interface ObjectWorkerSlotsOptions extends WorkerSlotsOptions {
  /** What this process allows; of all that live on the store the smallest counts. */
  readonly maxConcurrentJobs: number;
}

/** Worker ids and slots in an object store, for one Job API process. */
export class ObjectWorkerSlots extends StoredWorkerSlots {
  static async open(store: ObjectStore, options: ObjectWorkerSlotsOptions): Promise<ObjectWorkerSlots> {
    return new ObjectWorkerSlots(await ObjectWorkerRegistry.open(store, options.maxConcurrentJobs), options);
  }
}
