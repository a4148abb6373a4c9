export {
  ApiError,
  LostConnectionError,
  UnexpectedAnswerError,
  UnreachableError,
} from './api-error.ts';
export { type Operation, operations } from './operations.ts';
export { type CreatedJob, type FollowedEvent, type JobList, PiJobsClient } from './pi-jobs-client.ts';
export type { ServiceUrls } from './request.ts';
