import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { interleave } from '../support/statistics.ts';
import type { Measurement, Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const COMMAND = fileURLToPath(new URL('../../../packages/pi-engine/dist/cli/main.js', import.meta.url));

const AIMS: Readonly<Record<number, string>> = {
  1000000: 'at most 0.25',
  10000000: 'at most 0.15',
  100000000: 'at most 0.13',
};

/** Whole processes, decimal file written, against PARI/GP, BigInt, and an empty Node.js process. */
export const pi: Suite = {
  name: 'pi',
  title: 'Digits of pi',
  method:
    'Wall-clock time of whole processes that write the decimal digits to a file: the `pi-digits` command with two threads against PARI/GP (`gp`, Debian), its own BigInt engine, and, for 1,000 digits, an empty Node.js process. The files of both must agree.',
  async run({ short }) {
    const sizes = short ? [100_000] : [1_000_000, 10_000_000, 100_000_000];
    return await withTemporaryFolder(async (folder) => {
      const results: Measurement[] = [];
      const ours =
        (digits: number, ...options: string[]) =>
        () =>
          time(process.execPath, [COMMAND, String(digits), '--out', `${folder}/ours`, ...options]);
      const empty = await interleave(short ? 3 : 21, ours(1000), () => time(process.execPath, ['-e', '']));
      results.push({
        what: '1,000 digits, ratio to an empty process',
        value: empty.ratio.toFixed(2),
        aim: 'at most 1.5',
      });
      for (const digits of sizes) {
        const rounds = short ? 1 : digits > 10_000_000 ? 1 : 5;
        const gp = () => timeGp(digits, `${folder}/gp`);
        const two = await interleave(rounds, ours(digits, '--threads', '2'), gp);
        await mustAgree(`${folder}/ours`, `${folder}/gp`, digits);
        results.push(
          { what: `${digits} digits, two threads`, value: `${two.ours.toFixed(2)} s` },
          { what: 'PARI/GP', value: `${two.theirs.toFixed(2)} s` },
          {
            what: 'ratio',
            value: two.ratio.toFixed(3),
            ...(AIMS[digits] === undefined ? {} : { aim: AIMS[digits] }),
          },
        );
        if (digits > 10_000_000) continue;
        const one = await interleave(rounds, ours(digits, '--threads', '1'), gp);
        const aim = digits === 10_000_000 ? { aim: 'at most 0.26' } : {};
        results.push({ what: 'ratio, one thread', value: one.ratio.toFixed(3), ...aim });
        if (digits > 1_000_000) continue;
        const bigint = await interleave(rounds, ours(digits), ours(digits, '--engine', 'bigint'));
        results.push({ what: 'ratio to the BigInt engine', value: bigint.ratio.toFixed(3) });
      }
      return results;
    });
  },
};

/** Seconds. */
async function time(command: string, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return (performance.now() - startedAt) / 1000;
}

async function timeGp(digits: number, path: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('gp', ['-q', '-f', '-s', '8G'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`default(realprecision,${digits + 10});print(Pi);\n`);
  await Promise.all([once(child, 'exit'), pipeline(child.stdout, createWriteStream(path))]);
  return (performance.now() - startedAt) / 1000;
}

/** Theirs has some digits more, the last of which are rounded. */
async function mustAgree(ours: string, theirs: string, digits: number): Promise<void> {
  const [a, b] = await Promise.all([readFile(ours), readFile(theirs)]);
  if (a.length !== digits + 1 || a.compare(b.subarray(0, a.length)) !== 0) {
    throw new Error(`the ${digits} digits of both programs differ`);
  }
}
