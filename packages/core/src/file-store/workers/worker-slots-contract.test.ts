import { describeWorkerSlots } from '../../ports/worker-slots.contract-suite.ts';
import { fileSlots } from '../../testing/file-jobs.ts';

describeWorkerSlots('files', fileSlots);
