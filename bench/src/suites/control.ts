import type { JobView } from '@pi-jobs/core';
import { JobSystem } from '../support/job-system.ts';
import { pause } from '../support/pause.ts';
import { median, quantile } from '../support/statistics.ts';
import type { Measurement, Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const REST_SECONDS = 5;

/** What was measured in one phase; times in milliseconds. */
interface PhaseTimes {
  readonly pauses: number[];
  readonly resumes: number[];
  readonly terminations: number[];
  /** Processor seconds of the calculator in five seconds, while the job is paused. */
  readonly rests: number[];
}

/** From a command to its effect, in every phase of a job. */
export const control: Suite = {
  name: 'control',
  title: 'Control of running jobs',
  method:
    'Pause, resume and terminate of a job of 10^7 digits on all cores, through the Job API, at random moments of each of its phases: the time from the request to the answer that says that it is so. Then the processor time that the calculator uses in five seconds beside a paused job, and without one.',
  async run({ short, trials: asked, phase: only }) {
    const trials = asked ?? (short ? 2 : 34);
    const ends = short ? 1 : Math.ceil(trials / 9);
    return await withTemporaryFolder(async (folder) => {
      await using system = await JobSystem.start(folder, short ? 4_000_000 : 10_000_000);
      const idle = await rest(system, short);
      const learnt = await learnPhases(system);
      const phases = [...learnt].filter(([phase]) => only === undefined || phase === only);
      if (phases.length === 0) throw new Error(`the phases are ${[...learnt.keys()].join(', ')}`);
      const results: Measurement[] = [];
      const all: PhaseTimes[] = [];
      let id = await system.createJob();
      for (const [phase, seconds] of phases) {
        const times: PhaseTimes = { pauses: [], resumes: [], terminations: [], rests: [] };
        while (times.pauses.length < trials) {
          id = await reach(system, id, phase, seconds);
          const ms = await timed(() => system.client.pauseJob(id), 'paused');
          if (ms === undefined) continue;
          times.pauses.push(ms);
          if (times.rests.length === 0) times.rests.push(await rest(system, short));
          const resumed = await timed(() => system.client.resumeJob(id), 'running');
          if (resumed !== undefined) times.resumes.push(resumed);
        }
        while (times.terminations.length < ends) {
          id = await reach(system, id, phase, seconds);
          const ms = await timed(() => system.client.terminateJob(id), 'terminated');
          if (ms !== undefined) times.terminations.push(ms);
        }
        all.push(times);
        results.push(...describe(phase, times));
      }
      const waits = all.flatMap(({ pauses, terminations }) => [...pauses, ...terminations]);
      const resumes = all.flatMap((times) => times.resumes);
      const rests = all.flatMap((times) => times.rests);
      return [
        ...results,
        {
          what: `99 % of ${waits.length} pauses and terminations within`,
          value: ms(quantile(waits, 0.99)),
          aim: 'under 2000 ms',
        },
        {
          what: `99 % of ${resumes.length} resumptions within`,
          value: ms(quantile(resumes, 0.99)),
          aim: 'under 2000 ms',
        },
        {
          what: `processor time of the calculator in ${REST_SECONDS} s, job paused (the most of any phase)`,
          value: `${Math.max(...rests).toFixed(2)} s`,
          aim: 'that without a job',
        },
        { what: 'processor time of the calculator without a job', value: `${idle.toFixed(2)} s` },
      ];
    });
  },
};

const ms = (value: number): string => `${value.toFixed(0)} ms`;

function describe(phase: string, { pauses, resumes, terminations }: PhaseTimes): Measurement[] {
  const show = (values: readonly number[]) => `${ms(median(values))} (at most ${ms(Math.max(...values))})`;
  return [
    { what: `${phase}: pause, median of ${pauses.length}`, value: show(pauses) },
    { what: `${phase}: resume to running, median of ${resumes.length}`, value: show(resumes) },
    { what: `${phase}: terminate, median of ${terminations.length}`, value: show(terminations) },
  ];
}

/** The phases of a job in their order, and how many seconds each took. */
async function learnPhases(system: JobSystem): Promise<ReadonlyMap<string, number>> {
  const phases = new Map<string, number>();
  let lookedAt = performance.now();
  const id = await system.createJob();
  await system.until(id, hasEnded, ({ progress: { phase } }) => {
    const now = performance.now();
    if (phase !== null) phases.set(phase, (phases.get(phase) ?? 0) + (now - lookedAt) / 1000);
    lookedAt = now;
  });
  return phases;
}

/** A job, `id` or its successor where that has ended, at a random moment of the phase. */
async function reach(system: JobSystem, id: string, phase: string, seconds: number): Promise<string> {
  for (let job = id; ; job = await system.createJob()) {
    const isThere = ({ progress }: JobView): boolean => progress.phase === phase;
    const at = await system.until(job, (now) => isThere(now) || hasEnded(now));
    await pause(Math.random() * seconds * 1000);
    if (isThere(at) && isThere(await system.client.jobStatus(job))) return job;
  }
}

function hasEnded({ status }: JobView): boolean {
  return status === 'completed' || status === 'terminated';
}

/** Milliseconds until the answer says `status`; undefined when the job had ended by then. */
async function timed(command: () => Promise<JobView>, status: string): Promise<number | undefined> {
  const startedAt = performance.now();
  const job = await command().catch(() => undefined);
  return job?.status === status ? performance.now() - startedAt : undefined;
}

async function rest({ calculator }: JobSystem, short: boolean): Promise<number> {
  const before = await calculator.processorSeconds();
  await pause(short ? 1000 : REST_SECONDS * 1000);
  return (await calculator.processorSeconds()) - before;
}
