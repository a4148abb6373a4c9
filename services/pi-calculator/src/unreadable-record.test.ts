import { mkdir, writeFile } from 'node:fs/promises';
import request from 'supertest';
import { expect, it, vi } from 'vitest';
import { composeCalculator, temporaryVolume } from './testing/compose-calculator.ts';

it('a record that cannot be read fails its job, is counted, and does not stop the line', async () => {
  const dataDir = await temporaryVolume();
  await writeFile(`${dataDir}/jobs.txt`, '1, 5\n2, 6\n');
  await mkdir(`${dataDir}/state/open`, { recursive: true });
  await writeFile(`${dataDir}/state/open/1.json`, '{"version":1,');
  const { app, calculator } = await composeCalculator(dataDir);
  calculator.start();
  const statusOf = async (id: number) => (await request(app).get(`/calculations/${id}`)).body.status;
  await vi.waitFor(async () => expect(await statusOf(2)).toBe('completed'), { timeout: 20_000 });
  expect(await statusOf(1)).toBe('failed');
  const { text } = await request(app).get('/metrics');
  expect(text).toMatch(/^pi_jobs_unreadable_records_total 1$/m);
});
