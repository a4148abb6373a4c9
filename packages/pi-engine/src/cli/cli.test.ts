import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { referenceDigits } from '../testing/run-engine.ts';

const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'pi-digits-')));
});
afterAll(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--conditions=@pi-jobs/source', mainPath, ...args], { cwd: folder });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...output };
}

/** The command as the build leaves it: its modules joined. */
const builtPath = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function run(...args: readonly string[]): Promise<Outcome> {
  return ended(start(...args));
}

function textOf(digitCount: number): string {
  const digits = referenceDigits(digitCount);
  return digitCount === 1 ? '3' : `3.${digits.slice(1)}`;
}

describe('digits', () => {
  test.each([1, 2, 5, 1000, 10_000, 10_001, 25_000])(
    '%i of them go to standard output, truncated and without a newline',
    async (count) => {
      expect(await run(String(count))).toEqual({ code: 0, stdout: textOf(count), stderr: '' });
    },
  );

  test.each([['1'], ['3000'], ['3000', '--engine', 'bigint'], ['12000', '--threads', '2']])(
    'go to a file: %s %s %s',
    async (...args) => {
      const out = join(folder, 'digits.txt');
      await writeFile(out, 'what was there before');
      expect(await run(...args, '--out', 'digits.txt')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await readFile(out, 'latin1')).toBe(textOf(Number(args[0])));
      expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('.part'));
    },
  );

  test('replace the file that a link points to, not the link', async () => {
    await writeFile(join(folder, 'real.txt'), '');
    await symlink('real.txt', join(folder, 'link.txt'));
    await run('100', '--out', 'link.txt');
    expect(await readFile(join(folder, 'real.txt'), 'latin1')).toBe(textOf(100));
  });

  test('can be sent to a device', async () => {
    expect(await run('20000', '--out', '/dev/null')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('stop quietly when the reader has enough', async () => {
    const child = start('300000');
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(child.stderr.read()?.toString() ?? '').toBe('');
    expect(code).toBe(0);
  });
});

describe('the report', () => {
  test('goes to standard error when the digits are on standard output', async () => {
    const { code, stdout, stderr } = await run('2000', '--json');
    expect(code).toBe(0);
    expect(stdout).toBe(textOf(2000));
    expect(JSON.parse(stderr)).toMatchObject({ digits: 2000, engine: 'spigot', seconds: expect.any(Number) });
  });

  test('carries the certificate with --verify and goes to standard output with --out', async () => {
    const { code, stdout, stderr } = await run(
      '30000',
      '--out',
      'v.txt',
      '--verify',
      '--json',
      '--engine',
      'bigint',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const text = await readFile(join(folder, 'v.txt'));
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      digits: 30_000,
      engine: 'bigint',
      version: packageJson.version,
      sha256: createHash('sha256').update(text).digest('hex'),
      verification: { method: "Bellard's formula", hexTail: expect.stringMatching(/^[0-9a-f]{8}$/) },
    });
    expect(report.digitCounts['7']).toBe(text.toString().split('7').length - 1);
  });
});

test('--verify alone tells people on standard error', async () => {
  const { code, stdout, stderr } = await run('2000', '--verify');
  expect({ code, stdout }).toEqual({ code: 0, stdout: textOf(2000) });
  const sha256 = createHash('sha256').update(stdout).digest('hex');
  expect(stderr).toMatch(new RegExp(`^Verified by .* come [0-9a-f]{8}\\. SHA-256 ${sha256}\n$`));
});

describe('arguments that make no sense end with code 2 and a reason', () => {
  test.each([
    [[], /how many/],
    [['0'], /at least 1/],
    [['-5'], /Unknown option|ambiguous|at least 1/i],
    [['1.5'], /at least 1/],
    [['ten'], /'ten'/],
    [['10', '20'], /20/],
    [['10', '--threads', '0'], /--threads/],
    [['10', '--engine', 'abacus'], /abacus/],
    [['10', '--out'], /--out/],
    [['10', '--out', ''], /--out/],
    [['10', '--fast'], /--fast/],
    [['99999999999999999999'], /at least 1/],
  ])('%j', async (args, reason) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('failures end with code 1 and one line', () => {
  test.each([['500'], ['20000']])('%s digits to a folder that is not there', async (count) => {
    const { code, stderr } = await run(count, '--out', 'nowhere/x.txt');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'pi-digits: cannot write nowhere/x.txt: ENOENT: no such file or directory\n',
    });
  });

  test.each([['500'], ['20000']])('%s digits to a folder instead of a file', async (count) => {
    const { code, stderr } = await run(count, '--out', '.');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'pi-digits: cannot write .: it is a folder\n' });
  });

  test.each([['500'], ['20000']])('%s digits to a full disk', async (count) => {
    const { code, stderr } = await run(count, '--out', '/dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pi-digits: cannot write \/dev\/full: ENOSPC[^\n]*\n$/);
  });

  test('more digits than the machine has memory for', async () => {
    const { code, stderr } = await run('900000000000');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^pi-digits: 900000000000 digits need more memory than the engine can address and \d+ MB are there: \d+ digits would fit\n$/,
    );
  });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the run at once and leaves no part of the file', async (signal, code) => {
  const child = start('20000000', '--out', 'never.txt');
  const outcome = ended(child);
  await vi.waitFor(
    async () =>
      expect(await readdir(folder)).toContainEqual(expect.stringMatching(/^\.never\.txt\.\d+\.part$/)),
    { timeout: 20_000 },
  );
  child.kill(signal);
  expect(await outcome).toEqual({ code, stdout: '', stderr: '' });
  expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('never'));
});

test.each([
  ['1', 'SIGINT', 130],
  ['2', 'SIGTERM', 143],
] as const)('so it is where the command computes itself: %s threads, %s', async (threads, signal, code) => {
  let outcome: Outcome;
  // On a busy machine the run may be over before the signal comes.
  do {
    await rm(join(folder, 'soon.txt'), { force: true });
    const child = start('1400000', '--threads', threads, '--out', 'soon.txt');
    const isOver = new Promise((resolve) => child.on('exit', resolve));
    const ending = ended(child);
    const look = async (): Promise<void> => {
      const files = await readdir(folder);
      if (files.some((name) => name.startsWith('.soon'))) child.kill(signal);
      else if (child.exitCode === null) setTimeout(look, 5);
    };
    void look();
    await isOver;
    outcome = await ending;
  } while (outcome.code === 0);
  expect(outcome).toEqual({ code, stdout: '', stderr: '' });
  expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('soon'));
});

test.each([['bigint'], ['wasm']])(
  'a signal ends the run also while nobody reads its output: %s',
  async (engine) => {
    const child = start('400000', '--engine', engine);
    await new Promise((resolve) => child.stdout.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(130);
  },
);

test.each([
  ['2000'],
  ['25000', '--threads', '2'],
  ['25000', '--verify', '--json'],
  ['25000', '--engine', 'bigint'],
])('the built command writes the same digits: %s %s %s', async (...args) => {
  const built = ended(spawn(process.execPath, [builtPath, ...args], { cwd: folder }));
  expect(await built).toMatchObject({ code: 0, stdout: textOf(Number(args[0])) });
});

test('the build joins the modules that every run needs', async () => {
  expect(await readFile(builtPath, 'utf8')).toContain('function quickRun');
});

test('--help and --version say what they should', async () => {
  expect(await run('--help')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: pi-digits N/),
    stderr: '',
  });
  expect(await run('--version')).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});
