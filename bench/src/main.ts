import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { busy } from './suites/busy.ts';
import { checkpoints } from './suites/checkpoints.ts';
import { control } from './suites/control.ts';
import { creates } from './suites/creates.ts';
import { files } from './suites/files.ts';
import { images } from './suites/images.ts';
import { listeners } from './suites/listeners.ts';
import { pi } from './suites/pi.ts';
import { progress } from './suites/progress.ts';
import { queries } from './suites/queries.ts';
import { statuses } from './suites/statuses.ts';
import { zip } from './suites/zip.ts';
import type { Suite } from './support/suite.ts';
import { formatResult, type SuiteResult, writeReport } from './support/write-report.ts';

const SUITES: readonly Suite[] = [
  pi,
  creates,
  statuses,
  busy,
  zip,
  control,
  checkpoints,
  progress,
  listeners,
  files,
  queries,
  images,
];
const REPORT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such benchmark: ${unknown.join(', ')}; there are ${SUITES.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
const chosen = SUITES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const results: SuiteResult[] = [];
for (const suite of chosen) {
  process.stderr.write(`${suite.title} ...\n`);
  const result = { suite, measurements: await suite.run({ short: values.short }) };
  results.push(result);
  process.stdout.write(`${formatResult(result)}\n\n`);
}
if (values.write) await writeReport(REPORT, results);
