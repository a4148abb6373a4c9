import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';

it('lets other requests have their turn while it looks for jobs in a rare state', async () => {
  const folder = await temporaryFolder();
  const rows = Array.from({ length: 6_000 }, (_, index) => `${index + 1}, 5\n`);
  await writeFile(`${folder}/jobs.txt`, rows.join(''));
  const store = openStore(await openVolume(folder));
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  }, 0);
  const page = await store.list({ limit: 50, state: 'failed' });
  clearInterval(count);
  expect(page).toEqual({ jobs: [], nextCursor: '1001' });
  expect(turns).toBeGreaterThan(10);
});
