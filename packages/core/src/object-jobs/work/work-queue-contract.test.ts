import { describeWorkQueue } from '../../ports/work-queue.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { objectWork } from '../object-jobs.contract-suite.ts';

describeWorkQueue('objects', async () => objectWork(await disposableObjects()));
