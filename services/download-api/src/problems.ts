import { defineProblems } from '@pi-jobs/http-kit';

export const problems = defineProblems({
  job_not_found: {
    status: 404,
    title: 'No such job',
    meaning: 'No job has this id.',
  },
  job_not_complete: {
    status: 409,
    title: 'The job is not complete',
    meaning:
      'Its result is on the way or it has ended without one; `Retry-After` is there while it can still come.',
  },
  digits_not_known: {
    status: 404,
    title: 'These digits are not known',
    meaning: 'No finished job has computed that many digits yet.',
  },
});
