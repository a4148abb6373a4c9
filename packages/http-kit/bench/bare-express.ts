/** What the kit is measured against: Express, its own JSON parser and the same schema, and nothing else. */
import express from 'express';
import { createJob } from './create-job-schema.ts';
import './report-cpu.ts';

const app = express();
app.post('/jobs', express.json(), (req, res) => {
  const parsed = createJob.safeParse(req.body);
  if (!parsed.success) res.status(400).json({ success: false });
  else
    res
      .status(202)
      .location('/jobs/1')
      .json({ success: true, job_id: 1, num: parsed.data.num, status: 'queued' });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address?.port}` });
});
