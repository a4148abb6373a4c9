import { StoredWorkerSlots, type WorkerSlotsOptions } from '../../workers/stored-worker-slots.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { FileWorkerRegistry } from './file-worker-registry.ts';

export interface FileWorkerSlotsOptions extends WorkerSlotsOptions {
  /** What this process allows; of all that live on the volume the smallest counts. */
  readonly maxConcurrentJobs: number;
}

/** Worker ids and slots on the shared volume, for one Job API process; its lease tells the others that its transfers live. */
export class FileWorkerSlots extends StoredWorkerSlots {
  static async open(volume: FileVolume, options: FileWorkerSlotsOptions): Promise<FileWorkerSlots> {
    return new FileWorkerSlots(await FileWorkerRegistry.open(volume, options.maxConcurrentJobs), options);
  }
}
