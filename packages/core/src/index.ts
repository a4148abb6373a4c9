export * from './engine/digit-engine.ts';
export { FileDigitSource } from './file-store/digits/file-digit-source.ts';
export { FileJobStore } from './file-store/jobs/file-job-store.ts';
export { FileCapacity } from './file-store/leases/file-capacity.ts';
export { FileMessageQueue } from './file-store/objects/file-message-queue.ts';
export { FileObjectStore } from './file-store/objects/file-object-store.ts';
export { FileVolume } from './file-store/volume/file-volume.ts';
export { FileWorkQueue } from './file-store/work/file-work-queue.ts';
export { FileWorkerSlots } from './file-store/workers/file-worker-slots.ts';
export {
  errnoCode,
  ifPresent,
  ignoreStorageCondition,
  isStorageCondition,
  isStorageFull,
} from './files/errno.ts';
export { makeFolders } from './files/make-folders.ts';
export { type ByteSpan, type ReadSpanOptions, readSpan } from './files/read-span.ts';
export { type ReplaceFileOptions, replaceFile } from './files/replace-file.ts';
export { sweepFolder } from './files/sweep-folder.ts';
export { syncFolder } from './files/sync-file.ts';
export { MutexTimeoutError, VolumeMutex } from './files/volume-mutex.ts';
export { commandAndWait } from './job/command-and-wait.ts';
export { describeRefusal } from './job/describe-refusal.ts';
export * from './job/job.ts';
export { JobObserver, type ObservableJobs } from './job/job-observer.ts';
export * from './job/job-state.ts';
export * from './job/job-view.ts';
export { LedgerCorruptError } from './ledger/ledger-mirror.ts';
export { ObjectDigitSource } from './object-jobs/digits/object-digit-source.ts';
export * from './object-jobs/messages/job-message.ts';
export { MessageSweeper } from './object-jobs/messages/message-sweeper.ts';
export {
  backoffSeconds,
  type Handling,
  type MessageContext,
  MessageWorker,
} from './object-jobs/messages/message-worker.ts';
export { jobIdOfKey, sweepKeyObjects } from './object-jobs/records/idempotency-keys.ts';
export { isJobUuid } from './object-jobs/records/list-ids.ts';
export { newJobUuid } from './object-jobs/records/new-job-uuid.ts';
export { ObjectJobStore } from './object-jobs/records/object-job-store.ts';
export { type PageQuery, pageOfRecords } from './object-jobs/records/page-of-records.ts';
export { RecordStore } from './object-jobs/records/record-store.ts';
export { idAtTime, timeOfId } from './object-jobs/records/time-of-id.ts';
export type { Versioned } from './object-jobs/records/versioned-objects.ts';
export { VersionedObjects } from './object-jobs/records/versioned-objects.ts';
export { ObjectWorkQueue } from './object-jobs/work/object-work-queue.ts';
export { ObjectCapacity } from './object-jobs/workers/object-capacity.ts';
export { ObjectLease } from './object-jobs/workers/object-lease.ts';
export { ObjectWorkerSlots } from './object-jobs/workers/object-worker-slots.ts';
export * from './ports/capacity.ts';
export * from './ports/digit-source.ts';
export * from './ports/job-store.ts';
export * from './ports/message-queue.ts';
export * from './ports/object-store.ts';
export * from './ports/work-queue.ts';
export * from './ports/worker-slots.ts';
export { piDigitBlocks, piDigits } from './spigot/pi-digits.ts';
