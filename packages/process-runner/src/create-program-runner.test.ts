import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createProgramRunner, type ProgramRunnerOptions } from './create-program-runner.ts';
import type { ProgramRequest, ProgramRunner } from './program-runner.ts';
import { eventually, isAlive, openDescriptors } from './testing/processes.ts';

const runners: ProgramRunner[] = [];

function makeRunner(options: Partial<ProgramRunnerOptions> = {}): ProgramRunner {
  const runner = createProgramRunner({ maxRunning: 10, maxWaiting: 10, ...options });
  runners.push(runner);
  return runner;
}

afterEach(() => {
  for (const runner of runners.splice(0)) runner.endAll();
});

async function collect(request: ProgramRequest, runner = makeRunner()) {
  const lines: string[] = [];
  const outcome = await runner.run(request, (line) => {
    lines.push(line);
    return undefined;
  });
  return { lines, ...outcome };
}

const sh = (script: string, ...args: string[]): ProgramRequest => ({
  program: 'sh',
  args: ['-c', script, 'sh', ...args],
});

describe('a program that runs to its end', () => {
  test('hands over its lines, its exit code and its standard error', async () => {
    expect(await collect(sh('echo one; printf "two\\n\\nno newline"; echo oops >&2; exit 3'))).toEqual({
      lines: ['one', 'two', '', 'no newline'],
      reason: 'exited',
      exitCode: 3,
      signal: null,
      stderr: 'oops\n',
    });
  });

  test('hands over a line as soon as it is written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runner-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // Ends only when the first line has arrived.
    const script = 'echo first; until [ -e "$1" ]; do sleep 0.05; done';
    await makeRunner().run(sh(script, join(folder, 'arrived')), (line) => {
      writeFileSync(join(folder, 'arrived'), line);
      return undefined;
    });
  });

  test('gets its arguments untouched by any shell', async () => {
    const nasty = ['$(id)', '`id`', '*', ';', '', "it's", '"', '\\', '-n', 'a b', 'é🥧', '\n'];
    const { lines } = await collect(sh('for each in "$@"; do printf "[%s]" "$each"; done', ...nasty));
    expect(lines.join('\n')).toBe(nasty.map((each) => `[${each}]`).join(''));
  });

  test('sees a fixed environment, the root folder and an empty standard input', async () => {
    process.env['SECRET_OF_OURS'] = 'not for programs';
    const { lines } = await collect({ program: 'env', args: [] });
    expect(lines.filter((line) => !/^(PWD|SHLVL|_)=/.test(line)).sort()).toEqual([
      'LC_ALL=C.UTF-8',
      'PATH=/usr/local/bin:/usr/bin:/bin',
    ]);
    expect((await collect(sh('pwd; cat; echo end'))).lines).toEqual(['/', 'end']);
  });

  test('leads a process group of its own', async () => {
    expect((await collect(sh('kill -0 -$$ && echo leader'))).lines).toEqual(['leader']);
  });

  test('keeps only the end of a long standard error', async () => {
    const { stderr } = await collect(sh('yes complaint | head -c 1000000 >&2; echo the end >&2'));
    expect(stderr).toHaveLength(4096);
    expect(stderr.endsWith('the end\n')).toBe(true);
  });
});

describe('limits', () => {
  const yes: ProgramRequest = { program: 'yes', args: ['12345678'] };

  test('a program that takes too long is ended', async () => {
    const outcome = await collect({ program: 'sleep', args: ['100'], limits: { timeoutMs: 100 } });
    expect(outcome).toMatchObject({ reason: 'timeout', exitCode: null, signal: 'SIGKILL' });
  });

  test('a program that ignores SIGTERM or was stopped is ended all the same', async () => {
    const limits = { timeoutMs: 200 };
    for (const script of ['trap "" TERM INT HUP; sleep 100', 'kill -STOP $$']) {
      expect((await collect({ ...sh(script), limits })).reason).toBe('timeout');
    }
  });

  test('output is cut at the last whole line within the limit', async () => {
    const outcome = await collect({ ...yes, limits: { maxOutputBytes: 9 * 1000 + 5 } });
    expect(outcome.reason).toBe('output-limit');
    expect(outcome.lines).toEqual(Array(1000).fill('12345678'));
  });

  test('output of exactly the limit is not cut', async () => {
    const limits = { maxOutputBytes: 8, maxLines: 2, maxLineBytes: 3 };
    expect(await collect({ ...sh('echo abc; echo def'), limits })).toMatchObject({
      reason: 'exited',
      lines: ['abc', 'def'],
    });
  });

  test('as many lines as allowed are handed over and no more', async () => {
    const outcome = await collect({ ...yes, limits: { maxLines: 70_000 } });
    expect(outcome.reason).toBe('line-limit');
    expect(outcome.lines).toHaveLength(70_000);
    const unfinished = await collect({ ...sh('echo a; printf b'), limits: { maxLines: 1 } });
    expect(unfinished).toMatchObject({ reason: 'line-limit', lines: ['a'] });
  });

  test('a line that never ends does not fill the memory', async () => {
    const endless = sh('echo short; tr "\\0" x </dev/zero');
    const outcome = await collect({ ...endless, limits: { maxLineBytes: 200_000 } });
    expect(outcome).toMatchObject({ reason: 'line-too-long', lines: ['short'] });
  });

  test('a limit that is none is refused by name', async () => {
    expect(() => makeRunner({ limits: { maxLines: 0 } })).toThrow('maxLines');
    await expect(makeRunner().run({ ...yes, limits: { timeoutMs: Number.NaN } })).rejects.toThrow(
      'timeoutMs',
    );
  });
});

describe('an early end', () => {
  test('a sink that has enough ends the program and gets nothing more', async () => {
    const lines: string[] = [];
    const outcome = await makeRunner().run({ program: 'yes', args: [] }, (line) => lines.push(line) < 5);
    expect(outcome.reason).toBe('enough');
    expect(lines).toHaveLength(5);
  });

  test('what the sink throws ends the program and rejects the run', async () => {
    const runner = makeRunner();
    const failing = runner.run({ program: 'yes', args: [] }, () => {
      throw new Error('full');
    });
    await expect(failing).rejects.toThrow('full');
    expect(runner.running).toBe(0);
  });

  test('an abort ends the whole process group, children and grandchildren', async () => {
    const caller = new AbortController();
    const pids: number[] = [];
    const outcome = await makeRunner().run(
      {
        ...sh('sleep 100 & echo $!; sh -c "sleep 100 & echo \\$!; wait" & echo $$; wait'),
        signal: caller.signal,
      },
      (line) => {
        if (pids.push(Number(line)) === 3) caller.abort();
        return undefined;
      },
    );
    expect(outcome.reason).toBe('aborted');
    expect(pids).toHaveLength(3);
    await eventually('all of the group are gone', () => !pids.some(isAlive));
  });

  test('a run whose caller has gone already starts nothing', async () => {
    const outcome = await collect({ ...sh('echo ran'), signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ reason: 'aborted', lines: [], exitCode: null, signal: null });
  });

  test('a caller who goes away while waiting in line leaves it', async () => {
    const runner = makeRunner({ maxRunning: 1 });
    const caller = new AbortController();
    const first = runner.run(sh('sleep 0.3'));
    const second = runner.run({ ...sh('echo ran'), signal: caller.signal });
    const third = collect(sh('echo third'), runner);
    expect(runner.waiting).toBe(2);
    caller.abort();
    expect((await second).reason).toBe('aborted');
    expect(runner.waiting).toBe(1);
    expect((await first).reason).toBe('exited');
    expect((await third).lines).toEqual(['third']);
  });

  test('a program that somebody else kills says which signal it was', async () => {
    const outcome = await makeRunner().run(sh('echo $$; echo half; sleep 100'), (line) => {
      if (line !== 'half') process.kill(Number(line), 'SIGKILL');
      return undefined;
    });
    expect(outcome).toMatchObject({ reason: 'killed', exitCode: null, signal: 'SIGKILL' });
  });

  test('children that a program leaves behind are ended with it', async () => {
    const { lines, reason } = await collect(sh('sleep 100 & echo $!'));
    expect(reason).toBe('exited');
    await eventually('the child is gone', () => !isAlive(Number(lines[0])));
  });

  test.skipIf(process.platform !== 'linux')('a child that left the group keeps nobody waiting', async () => {
    const { lines, reason } = await collect(sh('setsid sleep 8 & echo $!; sleep 1'));
    expect(reason).toBe('exited');
    expect(isAlive(Number(lines[0]))).toBe(true);
    process.kill(Number(lines[0]), 'SIGKILL');
  });
});

describe('a program that cannot be started', () => {
  test.each([
    ['does not exist', { program: 'no-such-program-anywhere', args: [] }, 'ENOENT'],
    ['is not executable', { program: '/etc/passwd', args: [] }, 'EACCES'],
    [
      'gets more arguments than the system takes',
      { program: 'true', args: ['x'.repeat(8_000_000)] },
      'E2BIG',
    ],
    ['gets a NUL', { program: 'true', args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE'],
  ])('that %s is an outcome with its error', async (_, request, code) => {
    const runner = makeRunner();
    expect(await runner.run(request)).toMatchObject({ reason: 'spawn-failed', error: { code } });
    expect(runner.running).toBe(0);
  });
});

describe('many at once', () => {
  test('no more run than allowed, the others take their turn in the order of their coming', async () => {
    const runner = makeRunner({ maxRunning: 3, maxWaiting: 20 });
    const order: string[] = [];
    let most = 0;
    const runs = Array.from({ length: 20 }, (_, i) =>
      runner.run(sh(`echo ${i}; sleep 0.05`), (line) => {
        most = Math.max(most, runner.running);
        order.push(line);
        return undefined;
      }),
    );
    expect([runner.running, runner.waiting]).toEqual([3, 17]);
    await Promise.all(runs);
    expect(most).toBe(3);
    // Those that run together may print in any order; nobody overtakes by more than the places there are.
    for (const [at, i] of order.entries()) expect(Math.abs(at - Number(i))).toBeLessThan(3);
  });

  test('a full line refuses the next, and has room again later', async () => {
    const runner = makeRunner({ maxRunning: 1, maxWaiting: 1 });
    const runs = [runner.run(sh('sleep 0.1')), runner.run(sh(':'))];
    await expect(runner.run(sh(':'))).rejects.toMatchObject({
      name: 'RunnerRefusedError',
      kind: 'line-full',
    });
    await Promise.all(runs);
    expect((await runner.run(sh(':'))).reason).toBe('exited');
  });

  test('200 programs at once leave no process and no descriptor behind', async () => {
    const runner = makeRunner({ maxRunning: 200 });
    await runner.run(sh(':'));
    const before = openDescriptors();
    const pids: number[] = [];
    const caller = new AbortController();
    const endings = ['exit 0', 'sleep 100', 'kill -9 $$', 'yes', 'sleep 100 & exit 1'];
    const runs = Array.from({ length: 200 }, (_, i) =>
      runner.run({ ...sh(`echo $$; ${endings[i % 5]}`), signal: caller.signal }, (line) => {
        if (/^\d/.test(line)) pids.push(Number(line));
        return undefined;
      }),
    );
    expect(runner.running).toBe(200);
    await eventually('all 200 have told their pid', () => pids.length === 200);
    caller.abort();
    await Promise.all(runs);
    expect(runner.running).toBe(0);
    // A zombie still takes a signal: all of our own children must have been reaped.
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await eventually('descriptors are closed', () => openDescriptors() <= before);
  });

  test('programs that cannot be started cost no descriptor', async () => {
    const runner = makeRunner();
    await runner.run({ program: 'no-such-program-anywhere', args: [] });
    const before = openDescriptors();
    for (let i = 0; i < 50; i++) await runner.run({ program: 'no-such-program-anywhere', args: ['x'] });
    await eventually('descriptors are closed', () => openDescriptors() <= before);
  });
});

describe('the end of the runner', () => {
  test('a drain lets those that run and those in line finish, and takes no new ones', async () => {
    const runner = makeRunner({ maxRunning: 1 });
    const runs = [collect(sh('sleep 0.2; echo one'), runner), collect(sh('echo two'), runner)];
    const drained = runner.drain(10_000);
    await expect(runner.run(sh(':'))).rejects.toMatchObject({ kind: 'shutting-down' });
    expect(await drained).toEqual({ isClean: true, ended: 0 });
    expect((await Promise.all(runs)).flatMap((run) => run.lines)).toEqual(['one', 'two']);
  });

  test('a drain ends what is left when its time is over', async () => {
    const runner = makeRunner({ maxRunning: 1 });
    const runs = [runner.run(sh('sleep 100')), runner.run(sh('echo never'))];
    expect(await runner.drain(100)).toEqual({ isClean: false, ended: 2 });
    for (const run of runs) expect((await run).reason).toBe('aborted');
    expect([runner.running, runner.waiting]).toEqual([0, 0]);
  });

  test('an idle runner drains at once', async () => {
    expect(await makeRunner().drain(10_000)).toEqual({ isClean: true, ended: 0 });
  });

  test('endAll has sent its signals when it returns', async () => {
    const runner = makeRunner();
    const pids: number[] = [];
    const run = runner.run(sh('sleep 100 & echo $!; echo $$; wait'), (line) => {
      pids.push(Number(line));
      return undefined;
    });
    await eventually('both run', () => pids.length === 2);
    runner.endAll();
    // The event loop has had no turn: nothing but the signals can have ended them.
    const deadline = Date.now() + 2000;
    while (pids.some(isAlive) && Date.now() < deadline);
    expect(pids.some(isAlive)).toBe(false);
    expect((await run).reason).toBe('aborted');
  });

  test('a process that exits at once ends its programs by the exit event', async () => {
    const script = `
      import { createProgramRunner } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const runner = createProgramRunner({ maxRunning: 1, maxWaiting: 0 });
      process.once('exit', () => runner.endAll());
      runner.run({ program: 'sh', args: ['-c', 'sleep 100 & echo $!; echo $$; wait'] }, (line) => console.log(line));
      process.on('SIGTERM', () => process.exit(7));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await eventually('both run', () => output.split('\n').length === 3);
    const pids = output.trim().split('\n').map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([7, null]);
    await eventually('they are gone', () => !pids.some(isAlive));
  });

  test('the event loop goes on while programs run', async () => {
    const runner = makeRunner();
    const runs = Array.from({ length: 10 }, () => runner.run(sh('sleep 0.5')));
    let turns = 0;
    const ticking = (async () => {
      while (runner.running > 0) {
        turns++;
        await sleep(10);
      }
    })();
    await Promise.all([...runs, ticking]);
    expect(turns).toBeGreaterThan(10);
  });
});
