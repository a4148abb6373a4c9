export { type ImageFacts, type ImageJob, imageFactsSchema } from './image-job.ts';
export { type ImageJobView, imageJobViewSchema, toImageJobView } from './image-job-view.ts';
export { type CreatedImageJob, ImageJobs, type ImageOutput, type NewImageJob } from './image-jobs.ts';
export { type ImageClaim, ImageWork } from './image-work.ts';
