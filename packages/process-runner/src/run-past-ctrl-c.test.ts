import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProgramRunner } from './create-program-runner.ts';

/** Runs a shell script that finds in `$1` a file of its own, and counts in it how often it was begun. */
async function runScript(script: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ctrl-c-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'starts');
  const runner = createProgramRunner({ maxRunning: 1, maxWaiting: 0 });
  const lines: string[] = [];
  const outcome = await runner.run(
    { program: 'sh', args: ['-c', `echo x >> "$1"; ${script}`, 'sh', file] },
    (line) => {
      lines.push(line);
      return undefined;
    },
  );
  return { ...outcome, lines, starts: (await readFile(file, 'utf8')).length / 2 };
}

const isFirst = '[ $(wc -l < "$1") = 1 ]';

test.each(['INT', 'TERM'])('a program that SIG%s meets as it starts is started once more', async (signal) => {
  const { reason, lines, starts } = await runScript(`if ${isFirst}; then kill -${signal} $$; fi; echo done`);
  expect({ reason, lines, starts }).toEqual({ reason: 'exited', lines: ['done'], starts: 2 });
});

test('a program that is met each time is not started for ever', async () => {
  expect(await runScript('kill -INT $$')).toMatchObject({ reason: 'killed', signal: 'SIGINT', starts: 2 });
});

test.each([
  ['has given a line', 'echo one; kill -INT $$'],
  ['has complained', 'echo trouble >&2; kill -INT $$'],
  ['was killed', 'kill -KILL $$'],
  ['has run for a while', 'sleep 1.1; kill -INT $$'],
])('a program that %s is not repeated', async (_, script) => {
  expect(await runScript(script)).toMatchObject({ reason: 'killed', starts: 1 });
});
