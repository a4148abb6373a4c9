export { objectJobs, objectSlots, objectWork } from '../object-jobs/object-jobs.contract-suite.ts';
export { describeJobStore, type JobStoreUnderTest } from './job-store.contract-suite.ts';
export {
  describeMessageQueue,
  MAX_ATTEMPTS,
  type MessageQueueUnderTest,
} from './message-queue.contract-suite.ts';
export { describeObjectStore, type ObjectStoreUnderTest } from './object-store.contract-suite.ts';
export type { WorkerSlotsUnderTest } from './slots-under-test.contract-suite.ts';
export { describeWorkQueue, type WorkQueueUnderTest } from './work-queue.contract-suite.ts';
export { describeWorkerSlots } from './worker-slots.contract-suite.ts';
