import { expect, test } from 'vitest';
import { PiComputation, type PiProgress, type PiRun } from './pi-computation.ts';
import { type KeptBytes, MemoryKeeper } from './testing/memory-keeper.ts';

const decimals = 60_000;

/** Runs to the end; the digits from the 3 on, or undefined when they are not certain. */
async function digitsOf(
  computation: PiComputation,
  run: Omit<PiRun, 'onDigits'>,
): Promise<string | undefined> {
  let text = '';
  let next: number | undefined;
  const certain = await computation.run({
    ...run,
    onDigits: (start, digits) => {
      expect(start).toBe(next ?? start);
      next = start + digits.length;
      text += Buffer.from(digits).toString();
    },
  });
  return certain ? text : undefined;
}

test.each([
  [1, 'worker', 32],
  [2, 'worker', 32],
  [2, 'worker', 64],
  [2, 'caller', 32],
  [2, 'caller', 64],
] as const)(
  'on %i threads led by the %s, addresses of %i bits, a flipped bit in any step is found, the product repeated, the digits right',
  async (threads, leader, addressBits) => {
    const computation = await PiComputation.start(decimals, { threads, leader, addressBits });
    const right = await digitsOf(computation, { decimals, certify: true });
    expect(right).toHaveLength(decimals + 1);
    const { products, repeats } = computation.statistics();
    expect(repeats).toBe(0);
    // From the first merges through root and quotient to the last nodes of the conversion and its check.
    const step = Math.max(1, Math.floor(products / 40));
    let faults = 0;
    for (let countdown = 1; countdown < products; countdown += step) {
      computation.injectFault(countdown);
      expect((await digitsOf(computation, { decimals, certify: true })) === right).toBe(true);
      faults++;
      expect(computation.statistics().repeats).toBe(faults);
    }
    await computation.stop();
  },
);

// Of these few zeros or none lie below the fraction when it is taken up; of the first the conversion has a leaf or two only.
test.each([400, 449, 885, 1467, 3504, 14_368, 29_888])(
  'a run of %i decimals that goes on from its fraction has the same digits',
  async (decimals) => {
    const computation = await PiComputation.start(30_000, { threads: 1 });
    const keeper = new MemoryKeeper();
    const whole = await digitsOf(computation, { decimals, keeper, certify: true });
    expect([...keeper.kept.keys()]).toEqual(['fraction']);
    expect(await digitsOf(computation, { decimals, keeper, certify: true })).toBe(whole);
    const without = await digitsOf(computation, { decimals });
    expect(without === whole).toBe(true);
    await computation.stop();
  },
);

test('fewer decimals are the beginning of more, with any number of threads, whoever leads them', async () => {
  const texts: (string | undefined)[] = [];
  const teams = [1, 2, 5].flatMap((threads) => [{ threads }, { threads, leader: 'caller' } as const]);
  for (const options of teams) {
    const computation = await PiComputation.start(decimals, options);
    for (const count of [decimals, 7001]) texts.push(await digitsOf(computation, { decimals: count }));
    await computation.stop();
  }
  for (const shorter of texts) expect(texts[0]?.startsWith(shorter ?? 'none')).toBe(true);
});

test('whatever is kept, of the series, of the quotient, of the fraction, a run goes on from it to the same digits', async () => {
  const many = 600_000;
  const computation = await PiComputation.start(many, { threads: 1 });
  const keeper = new MemoryKeeper();
  const states: Map<string, KeptBytes>[] = [];
  keeper.onSave = () => states.push(new Map(keeper.kept));
  const whole = await digitsOf(computation, { decimals: many, keeper, subtreesPerThread: 1 });
  const products = () => computation.statistics().products;
  const kinds = states.map((state) => [...state.keys()].map((name) => name.split('.')[0]).join(' '));
  expect(kinds).toEqual(expect.arrayContaining(['range', 'range range', 'division', 'division fraction']));

  // Every third state, and one that lies about its length.
  const chosen = states.filter((_, index) => index % 3 === 1 || index === states.length - 1);
  let before = products();
  const work: number[] = [];
  for (const state of chosen) {
    const later = new MemoryKeeper();
    for (const [name, content] of state) later.kept.set(name, content);
    expect(
      (await digitsOf(computation, { decimals: many, keeper: later, subtreesPerThread: 1 })) === whole,
    ).toBe(true);
    work.push(products() - before);
    before = products();
  }
  expect(work).toEqual(work.toSorted((a, b) => b - a));

  expect([...keeper.kept.keys()]).toEqual(['fraction']);
  const cut = new MemoryKeeper();
  for (const [name, content] of keeper.kept)
    cut.kept.set(name, { ...content, bytes: content.bytes.subarray(8) });
  expect((await digitsOf(computation, { decimals: many, keeper: cut })) === whole).toBe(true);

  await computation.stop();
});

test('a conversion that begins later leaves out the blocks before', async () => {
  const many = 7_000_000;
  const computation = await PiComputation.start(many, { threads: 1 });
  const keeper = new MemoryKeeper();
  const whole = await digitsOf(computation, { decimals: many, keeper });
  const starts: number[] = [];
  for (const firstDigit of [1, 3_600_000, 6_999_999]) {
    const end = await digitsOf(computation, { decimals: many, firstDigit, keeper });
    starts.push(many + 1 - (end?.length ?? 0));
    expect(starts.at(-1)).toBeLessThanOrEqual(firstDigit);
    expect(whole?.endsWith(end ?? 'none')).toBe(true);
  }
  expect(starts.at(-1)).toBeGreaterThan(3_000_000);
  await computation.stop();
  // A few seconds, unless the machine is busy with others.
}, 120_000);

test('progress tells the phases in their order, and in each of work that only grows', async () => {
  const computation = await PiComputation.start(1_000_000, { threads: 2 });
  let seen: PiProgress[] = [];
  // A busy machine may not look in time at a phase of some milliseconds.
  while (new Set(seen.map(({ phase }) => phase)).size < 4)
    seen = await progressOf(computation, { decimals: 1_000_000 });
  const phases = [...new Set(seen.map(({ phase }) => phase))];
  expect(phases).toEqual(['splitting', 'root', 'division', 'conversion']);
  for (const phase of phases) {
    const work = seen.filter((look) => look.phase === phase).map((look) => look.work);
    expect(work).toEqual(work.toSorted((a, b) => a - b));
    expect(work.at(-1)).toBeGreaterThan(0);
  }
  await computation.stop();
});

test('a run that goes on tells of the work of its phase that earlier runs have done', async () => {
  const many = 400_000;
  const computation = await PiComputation.start(many, { threads: 1 });
  const keeper = new MemoryKeeper();
  const states: Map<string, KeptBytes>[] = [];
  keeper.onSave = () => states.push(new Map(keeper.kept));
  const [whole] = (await progressOf(computation, { decimals: many, keeper, subtreesPerThread: 1 })).slice(-1);
  const seriesWork = (state: ReadonlyMap<string, KeptBytes>) => state.get('range.0.0')?.figures['work'] ?? [];
  const [ofSeries] = states.flatMap(seriesWork);
  for (const [kind, phase, at] of [
    ['range', 'splitting', 0],
    // The first are of its very beginning.
    ['division', 'division', -1],
  ] as const) {
    const state = states.filter((kept) => [...kept.keys()].every((name) => name.startsWith(kind))).at(at);
    const kept = [...(state?.values() ?? [])].reduce(
      (sum, { figures }) => sum + (figures['work'] ?? figures['phaseWork'] ?? 0),
      0,
    );
    expect(kept).toBeGreaterThan(0);
    const laterStates: Map<string, KeptBytes>[] = [];
    let seen: PiProgress[] = [];
    // What is left of a phase may be over before a busy machine looks.
    while (!seen.some((look) => look.phase === phase)) {
      const later = new MemoryKeeper();
      for (const [name, content] of state ?? []) later.kept.set(name, content);
      later.onSave = () => laterStates.push(new Map(later.kept));
      seen = await progressOf(computation, { decimals: many, keeper: later, subtreesPerThread: 1 });
    }
    expect(seen.find((look) => look.phase === phase)?.work).toBeGreaterThanOrEqual(kept);
    expect(seen.at(-1)).toEqual(whole);
    // Whatever part of it was done by which run.
    if (kind === 'range') expect(laterStates.flatMap(seriesWork)[0]).toBe(ofSeries);
  }
  await computation.stop();
});

test('what is merged of what earlier runs have left is told as work that goes on', async () => {
  const many = 400_000;
  const computation = await PiComputation.start(many, { threads: 1 });
  const keeper = new MemoryKeeper();
  const saved = new Map<string, KeptBytes>();
  keeper.onSave = () => {
    for (const [name, content] of keeper.kept) saved.set(name, content);
  };
  const request = { decimals: many, subtreesPerThread: 1 };
  await computation.run({ ...request, keeper, onDigits: () => {} });
  const names = ['range.1.0', 'range.1.1'];
  const halves = names.map((name) => saved.get(name) ?? expect.fail(`${name} was not saved`));
  const kept = halves.reduce((sum, { figures }) => sum + (figures['work'] ?? 0), 0);
  const all = saved.get('range.0.0')?.figures['work'] ?? 0;
  expect(kept).toBeLessThan(all);
  let merging: number[] = [];
  // A busy machine may not look while the halves are merged.
  for (let attempt = 0; merging.length < 2; attempt += 1) {
    expect(attempt).toBeLessThan(50);
    const later = new MemoryKeeper();
    for (const [i, half] of halves.entries()) later.kept.set(names[i] ?? '', half);
    const seen = await progressOf(computation, { ...request, keeper: later });
    merging = seen.filter(({ phase }) => phase === 'splitting').map(({ work }) => work);
    expect(merging[0]).toBeGreaterThanOrEqual(kept);
    expect(merging.at(-1)).toBeLessThanOrEqual(all);
  }
  await computation.stop();
});

/** All that the progress was in the phases that a run went through, the last at its end. */
async function progressOf(computation: PiComputation, run: Omit<PiRun, 'onDigits'>): Promise<PiProgress[]> {
  const seen: PiProgress[] = [];
  let isOver = false;
  const look = (): void => {
    const now = computation.progress();
    const last = seen.at(-1);
    const isNew = now.phase !== last?.phase || now.work !== last.work;
    if (isNew && now.phase !== 'start') seen.push(now);
    if (!isOver) setImmediate(look);
  };
  look();
  await computation.run({ ...run, onDigits: () => {} });
  isOver = true;
  look();
  return seen;
}
