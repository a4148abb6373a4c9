// What the Job API is compared with: the least that parses the same body with the same schema and answers, keeping nothing on disk.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { z } from 'zod';

const bodySchema = z.strictObject({
  num: z.int().min(1).max(1_000_000_000),
  verify: z.boolean().default(false),
});

const jobs = new Map<number, { readonly num: number; readonly status: string }>();
const app = express();
app.disable('x-powered-by');
app.use(express.json());

app.post('/jobs', (req, res) => {
  const body = bodySchema.safeParse(req.body);
  if (!body.success) {
    res.status(400).json({ success: false });
    return;
  }
  const id = jobs.size + 1;
  jobs.set(id, { num: body.data.num, status: 'queued' });
  res
    .status(202)
    .location(`/jobs/${id}`)
    .json({ success: true, job_id: id, num: body.data.num, status: 'queued' });
});

app.get('/jobs/:id/status', (req, res) => {
  const id = Number(req.params['id']);
  const job = jobs.get(id);
  if (job === undefined) res.status(404).json({ success: false });
  else res.json({ success: true, job_id: id, ...job });
});

for (let id = 1; id <= Number(process.env['JOBS'] ?? 0); id += 1)
  jobs.set(id, { num: 1000, status: 'queued' });

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('SIGTERM', () => process.exit(0));
