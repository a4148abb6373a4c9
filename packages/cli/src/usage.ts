export const USAGE = `pi-jobs: digits of pi as jobs

  pi-jobs create N [--wait] [--verify]     create a job for N digits (1_000_000 and 1e6 will do)
  pi-jobs status ID [--wait]               how a job is doing; --wait follows a job to its end
  pi-jobs list [--status S] [--limit N]    jobs, newest first
  pi-jobs pause|resume|terminate ID        control a job
  pi-jobs download ID [--output FILE]      the zip archive (digits_of_pi_ID.zip)
  pi-jobs digits ID [--start S] [--count C]  digits to standard output

  --json                 one JSON object a line instead of text, errors too (on standard error)
  --job-api URL          default JOB_API_URL or http://localhost:5000
  --download-api URL     default DOWNLOAD_API_URL or http://localhost:8000

Exit codes: 0 done, 1 the service refused or does not answer, 2 wrong usage,
3 the job ended without a result, 130 interrupted (the job goes on).
`;

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
