// Usage: node follow-a-job.mjs [DIGITS]. Needs nothing but Node.js 20.
const api = process.env.JOB_API_URL ?? 'http://localhost:5000';
const digits = Number(process.argv[2] ?? 20_000);

const created = await createJob(digits);
console.log(`created ${api}${created.links.self}`);

const last = await followEvents(`${api}${created.links.events}`);
if (last.status !== 'completed') throw new Error(`the job ended as ${last.status}: ${last.error ?? ''}`);

const text = await readDigits(created.links.digits, digits);
if (text !== piByMachin(digits)) throw new Error('the digits are not those of pi');
console.log(`${digits} digits are right: ${text.slice(0, 20)}...`);

async function createJob(num) {
  const response = await fetch(`${api}/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ num }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${body.title}: ${body.detail}`);
  return body;
}

/** Prints the events of a job; resolves with the data of the last one. */
async function followEvents(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  let last;
  let buffer = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (buffer + chunk).split('\n\n');
    buffer = events.pop();
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      last = JSON.parse(data);
      console.log(`${last.status}: ${last.progress.digits_written} of ${last.num} digits`);
    }
  }
  return last;
}

/** The digits without the point, fetched a million at a time. */
async function readDigits(url, count) {
  let text = '';
  while (text.length < count) {
    const response = await fetch(
      `${url}?start=${text.length}&count=${Math.min(1_000_000, count - text.length)}`,
    );
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    text += await response.text();
  }
  return text;
}

/** pi = 16 arctan(1/5) - 4 arctan(1/239), in integers scaled by 10^(count + 9): ten guard digits, cut off at the end. */
function piByMachin(count) {
  const one = 10n ** BigInt(count + 9);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  return String(pi).slice(0, count);
}

function arctanOfInverse(x, one) {
  let power = one / x;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = -power / (x * x);
    sum += power / n;
  }
  return sum;
}
