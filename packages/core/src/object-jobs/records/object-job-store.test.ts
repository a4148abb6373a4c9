import { describeJobStore } from '../../ports/job-store.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { objectJobs } from '../../testing/object-jobs.ts';

describeJobStore('objects', async () => objectJobs(await disposableObjects()));
