import type { JobView } from '@pi-jobs/core/job';

const BAR_WIDTH = 28;

/** A job on one line. */
export function describeJob(job: JobView): string {
  const { digits_written: digits, fraction, eta_seconds: eta } = job.progress;
  const parts = [`job ${job.job_id}`, `${job.num} digits`, job.status];
  if (job.status === 'running' || job.status === 'paused') {
    parts.push(`${(fraction * 100).toFixed(1)} %`, `${digits} digits certain`);
  }
  if (job.status === 'running' && eta !== null) parts.push(`${duration(eta)} left`);
  if (job.error !== undefined) parts.push(job.error);
  return parts.join(', ');
}

/** A progress bar with the time that is left. */
export function progressLine(job: JobView): string {
  const { fraction, eta_seconds: eta, phase } = job.progress;
  const bar = '#'.repeat(Math.round(fraction * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
  const percent = (fraction * 100).toFixed(1).padStart(5);
  const doing = job.status === 'running' ? (phase ?? job.status) : job.status;
  const left = eta === null || job.status !== 'running' ? '' : `, ${duration(eta)} left`;
  return `job ${job.job_id} [${bar}] ${percent} % ${doing}${left}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
