import type { UploadRules } from '@pi-jobs/file-exchange';
import type { ResumableStore } from '@pi-jobs/resumable-uploads';
import type { AppDependencies } from '../app.ts';

export interface PlaceOptions {
  /** Bytes that stay free where there is a disk. */
  readonly reserveBytes?: number;
  readonly expirationMs?: number;
  /** As `reserveBytes`, for resumable uploads. */
  readonly resumableReserveBytes?: number;
}

export interface OpenedPlace extends Pick<AppDependencies, 'exchange'> {
  readonly resumable: ResumableStore;
}

/** Where the files of services are; it outlives them. */
export interface FilePlace extends AsyncDisposable {
  /** Does it keep connections to itself open in this process? */
  readonly isRemote: boolean;
  open(rules: UploadRules, options: PlaceOptions): Promise<OpenedPlace>;
  /** Everything there is of files and uploads. */
  everything(): Promise<readonly string[]>;
  /** What there is of resumable uploads; their bytes only as long as they are no file's. */
  resumable(): Promise<readonly string[]>;
  /** Brings in the bytes of the resumable upload `id`, as a service does that is killed before the file has its name. */
  completeUnnoticed(id: string, content: string): Promise<void>;
  /** Leaves what a broken removal may leave. */
  litter(): Promise<void>;
}
