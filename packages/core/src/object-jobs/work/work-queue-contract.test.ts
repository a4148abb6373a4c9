import { describeWorkQueue } from '../../ports/work-queue.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { objectWork } from '../../testing/object-jobs.ts';

describeWorkQueue('objects', async () => objectWork(await disposableObjects()));
