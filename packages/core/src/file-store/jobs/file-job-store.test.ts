import { describeJobStore } from '../../ports/job-store.contract-suite.ts';
import { fileJobs } from '../../testing/file-jobs.ts';

describeJobStore('files', fileJobs);
