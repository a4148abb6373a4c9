import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PiComputation, type PiPhase } from './pi-computation.ts';
import { Team } from './team.ts';
import { MemoryKeeper } from './testing/memory-keeper.ts';
import { WholeNumbers } from './whole-numbers.ts';

const phases: readonly PiPhase[] = ['start', 'splitting', 'root', 'division', 'conversion', 'certification'];

async function digitsOf(computation: PiComputation, decimals: number): Promise<string> {
  let text = '';
  await computation.run({
    decimals,
    onDigits: (start, digits) => {
      text = text.slice(0, start) + Buffer.from(digits).toString();
    },
  });
  return text;
}

test.each(phases)(
  'an abort in the phase %s ends a run that the caller leads before its next step',
  async (last) => {
    const controller = new AbortController();
    const computation = await PiComputation.start(60_000, {
      threads: 2,
      leader: 'caller',
      signal: controller.signal,
    });
    const seen: PiPhase[] = [];
    const run = computation.run({
      decimals: 60_000,
      certify: true,
      onPhase: (phase) => {
        seen.push(phase);
        if (phase === last) controller.abort(new Error('enough'));
      },
      onDigits: () => {},
    });
    await expect(run).rejects.toThrow('enough');
    expect(seen).toEqual(phases.slice(0, phases.indexOf(last) + 1));
    await expect(computation.usedBytes()).rejects.toThrow('enough');
  },
);

test('between the steps of a run that the caller leads others get their turn, several times a block of subtrees', async () => {
  const computation = await PiComputation.start(60_000, { threads: 1, leader: 'caller' });
  const turns = new Map<PiPhase, number>();
  let isOver = false;
  const turn = (): void => {
    const { phase } = computation.progress();
    turns.set(phase, (turns.get(phase) ?? 0) + 1);
    if (!isOver) setImmediate(turn);
  };
  turn();
  await digitsOf(computation, 60_000);
  isOver = true;
  // Eight subtrees, seven merges.
  expect(turns.get('splitting')).toBeGreaterThanOrEqual(15);
  for (const phase of ['root', 'division', 'conversion'] as const) expect(turns.has(phase)).toBe(true);
  await computation.stop();
});

test('threads may join whenever they have started: before, while and after the caller computes', async () => {
  const alone = await PiComputation.start(20_000, { threads: 1, leader: 'caller' });
  const right = await digitsOf(alone, 20_000);
  await alone.stop();
  expect(right).toHaveLength(20_001);
  for (let round = 0; round < 4; round++) {
    // The first run is over before a thread can be there.
    const computation = await PiComputation.start(20_000, { threads: 4, leader: 'caller' });
    for (let run = 0; run < 12; run++) expect((await digitsOf(computation, 20_000)) === right).toBe(true);
    await computation.stop();
  }
});

test('other threads take subtrees while the caller does something else', async () => {
  const team = await Team.start({ threads: 2, memoryBytes: 16 * 2 ** 20, leader: 'caller' });
  await team.call('prepare', 12);
  await team.call('openPi', 22_000, 8);
  // One of four subtrees by the caller.
  await team.call('stepSeries', 0);
  const subtrees = () => new WholeNumbers(team).ranges().reduce((sum, { count }) => sum + count, 0);
  while (subtrees() < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  await team.stop();
});

test('what the caller has computed is kept between blocks, and another leader goes on from it', async () => {
  const decimals = 300_000;
  const keeper = new MemoryKeeper();
  const controller = new AbortController();
  keeper.onSave = () => controller.abort(new Error('enough'));
  const request = { decimals, keeper, subtreesPerThread: 2, onDigits: () => {} };
  const first = await PiComputation.start(decimals, {
    threads: 1,
    leader: 'caller',
    signal: controller.signal,
  });
  await expect(first.run(request)).rejects.toThrow('enough');
  // Two subtrees of eight.
  expect([...keeper.kept.keys()]).toEqual(['range.2.0']);
  keeper.onSave = () => {};
  const texts: string[] = [];
  for (const kept of [keeper, undefined]) {
    const computation = await PiComputation.start(decimals, { threads: 2 });
    let text = '';
    await computation.run({
      ...request,
      keeper: kept,
      onDigits: (start, digits) => {
        text = text.slice(0, start) + Buffer.from(digits).toString();
      },
    });
    texts.push(text);
    await computation.stop();
  }
  expect(texts[0]).toHaveLength(decimals + 1);
  expect(texts[0] === texts[1]).toBe(true);
});

/** Has the other thread of a team run a task that there is not; the caller, which does not know yet, waits for it in the next product. */
const program = `
  import { Team } from ${JSON.stringify(new URL('./team.ts', import.meta.url).href)};
  import { GIVEN_UP, JOINED, TASK_KIND, TASK_ROUND } from ${JSON.stringify(new URL('./testing/team-addresses.ts', import.meta.url).href)};
  const team = await Team.start({ threads: 2, memoryBytes: 16 * 2 ** 20, leader: 'caller' });
  const words = new Int32Array(team.buffer);
  await team.call('prepare', 12);
  while (Atomics.load(words, JOINED / 4) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const place = await team.call('allocate', 2 ** 20);
  words[TASK_KIND / 4] = 99;
  Atomics.store(words, TASK_ROUND / 4, 1000 * 128 + 2);
  while (Atomics.load(words, GIVEN_UP / 4) === 0);
  await team.call('multiplyNumbers', place + 2 ** 18, place, 4000, place, 4000).then(
    () => console.log('done'),
    () => console.log('rejected'),
  );
  await team.stop();
`;

test('a caller that waits for a thread that fails is not left waiting', async () => {
  const args = ['--conditions=@pi-jobs/source', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  expect(stdout).toBe('rejected\n');
});
