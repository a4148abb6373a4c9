import { WorkerIdError, WorkerStateError } from '@pi-jobs/core';
import { defineProblems } from '@pi-jobs/http-kit';

export const workerProblems = defineProblems({
  bad_worker_id: {
    status: 400,
    title: 'The worker id is not valid',
    meaning:
      'Nobody was given this id, it was used already, or it has expired. `GET /new_job` gives a new one.',
  },
  bad_worker_move: {
    status: 400,
    title: 'The state of the work does not allow it',
    meaning: '`current_status` says what the work is, `allowed` what may be asked of it now.',
  },
  no_free_slot: {
    status: 503,
    title: 'Every slot is taken',
    meaning: 'As much work runs as may run at once. Try again after `Retry-After` seconds.',
  },
  work_failed: {
    status: 500,
    title: 'The work could not be done',
    meaning: 'It was begun and failed; the status of the worker id says why.',
  },
  transfer_incomplete: {
    status: 400,
    title: 'The upload broke off',
    meaning: 'The body ended before all of it had arrived. Nothing of it was kept.',
  },
});

/** What `WorkerSlots` refuses, as a problem; any other error as it is. */
function problemFromWorkerError(error: unknown): unknown {
  if (error instanceof WorkerIdError) return workerProblems.bad_worker_id(error.message);
  if (!(error instanceof WorkerStateError)) return error;
  const { state, allowed, message } = error;
  return workerProblems.bad_worker_move(message, { members: { current_status: state, allowed } });
}

/** Runs a step of a worker's route; what the slots refuse becomes a problem. */
export async function withWorkerProblems<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw problemFromWorkerError(error);
  }
}
