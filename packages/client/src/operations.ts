/**
 * Every request that this client makes, as the services' OpenAPI documents name it; a test holds the two together.
 */
export const operations = {
  createJob: { service: 'job-api', method: 'post', path: '/jobs' },
  listJobs: { service: 'job-api', method: 'get', path: '/jobs' },
  jobStatus: { service: 'job-api', method: 'get', path: '/jobs/{id}/status' },
  jobEvents: { service: 'job-api', method: 'get', path: '/jobs/{id}/events' },
  pauseJob: { service: 'job-api', method: 'post', path: '/jobs/{id}/pause' },
  resumeJob: { service: 'job-api', method: 'post', path: '/jobs/{id}/resume' },
  terminateJob: { service: 'job-api', method: 'post', path: '/jobs/{id}/terminate' },
  download: { service: 'download-api', method: 'get', path: '/download/{name}' },
  readDigits: { service: 'download-api', method: 'get', path: '/digits/{job_id}' },
} as const;

export type Operation = (typeof operations)[keyof typeof operations];
export type Service = Operation['service'];
