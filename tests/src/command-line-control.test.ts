import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readStatus } from '../support/job-client.ts';
import { System } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = new URL('../../packages/cli/bin/pi-jobs.mjs', import.meta.url).pathname;

/** The runtime of the tests, and the one on the PATH where that is another. */
const runtimes = [process.execPath, nodeOnPath()].filter((path) => path !== undefined);

function nodeOnPath(): string | undefined {
  try {
    const path = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim();
    return path === process.execPath ? undefined : path;
  } catch {
    return undefined;
  }
}

interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  readonly code: Promise<number | null>;
}

function start(runtime: string, env: NodeJS.ProcessEnv, cwd: string, args: readonly string[]): Running {
  return startCommand([runtime, program, ...args], env, cwd);
}

function startCommand(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Running {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, out: () => out, err: () => err, code };
}

/** Something that answers where a service is looked for. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(runtimes)('pi-jobs on %s', (runtime) => {
  async function run(env: NodeJS.ProcessEnv, cwd: string, ...args: string[]) {
    const running = start(runtime, env, cwd, args);
    return { code: await running.code, out: running.out(), err: running.err() };
  }

  it('controls a job, leaves it running on Ctrl-C and says how to come back', async () => {
    const system = await System.create();
    const cwd = await temporaryFolder();
    const { jobApi, downloadApi } = await system.startAll();
    const env = { JOB_API_URL: jobApi.url, DOWNLOAD_API_URL: downloadApi.url };
    const cli = (...args: string[]) => run(env, cwd, ...args);

    const waiting = start(runtime, env, cwd, ['create', '10000000', '--wait']);
    while (!waiting.out().includes('job 1')) await sleep(20);
    const paused = await cli('pause', '1', '--json');
    expect([paused.code, JSON.parse(paused.out)]).toMatchObject([0, { job_id: 1, status: 'paused' }]);
    waiting.child.kill('SIGINT');
    expect(await waiting.code).toBe(130);
    expect(waiting.err()).toContain('pi-jobs status 1 --wait');
    expect(await readStatus(jobApi.url, 1)).toMatchObject({ status: 'paused' });

    expect(await cli('status', '1')).toMatchObject({ code: 0, out: expect.stringContaining('paused') });
    expect(await cli('list', '--status', 'paused', '--json')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\{.*"job_id":1,.*\}\n$/),
    });
    expect(await cli('resume', '1')).toMatchObject({ code: 0, err: '' });
    const again = start(runtime, env, cwd, ['status', '1', '--wait', '--json']);
    expect(await cli('terminate', '1')).toMatchObject({
      code: 0,
      out: expect.stringContaining('terminated'),
    });
    expect(await again.code, 'it ended without a result').toBe(3);
    const last = again.out().trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ job_id: 1, status: 'terminated' });

    const refused = await cli('pause', '1');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^pi-jobs: .*terminated.*\n$/);
    for (const args of [
      ['status', '99'],
      ['download', '1'],
      ['download', '99'],
      ['digits', '99'],
      ['resume', '99'],
    ]) {
      const { code, out, err } = await cli(...args);
      expect([code, out], args.join(' ')).toEqual([1, '']);
      expect(err, args.join(' ')).toMatch(/^pi-jobs: .+\n$/);
    }
    const asJson = await cli('pause', '1', '--json');
    expect([asJson.code, asJson.out]).toEqual([1, '']);
    expect(JSON.parse(asJson.err)).toEqual({
      success: false,
      error: expect.stringContaining('terminated'),
      code: 'state_conflict',
      status: 409,
      exit_code: 1,
    });
    expect(await readdir(cwd), 'no half file').toEqual([]);

    const made = await cli('create', '1000', '--wait');
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('completed') });
    expect(await cli('digits', '2', '--start', '762', '--count', '6')).toEqual({
      code: 0,
      out: '999999\n',
      err: '',
    });
    const saved = await cli('download', '2', '--output', 'pi.zip');
    expect([saved.code, saved.out]).toEqual([0, 'pi.zip\n']);
    expect((await stat(`${cwd}/pi.zip`)).size).toBeGreaterThan(400);
    await mkdir(`${cwd}/folder`);
    await writeFile(`${cwd}/file`, '');
    for (const [output, why] of [
      ['none/pi.zip', 'its folder does not exist'],
      ['folder', 'it is a folder'],
      ['file/pi.zip', 'a part of its path is no folder'],
      [`${'n'.repeat(300)}.zip`, 'name too long'],
      ['/proc/pi.zip', process.getuid?.() === 0 ? 'its folder does not exist' : 'permission denied'],
    ]) {
      const refused = await cli('download', '2', '--output', output ?? '');
      expect(refused).toEqual({ code: 1, out: '', err: `pi-jobs: cannot write ${output}: ${why}\n` });
    }
    expect((await readdir(cwd)).toSorted(), 'no half file').toEqual(['file', 'folder', 'pi.zip']);
    const nowhere = await cli('download', '2', '--output', 'none/pi.zip', '--json');
    expect([nowhere.code, nowhere.out, JSON.parse(nowhere.err)]).toEqual([
      1,
      '',
      {
        success: false,
        error: 'cannot write none/pi.zip: its folder does not exist',
        code: 'output_failed',
        exit_code: 1,
      },
    ]);
  }, 90_000);

  it('says when its output goes nowhere, unless the reader has seen enough', async () => {
    const url = await listen((_, response) => response.end('1'.repeat(100_000)));
    const env = { PATH: process.env['PATH'], DOWNLOAD_API_URL: url };
    const cwd = await temporaryFolder();
    const shell = async (script: string) => {
      const digits = [runtime, program, 'digits', '1', '--count', '100000'];
      const running = startCommand(['sh', '-c', script, 'sh', ...digits], env, cwd);
      return { code: await running.code, err: running.err() };
    };
    const full = 'pi-jobs: cannot write to standard output: no space left on device\n';
    expect(await shell('"$@" >/dev/full')).toEqual({ code: 1, err: full });
    expect(await shell('{ "$@"; echo $? >&2; } | head -c 1')).toEqual({ code: 0, err: '0\n' });
  });

  it("says in plain words that an answer broke off or is no service's, with --json in JSON", async () => {
    const broken = await listen((_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{', () => response.destroy());
    });
    const stranger = await listen((_, response) => response.end('<h1>It works!</h1>'));
    const cwd = await temporaryFolder();
    for (const [url, code, words] of [
      [broken, 'connection_lost', /^the connection .*was lost/],
      [stranger, 'unexpected_answer', /^what answers at http:.* is no service of pi-jobs$/],
    ] as const) {
      const env = { JOB_API_URL: url, DOWNLOAD_API_URL: url };
      const commands = [['create', '5'], ['status', '1'], ['list'], ['pause', '1']];
      if (url === broken) commands.push(['download', '1'], ['digits', '1']);
      for (const args of commands) {
        const told = await run(env, cwd, ...args, '--json');
        expect([told.code, told.out], args.join(' ')).toEqual([1, '']);
        const error = expect.stringMatching(words);
        expect(JSON.parse(told.err)).toEqual({ success: false, error, code, exit_code: 1 });
        const plain = await run(env, cwd, ...args);
        expect(plain).toEqual({ code: 1, out: '', err: `pi-jobs: ${JSON.parse(told.err).error}\n` });
      }
    }
    expect(await readdir(cwd), 'no half file').toEqual([]);
  }, 60_000);

  it('says in one line that no service answers, and exits with 1', async () => {
    const cwd = await temporaryFolder();
    const env = { JOB_API_URL: 'http://127.0.0.1:9', DOWNLOAD_API_URL: 'http://127.0.0.1:9' };
    for (const args of [
      ['create', '5'],
      ['create', '5', '--wait'],
      ['status', '1'],
      ['list'],
      ['pause', '1'],
      ['download', '1'],
      ['digits', '1'],
    ]) {
      const { code, out, err } = await run(env, cwd, ...args);
      expect([code, out], args.join(' ')).toEqual([1, '']);
      expect(err, args.join(' ')).toMatch(/^pi-jobs: .+ does not answer at http:\/\/127\.0\.0\.1:9; .+\n$/);
    }
    const asJson = await run(env, cwd, 'status', '1', '--json');
    expect([asJson.code, asJson.out, JSON.parse(asJson.err)]).toEqual([
      1,
      '',
      {
        success: false,
        error: 'job-api does not answer at http://127.0.0.1:9',
        code: 'unreachable',
        exit_code: 1,
      },
    ]);
    expect(await readdir(cwd)).toEqual([]);
  }, 60_000);

  it('explains wrong usage and exits with 2', async () => {
    const wrong = [
      ['create'],
      ['create', '0'],
      ['create', '-5'],
      ['create', '1.5'],
      ['create', 'many'],
      ['create', '1e-3'],
      ['create', '1e99'],
      ['create', '1,000'],
      ['list', '--job-api', 'localhost:5000'],
      ['create', '5', '6'],
      ['create', '5', '--fast'],
      ['status'],
      ['status', '..'],
      ['status', '1', '--output', 'x'],
      ['list', '1'],
      ['list', '--status', 'sleeping'],
      ['list', '--limit', '0'],
      ['digits', '1', '--start', '-1'],
      ['digits', '1', '--count', '0'],
      ['download', '1', '--output'],
      ['explode', '1'],
    ];
    const cwd = await temporaryFolder();
    const answers = await Promise.all(wrong.map((args) => run({}, cwd, ...args)));
    for (const [index, { code, out, err }] of answers.entries()) {
      expect([code, out], wrong[index]?.join(' ')).toEqual([2, '']);
      expect(err).toMatch(/^pi-jobs: .+ \(pi-jobs --help tells more\)\n$/);
    }
    const asJson = await run({}, cwd, 'create', '0', '--json');
    expect([asJson.code, asJson.out, JSON.parse(asJson.err)]).toEqual([
      2,
      '',
      {
        success: false,
        error: expect.stringContaining('N must be an integer'),
        code: 'usage',
        exit_code: 2,
      },
    ]);
    expect(await run({}, cwd, '--help')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('pi-jobs create N'),
    });
  }, 60_000);
});
