import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';

const process = '00000000-0000-4000-8000-000000000001';

it('the time that is left runs on since the sign of life that told of it, but not while there is none', async () => {
  const { layout, leases } = await openVolume(await temporaryFolder());
  const tell = (etaSeconds: number | null, secondsAgo: number) => {
    const job = { phase: 'splitting', fraction: 0.5, etaSeconds, digitsPerSecond: 0 };
    const lease = { version: 1, process, host: 'here', pid: 1, startedAt: new Date().toISOString() };
    mkdirSync(layout.leases, { recursive: true });
    writeFileSync(layout.lease(process), JSON.stringify({ ...lease, jobs: { 7: job }, transfers: {} }));
    const at = new Date(Date.now() - secondsAgo * 1000);
    utimesSync(layout.lease(process), at, at);
    return leases.progressOf(process, 7)?.etaSeconds;
  };
  const afterTwo = tell(100, 2);
  expect(afterTwo).toBeLessThanOrEqual(98);
  expect(afterTwo).toBeGreaterThanOrEqual(96);
  expect(tell(100, 3600)).toBe(96);
  expect(tell(1, 2)).toBe(0);
  expect(tell(null, 2)).toBeNull();
});
