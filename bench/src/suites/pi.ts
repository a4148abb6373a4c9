import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { interleave, interleaveAll, median, medianRatio } from '../support/statistics.ts';
import type { Measurement, Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const COMMAND = fileURLToPath(new URL('../../../packages/pi-engine/dist/cli/main.js', import.meta.url));

/** Ratios to PARI/GP that are aimed at, by digits and threads. */
const AIMS: Readonly<Record<string, string>> = {
  '1000000 digits, 2 threads': 'at most 0.25',
  '10000000 digits, 2 threads': 'at most 0.15',
  '10000000 digits, 1 thread': 'at most 0.26',
  '100000000 digits, 2 threads': 'at most 0.13',
};

/** Beyond these sizes a program takes minutes. */
const MOST_DIGITS = { bigint: 1_000_000, cln: 10_000_000, oneThread: 10_000_000 };

/** Whole processes, decimal file written, against PARI/GP, Debian's `pi`, BigInt, and an empty Node.js process. */
export const pi: Suite = {
  name: 'pi',
  title: 'Digits of pi',
  method:
    'Wall-clock time of whole processes that write the decimal digits to a file, in turn: the `pi-digits` command itself (not through npm) with two threads and with one, PARI/GP (`gp`, Debian), CLN (`pi`, Debian, where it is installed), and our own BigInt engine; for 1,000 digits, an empty Node.js process. Medians, and medians of the ratios of a round. The digits of all must agree.',
  async run({ short }) {
    return await withTemporaryFolder(async (folder) => {
      const ours =
        (digits: number, ...options: string[]) =>
        () =>
          time(process.execPath, [COMMAND, String(digits), '--out', `${folder}/ours`, ...options]);
      const empty = await interleave(short ? 3 : 21, ours(1000), () => time(process.execPath, ['-e', '']));
      const results: Measurement[] = [
        {
          what: '1,000 digits, ratio to an empty process',
          value: empty.ratio.toFixed(2),
          aim: 'at most 1.5',
        },
      ];
      const hasCln = await isInstalled('pi');
      for (const digits of short ? [100_000] : [1_000_000, 10_000_000, 100_000_000]) {
        const programs = new Map([
          [`${digits} digits, 2 threads`, ours(digits, '--threads', '2')],
          [`${digits} digits, PARI/GP`, () => timeGp(digits, `${folder}/gp`)],
        ]);
        if (digits <= MOST_DIGITS.oneThread)
          programs.set(`${digits} digits, 1 thread`, ours(digits, '--threads', '1'));
        if (hasCln && digits <= MOST_DIGITS.cln)
          programs.set(`${digits} digits, CLN`, () => timePrinted('pi', [String(digits)], `${folder}/cln`));
        if (digits <= MOST_DIGITS.bigint)
          programs.set(`${digits} digits, BigInt engine`, ours(digits, '--engine', 'bigint'));
        const rounds = short || digits > 10_000_000 ? 1 : 5;
        const times = await interleaveAll(rounds, programs);
        await mustAgree(`${folder}/ours`, `${folder}/gp`, digits);
        if (hasCln && digits <= MOST_DIGITS.cln)
          await mustAgree(`${folder}/ours`, `${folder}/cln`, digits - 1);
        results.push(...reportTimes(times, `${digits} digits, PARI/GP`));
      }
      return results;
    });
  },
};

function reportTimes(times: ReadonlyMap<string, readonly number[]>, reference: string): Measurement[] {
  return [...times].flatMap(([name, seconds]): Measurement[] => {
    const time = { what: name, value: `${median(seconds).toFixed(2)} s` };
    if (name === reference) return [time];
    const aim = AIMS[name];
    const ratio = {
      what: `${name}: ratio to PARI/GP`,
      value: medianRatio(seconds, times.get(reference)).toFixed(3),
    };
    return [time, aim === undefined ? ratio : { ...ratio, aim }];
  });
}

/** Seconds. */
async function time(command: string, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return (performance.now() - startedAt) / 1000;
}

function timeGp(digits: number, path: string): Promise<number> {
  const program = `default(realprecision,${digits + 10});print(Pi);\n`;
  return timePrinted('gp', ['-q', '-f', '-s', '8G'], path, program);
}

/** Seconds of a program that prints its digits. */
async function timePrinted(
  command: string,
  args: readonly string[],
  path: string,
  input = '',
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  await Promise.all([once(child, 'exit'), pipeline(child.stdout, createWriteStream(path))]);
  return (performance.now() - startedAt) / 1000;
}

async function isInstalled(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = await Promise.all(
    folders.map((folder) => access(`${folder}/${command}`, constants.X_OK).then(...YES_OR_NO)),
  );
  return found.includes(true);
}

const YES_OR_NO = [() => true, () => false] as const;

/** At least the first `digits` digits; theirs may have some more, the last of which are rounded. */
async function mustAgree(ours: string, theirs: string, digits: number): Promise<void> {
  const [a, b] = await Promise.all([readFile(ours), readFile(theirs)]);
  if (a.length <= digits || a.subarray(0, digits + 1).compare(b.subarray(0, digits + 1)) !== 0) {
    throw new Error(`the ${digits} digits of both programs differ`);
  }
}
