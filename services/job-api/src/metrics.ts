import type { JobStore } from '@pi-jobs/core';
import { Gauge, type Registry } from 'prom-client';

/** Jobs that have not ended, by state; counted when Prometheus asks. */
export function createJobMetrics(registry: Registry, jobs: Pick<JobStore, 'countUnfinished'>): void {
  new Gauge({
    name: 'pi_jobs_unfinished',
    help: 'Jobs on the volume that have not ended, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      for (const [state, count] of Object.entries(await jobs.countUnfinished())) this.set({ state }, count);
    },
  });
}
