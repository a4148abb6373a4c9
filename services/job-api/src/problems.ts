import { defineProblems } from '@pi-jobs/http-kit';

export const problems = defineProblems({
  job_not_found: {
    status: 404,
    title: 'No such job',
    meaning: 'No job has this id.',
  },
  too_many_digits: {
    status: 400,
    title: 'So many digits do not fit any calculator',
    meaning:
      'The computation needs more memory than any calculator that runs now has; `most_digits` says what would fit.',
  },
  job_not_complete: {
    status: 409,
    title: 'The job is not complete',
    meaning:
      'Its result is on the way or it has ended without one; `Retry-After` is there while it can still come.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    meaning: 'The key was used before with another body. Use a new key for a new request.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'The first request with this Idempotency-Key is not answered yet',
    meaning: 'Try again after `Retry-After` seconds.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is not valid',
    meaning: '`cursor` must be the `next_cursor` of an earlier answer.',
  },
  state_conflict: {
    status: 409,
    title: 'The state of the job does not allow it',
    meaning: '`current_status` says what the job is, `allowed` what may be asked of it now.',
  },
});
