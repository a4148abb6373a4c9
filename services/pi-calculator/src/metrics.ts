import { Counter, Gauge, type Registry } from 'prom-client';
import type { Calculator } from './calculator/calculator.ts';
import type { ClaimEnd } from './calculator/run-claim.ts';
import type { ImageWorker } from './images/image-worker.ts';
import type { ImageEnd } from './images/run-image-job.ts';

/** Counts what this calculator did; returns the callback that tells of a claim's end. */
export function createCalculatorMetrics(
  registry: Registry,
  running: () => Pick<Calculator, 'runningJobIds'>,
): (digits: number, end: ClaimEnd) => void {
  const registers = [registry];
  const ends = new Counter({
    name: 'pi_jobs_claims_total',
    help: 'Jobs that this calculator let go of, by how that ended',
    labelNames: ['end'],
    registers,
  });
  const digitsComputed = new Counter({
    name: 'pi_jobs_digits_computed_total',
    help: 'Digits of the jobs that this calculator completed',
    registers,
  });
  new Gauge({
    name: 'pi_jobs_running',
    help: 'Jobs that this calculator runs now',
    registers,
    collect() {
      this.set(running().runningJobIds.length);
    },
  });
  return (digits, end) => {
    ends.inc({ end });
    if (end === 'completed') digitsComputed.inc(digits);
  };
}

/** Returns the callback that tells of a job whose record could not be read. */
export function createRecordMetrics(registry: Registry): () => void {
  const unreadable = new Counter({
    name: 'pi_jobs_unreadable_records_total',
    help: 'Jobs that this calculator put down as failed because their records could not be read',
    registers: [registry],
  });
  return () => unreadable.inc();
}

/** The same for images. */
export function createImageMetrics(
  registry: Registry,
  worker: () => Pick<ImageWorker, 'running'>,
): (end: ImageEnd) => void {
  const registers = [registry];
  const ends = new Counter({
    name: 'pi_jobs_images_total',
    help: 'Image jobs that this calculator let go of, by how that ended',
    labelNames: ['end'],
    registers,
  });
  new Gauge({
    name: 'pi_jobs_images_running',
    help: 'Image jobs that this calculator works on now',
    registers,
    collect() {
      this.set(worker().running);
    },
  });
  return (end) => ends.inc({ end });
}
