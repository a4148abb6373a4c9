import { request } from 'node:http';
import { expect, it } from 'vitest';
import { startJobApi } from '../testing/start-job-api.ts';

it('lets no page of another site change anything, nor one whose own name leads here', async () => {
  const { url, port } = await startJobApi();
  const send = async (method: string, path: string, headers: Record<string, string>) => {
    return await new Promise<number | undefined>((resolve, reject) => {
      const req = request(url + path, { method, headers }, (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      req.on('error', reject).end();
    });
  };
  const foreign = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ];
  for (const headers of foreign) {
    for (const path of ['/jobs', '/jobs/1/terminate', '/modify/x/terminated', '/api/v1/json']) {
      expect([headers, path, await send('POST', path, headers)]).toEqual([headers, path, 403]);
    }
  }
  expect(await send('GET', '/new_job', { 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  const rebound = { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` };
  expect(await send('POST', '/jobs/1/terminate', rebound)).toBe(421);
  expect(await send('GET', '/jobs', { Host: `evil.example:${port}` })).toBe(421);

  const own = [{}, { 'Sec-Fetch-Site': 'same-origin' }, { 'Sec-Fetch-Site': 'none' }, { Origin: url }];
  for (const headers of own) expect(await send('POST', '/jobs/1/terminate', headers)).toBe(404);
  expect(await send('GET', '/jobs', { 'Sec-Fetch-Site': 'cross-site' })).toBe(200);
  expect(await send('GET', '/jobs', { Host: `my-laptop:${port}` })).toBe(200);
});
