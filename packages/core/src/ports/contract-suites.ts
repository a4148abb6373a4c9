export {
  describeMessageQueue,
  MAX_ATTEMPTS,
  type MessageQueueUnderTest,
} from './message-queue.contract-suite.ts';
export { describeObjectStore, type ObjectStoreUnderTest } from './object-store.contract-suite.ts';
