import { describeWorkQueue } from '../../ports/work-queue.contract-suite.ts';
import { fileWork } from '../../testing/file-jobs.ts';

describeWorkQueue('files', fileWork);
