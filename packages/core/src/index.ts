export * from './engine/digit-engine.ts';
export { FileDigitSource } from './file-store/file-digit-source.ts';
export { FileJobStore } from './file-store/file-job-store.ts';
export { FileMessageQueue } from './file-store/file-message-queue.ts';
export { FileObjectStore } from './file-store/file-object-store.ts';
export { FileVolume } from './file-store/file-volume.ts';
export { FileWorkQueue } from './file-store/file-work-queue.ts';
export { FileWorkerSlots } from './file-store/file-worker-slots.ts';
export { errnoCode, ifPresent, ignoreStorageCondition, isStorageCondition } from './files/errno.ts';
export { type ReplaceFileOptions, replaceFile, syncFolder } from './files/replace-file.ts';
export { sweepFolder } from './files/sweep-folder.ts';
export { MutexTimeoutError, VolumeMutex } from './files/volume-mutex.ts';
export { commandAndWait } from './job/command-and-wait.ts';
export * from './job/job.ts';
export { JobObserver, type ObservableJobs } from './job/job-observer.ts';
export * from './job/job-state.ts';
export * from './job/job-view.ts';
export { LedgerCorruptError } from './ledger/ledger-mirror.ts';
export * from './object-jobs/job-message.ts';
export { isJobUuid, listIdsFrom, listIdsNewestFirst } from './object-jobs/list-ids.ts';
export { MessageSweeper } from './object-jobs/message-sweeper.ts';
export {
  backoffSeconds,
  type Handling,
  type MessageContext,
  MessageWorker,
} from './object-jobs/message-worker.ts';
export { ObjectDigitSource } from './object-jobs/object-digit-source.ts';
export { ObjectJobStore } from './object-jobs/object-job-store.ts';
export { ObjectWorkQueue } from './object-jobs/object-work-queue.ts';
export { RecordStore, type Versioned } from './object-jobs/record-store.ts';
export { idAtTime, timeOfId } from './object-jobs/time-of-id.ts';
export * from './ports/digit-source.ts';
export * from './ports/job-store.ts';
export * from './ports/message-queue.ts';
export * from './ports/object-store.ts';
export * from './ports/work-queue.ts';
export * from './ports/worker-slots.ts';
export { piDigitBlocks, piDigits } from './spigot/pi-digits.ts';
