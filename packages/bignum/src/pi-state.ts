/** What the kernel tells of the numbers that outlast a step, and what is kept of them. */
import type { KeptState, PiKeeper } from './pi-keeper.ts';
import type { Team } from './team.ts';

/** A number in the team's memory: address and words. */
type Place = readonly [address: number, words: number];

/** A range of the series: its place in the tree in units of subtrees, the power that T, Q and P are divided by, where they lie. */
interface HeldRange {
  readonly first: number;
  readonly count: number;
  readonly exponent: number;
  readonly numbers: readonly Place[];
}

/** What a run goes on with: the series, the steps from it to the fraction, or the conversion of the fraction. */
export type PiStage = 'series' | 'division' | 'fraction';
type Resumed = 'whole' | 'absent' | 'broken';

const divisionName = 'division';
const fractionName = 'fraction';
/** Stage of the kernel at which the fraction is the only number. */
const fractionStage = 4;

/** Saves the state of a computation between its steps, and brings it back. */
export class PiState {
  readonly #team: Team;
  readonly #keeper: PiKeeper | undefined;
  readonly #phaseWork: () => number;
  #saving: Promise<void> = Promise.resolve();
  #keptWork = 0;

  /** `phaseWork` tells the work that is done in the present phase, earlier runs included. */
  constructor(team: Team, keeper: PiKeeper | undefined, phaseWork: () => number) {
    this.#team = team;
    this.#keeper = keeper;
    this.#phaseWork = phaseWork;
  }

  /** Work of earlier runs in the phase that goes on, which need not be done again. */
  get keptWork(): number {
    return this.#keptWork;
  }

  /** Takes up what was kept; returns what goes on, or undefined when it was not what it said and all has to be opened anew. */
  async resume(): Promise<PiStage | undefined> {
    this.#keptWork = 0;
    const names = (await this.#keeper?.names()) ?? [];
    for (const name of [fractionName, divisionName] as const) {
      if (!names.includes(name)) continue;
      const resumed = await this.#resumeNumbers(name);
      if (resumed !== 'absent') return resumed === 'whole' ? name : undefined;
    }
    return (await this.#resumeRanges(names)) ? 'series' : undefined;
  }

  /** Waits for a save that goes on; before a step that changes what is saved. */
  settled(): Promise<void> {
    return this.#saving;
  }

  /** Begins to save the ranges that are not kept yet, when it is due. */
  async keepRanges(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    const { subtrees, ranges } = await this.#ranges();
    const kept = new Set(await keeper.names());
    const fresh = ranges.filter((range) => !kept.has(rangeName(range, subtrees)));
    if (fresh.length === 0 || !keeper.isDue(fresh.reduce((sum, { numbers }) => sum + bytesOf(numbers), 0)))
      return;
    const phaseWork = this.#phaseWork();
    this.#begin(async () => {
      for (const range of fresh) {
        const { exponent, numbers } = range;
        const [wordsT = 0, wordsQ = 0, wordsP = 0] = numbers.map(([, words]) => words);
        const figures = { exponent, wordsT, wordsQ, wordsP, phaseWork };
        if (!(await keeper.save(rangeName(range, subtrees), figures, this.#views(numbers)))) return;
      }
      const current = new Set(ranges.map((range) => rangeName(range, subtrees)));
      for (const name of kept) if (!current.has(name)) await keeper.delete(name);
    });
  }

  /** Begins to save the numbers behind the series, when it is due; what they make superfluous is deleted. */
  async keepNumbers(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    const { stage, numbers } = await this.#numbers();
    if (!keeper.isDue(bytesOf(numbers))) return;
    const name = stage === fractionStage ? fractionName : divisionName;
    const [words0 = 0, words1 = 0, words2 = 0] = numbers.map(([, words]) => words);
    const figures = { stage, words0, words1, words2, phaseWork: this.#phaseWork() };
    this.#begin(async () => {
      const superfluous = (await keeper.names()).filter((other) => other !== name);
      if (!(await keeper.save(name, figures, this.#views(numbers)))) return;
      for (const other of superfluous) await keeper.delete(other);
    });
  }

  #begin(save: () => Promise<void>): void {
    this.#saving = this.#saving.then(save);
    // Whoever waits for the save is told; nobody has to.
    this.#saving.catch(() => {});
  }

  async #resumeNumbers(name: string): Promise<Resumed> {
    const kept = await this.#keeper?.load(name);
    if (kept === undefined) return 'absent';
    const { stage = 0, words0 = 0, words1 = 0, words2 = 0, phaseWork = 0 } = kept.figures;
    await this.#team.call('openKeptNumbers', stage, words0, words1, words2);
    if (!(await this.#fill((await this.#numbers()).numbers, kept))) return this.#discard(name);
    await this.#team.call('sealKeptNumbers');
    this.#keptWork = phaseWork;
    return 'whole';
  }

  /** From the first terms on, the longest ranges that fit together; halves are merged as they would have been. False: start anew. */
  async #resumeRanges(names: readonly string[]): Promise<boolean> {
    const { subtrees } = await this.#ranges();
    const candidates = names
      .flatMap((name) => placeOf(name, subtrees))
      .toSorted((a, b) => a.first - b.first || b.count - a.count);
    let next = 0;
    for (const { name, first, count } of candidates) {
      if (first !== next) continue;
      const resumed = await this.#resumeRange(name, first, count);
      if (resumed === 'broken') return false;
      if (resumed === 'absent') continue;
      next += count;
      while ((await this.#team.call('mergesNext')) === 1) await this.#team.call('stepSeries');
    }
    return true;
  }

  async #resumeRange(name: string, first: number, count: number): Promise<Resumed> {
    const kept = await this.#keeper?.load(name);
    if (kept === undefined) return 'absent';
    const { exponent = 0, wordsT = 0, wordsQ = 0, wordsP = 0, phaseWork = 0 } = kept.figures;
    const address = await this.#team.call('openKeptRange', first, count, exponent, wordsT, wordsQ, wordsP);
    if (!(await this.#fill([[address, wordsT + wordsQ + wordsP]], kept))) return this.#discard(name);
    await this.#team.call('sealKeptRange');
    this.#keptWork = Math.max(this.#keptWork, phaseWork);
    return 'whole';
  }

  /** What says that it has more or less than it has is not used again. */
  async #discard(name: string): Promise<Resumed> {
    await this.#keeper?.delete(name);
    return 'broken';
  }

  /** Copies the kept bytes to the numbers' places; false when there are not as many as there should be. */
  async #fill(numbers: readonly Place[], kept: KeptState): Promise<boolean> {
    const views = this.#views(numbers).filter((view) => view.length > 0);
    let position = 0;
    for await (let chunk of kept.chunks) {
      while (chunk.length > 0) {
        const view = views[0];
        if (view === undefined) return false;
        const piece = chunk.subarray(0, view.length - position);
        view.set(piece, position);
        position += piece.length;
        chunk = chunk.subarray(piece.length);
        if (position < view.length) continue;
        views.shift();
        position = 0;
      }
    }
    return views.length === 0;
  }

  #views(numbers: readonly Place[]): Uint8Array[] {
    return numbers.map(([address, words]) => new Uint8Array(this.#team.buffer, address, words * 8));
  }

  async #ranges(): Promise<{ subtrees: number; ranges: readonly HeldRange[] }> {
    const read = reader(this.#team.buffer, await this.#team.call('describeRanges'));
    const subtrees = read();
    const ranges = Array.from({ length: read() }, () => ({
      first: read(),
      count: read(),
      exponent: read(),
      numbers: Array.from({ length: 3 }, (): Place => [read(), read()]),
    }));
    return { subtrees, ranges };
  }

  async #numbers(): Promise<{ stage: number; numbers: readonly Place[] }> {
    const read = reader(this.#team.buffer, await this.#team.call('describeNumbers'));
    const stage = read();
    return { stage, numbers: Array.from({ length: read() }, (): Place => [read(), read()]) };
  }
}

/** Reads 64-bit words one after the other. */
function reader(buffer: SharedArrayBuffer, address: number): () => number {
  let at = address;
  return () => {
    at += 8;
    return Number(new BigUint64Array(buffer, at - 8, 1)[0]);
  };
}

function bytesOf(numbers: readonly Place[]): number {
  return numbers.reduce((sum, [, words]) => sum + words * 8, 0);
}

/** By depth and number of the node, which do not depend on how deep the tree is. */
function rangeName({ first, count }: { first: number; count: number }, subtrees: number): string {
  return `range.${Math.log2(subtrees / count)}.${first / count}`;
}

/** The place of a kept range in a tree of so many subtrees, if it has one. */
function placeOf(name: string, subtrees: number): { name: string; first: number; count: number }[] {
  const [, depth, index] = /^range\.(\d+)\.(\d+)$/.exec(name) ?? [];
  const count = subtrees / 2 ** Number(depth);
  return Number.isInteger(count) ? [{ name, first: Number(index) * count, count }] : [];
}
