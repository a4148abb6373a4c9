/**
 * The child process: takes one job at a time over IPC, answers it, and ends with its parent. It decodes bytes that strangers chose,
 * so it is given no secrets and may be killed at any moment.
 */
import type { JobMessage, Reply } from '../engine/job-protocol.ts';
import { configureSharp } from './configure-sharp.ts';
import { explainFailure } from './explain-failure.ts';
import { offerToOomKiller } from './offer-to-oom-killer.ts';
import { runJob } from './run-job.ts';
import { watchMemory } from './watch-memory.ts';

const endNow = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const send = (reply: Reply, sent?: () => void): void => {
  process.send?.(reply, undefined, undefined, sent);
};

async function answer(job: JobMessage): Promise<void> {
  using _watch = watchMemory(job.limits.maxRssBytes, (rssBytes) => {
    const message = `The image takes more memory than is given to one (${job.limits.maxRssBytes} bytes).`;
    send({ kind: 'failed', code: 'IMAGE_OUT_OF_MEMORY', message, rssBytes }, endNow);
  });
  try {
    const done = await runJob(job);
    send({ ...done, rssBytes: process.memoryUsage.rss() });
  } catch (error) {
    const { code, message } = explainFailure(error, [job.inputPath, job.outputPath]);
    send({ kind: 'failed', code, message, rssBytes: process.memoryUsage.rss() });
  }
}

// Exiting politely would wait for libvips' threads; without a parent there is no one to be polite to.
process.on('disconnect', endNow);
// A terminal's Ctrl-C reaches the whole process group; when to stop is the parent's to say.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

offerToOomKiller();
configureSharp(Number(process.argv[2] ?? 1));
process.on('message', (job: JobMessage) => void answer(job));
send({ kind: 'ready' });
