import { engineNames } from '../engine-names.ts';
import { engineVersion } from '../engine-version.ts';
import { printText } from './standard-output.ts';

const help = `Usage: pi-digits N [options]

Writes the first N digits of pi, the leading 3 included, truncated and with no newline: 5 gives 3.1415.

  --out FILE       write to FILE, which appears when it is complete (default: standard output)
  --threads T      compute with at most T threads (default: as many as there are cores)
  --engine E       ${engineNames.join(', ')} (default: auto, the fastest for N)
  --verify         check the result by Bellard's formula and report its SHA-256 and digit counts
  --json           report timings as one JSON object, on standard output with --out, else on standard error
  -h, --help       this text
  --version        the version

Exit codes: 0 done, 1 failed, 2 arguments that make no sense, 130 interrupted.
`;

export async function printHelp(wanted: 'help' | 'version'): Promise<number> {
  await printText(wanted === 'help' ? help : `${engineVersion}\n`);
  return 0;
}
