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

const NAMES = SUITES.map(({ name }) => name).join(', ');
const USAGE = `Usage: npm run bench -- [NAME ...] [options]

Measures the services beside what somebody would write instead. Names are ${NAMES}; all when left out.

  --short     small sizes and few rounds: shows that it runs, not how fast
  --phase P   control: in this phase only
  --trials N  control: so many pauses in each phase (34)
  --write     write docs/benchmarks.md anew from what was run
  -h, --help  this text
`;

const { write, names, ...options } = readArguments();
const chosen = SUITES.filter(({ name }) => names.length === 0 || names.includes(name));
const results: SuiteResult[] = [];
for (const suite of chosen) {
  process.stderr.write(`${suite.title} ...\n`);
  const result = { suite, measurements: await suite.run(options) };
  results.push(result);
  process.stdout.write(`${formatResult(result)}\n\n`);
}
if (write) await writeReport(REPORT, results);

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        phase: { type: 'string' },
        trials: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
    if (unknown.length > 0) throw new Error(`no such benchmark: ${unknown.join(', ')}`);
    const { short, write, phase } = values;
    const trials = values.trials === undefined ? undefined : Number(values.trials);
    if (trials !== undefined && !(Number.isSafeInteger(trials) && trials >= 1))
      throw new Error('--trials must be an integer of at least 1');
    if (write && (phase !== undefined || trials !== undefined))
      throw new Error('what is published is measured whole: no --phase or --trials with --write');
    return { short, write, phase, trials, names: positionals };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
