import { describeJobStore } from '../../ports/job-store.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { objectJobs } from '../object-jobs.contract-suite.ts';

describeJobStore('objects', async () => objectJobs(await disposableObjects()));
