import { describeWorkerSlots } from '../../ports/worker-slots.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { objectSlots } from '../object-jobs.contract-suite.ts';

describeWorkerSlots('objects', async (limits) => objectSlots(await disposableObjects(), limits));
