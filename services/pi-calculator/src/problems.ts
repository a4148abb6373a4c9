import { defineProblems } from '@pi-jobs/http-kit';

export const problems = defineProblems({
  job_not_found: {
    status: 404,
    title: 'No such job',
    meaning: 'The ledger holds no job with this id.',
  },
  job_mismatch: {
    status: 409,
    title: 'The job is another one',
    meaning: 'The ledger holds a job with this id, but with another number of digits.',
  },
  state_conflict: {
    status: 409,
    title: 'The state of the job does not allow it',
    meaning: '`current_status` says what the job is, `allowed` what may be asked of it now.',
  },
});
