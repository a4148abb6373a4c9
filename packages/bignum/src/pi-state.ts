/** What of a computation is kept, between its steps and when it is stopped, and how it goes on from that. */
import { seriesSteps } from './exports.ts';
import type { KeptState, PiKeeper } from './pi-keeper.ts';
import type { Team } from './team.ts';
import { type Place, stages, WholeNumbers, type WholeRange } from './whole-numbers.ts';

/** What a run goes on with: the series, the steps from it to the fraction, or the conversion of the fraction. */
export type PiStage = 'series' | 'root' | 'division' | 'fraction';
type Resumed = 'whole' | 'absent' | 'broken';

const divisionName = 'division';
const fractionName = 'fraction';

/** Saves the state of a computation, and brings it back. */
export class PiState {
  readonly #team: Team;
  readonly #whole: WholeNumbers;
  readonly #keeper: PiKeeper | undefined;
  readonly #phaseStart: () => number;
  #saving: Promise<void> = Promise.resolve();
  #isOpen = false;
  #keptStage: number = stages.none;
  #keptWork = 0;

  /** `phaseStart` tells the work that was done when the present phase began, less what earlier runs had done of the phase. */
  constructor(team: Team, keeper: PiKeeper | undefined, phaseStart: () => number) {
    this.#team = team;
    this.#whole = new WholeNumbers(team);
    this.#keeper = keeper;
    this.#phaseStart = phaseStart;
  }

  /** Work of earlier runs in the phase that goes on, which need not be done again. */
  get keptWork(): number {
    return this.#keptWork;
  }

  /**
   * Takes up what was kept; returns what goes on, or undefined when it was not what it said and all has to be opened anew. Of ranges of the
   * series `onRanges` is told before the first is taken up, when it is known what work is in them: merging them is work of this run.
   */
  async resume(onRanges: (keptWork: number) => void): Promise<PiStage | undefined> {
    this.#keptWork = 0;
    const names = (await this.#keeper?.names()) ?? [];
    for (const name of [fractionName, divisionName]) {
      if (!names.includes(name)) continue;
      const resumed = await this.#resumeNumbers(name);
      if (resumed !== 'absent') return resumed === 'whole' ? this.#open() : undefined;
    }
    return (await this.#resumeRanges(names, onRanges)) ? this.#open() : undefined;
  }

  /** From here on the memory holds this computation and nothing that was there before. */
  #open(): PiStage {
    this.#isOpen = true;
    const { stage } = this.#whole;
    if (stage === stages.series) return 'series';
    if (stage === stages.fraction) return 'fraction';
    return this.isRootDone ? 'division' : 'root';
  }

  get isRootDone(): boolean {
    return this.#whole.stage >= stages.root;
  }

  /** Waits for a save that goes on; before a step that changes what is saved. */
  settled(): Promise<void> {
    return this.#saving;
  }

  /** Begins to save the ranges that are not kept yet, when it is due. */
  async keepRanges(): Promise<void> {
    const ranges = this.#whole.ranges();
    const fresh = await this.#notKept(ranges);
    const bytes = fresh.reduce((sum, { numbers }) => sum + bytesOf(numbers), 0);
    if (fresh.length > 0 && this.#keeper?.isDue(bytes)) this.#begin(() => this.#saveRanges(fresh, ranges));
  }

  /** Begins to save the numbers behind the series, when it is due; what they make superfluous is deleted. */
  keepNumbers(): void {
    if (this.#keeper?.isDue(bytesOf(this.#whole.numbers()))) this.#begin(() => this.#saveNumbers());
  }

  /** After all threads have ended, in whatever step: saves what is whole and not kept yet, as far as the keeper takes it. */
  async keepWhole(): Promise<void> {
    await this.#saving.catch(() => {});
    const { stage } = this.#whole;
    // What a step was about to put in its place is lost, and what it was made of as well: a stretch of milliseconds.
    if (!this.#isOpen || stage === stages.none) return;
    if (stage > stages.series) return this.#saveNumbers();
    const ranges = this.#whole.ranges();
    await this.#saveRanges(await this.#notKept(ranges), ranges);
  }

  async #notKept(ranges: readonly WholeRange[]): Promise<readonly WholeRange[]> {
    const kept = (await this.#keeper?.names()) ?? [];
    return ranges.filter((range) => !kept.includes(this.#nameOf(range)));
  }

  /** Of `ranges`, which are all there are, the fresh ones; when all of these are kept, others are superfluous. */
  async #saveRanges(fresh: readonly WholeRange[], ranges: readonly WholeRange[]): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    let isComplete = true;
    for (const range of fresh) {
      const { exponent, numbers, work } = range;
      const [wordsT = 0, wordsQ = 0, wordsP = 0] = numbers.map(({ words }) => words);
      const figures = { exponent, wordsT, wordsQ, wordsP, work };
      if (!(await keeper.save(this.#nameOf(range), figures, this.#partsOf(numbers)))) isComplete = false;
    }
    if (!isComplete) return;
    const current = ranges.map((range) => this.#nameOf(range));
    for (const name of await keeper.names()) if (!current.includes(name)) await keeper.delete(name);
  }

  async #saveNumbers(): Promise<void> {
    const keeper = this.#keeper;
    const { stage, stageWork } = this.#whole;
    if (keeper === undefined || stage === this.#keptStage) return;
    const numbers = this.#whole.numbers();
    const name = stage === stages.fraction ? fractionName : divisionName;
    const [words0 = 0, words1 = 0, words2 = 0] = numbers.map(({ words }) => words);
    // The root is a phase of its own, and the division begins behind it.
    const phaseWork = stage <= stages.root ? 0 : Math.max(0, stageWork - this.#phaseStart());
    const figures = { stage, words0, words1, words2, phaseWork };
    if (!(await keeper.save(name, figures, this.#partsOf(numbers)))) return;
    this.#keptStage = stage;
    for (const other of await keeper.names()) if (other !== name) await keeper.delete(other);
  }

  #nameOf(range: WholeRange): string {
    return rangeName(range, this.#whole.subtrees);
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
    const residues = await this.#fill(kept, async () => {
      await this.#team.call('openKeptNumbers', stage, words0, words1, words2);
      return this.#whole.numbers();
    });
    await this.#team.call('sealKeptNumbers');
    if (!areThese(residues, this.#whole.numbers())) return this.#discard(name);
    this.#keptWork = phaseWork;
    this.#keptStage = stage;
    return 'whole';
  }

  /** Halves are merged as they would have been. False: start anew. */
  async #resumeRanges(names: readonly string[], onRanges: (keptWork: number) => void): Promise<boolean> {
    const ranges = await this.#rangesToResume(names);
    this.#keptWork = ranges.reduce((sum, { work }) => sum + work, 0);
    onRanges(this.#keptWork);
    for (const { name, first, count } of ranges) {
      // What was there a moment ago and is gone: what follows it fits nothing.
      if ((await this.#resumeRange(name, first, count)) !== 'whole') return false;
      while ((await this.#team.call('nextInSeries')) === seriesSteps.merge)
        await this.#team.call('stepSeries', 1);
    }
    return true;
  }

  /** From the first terms on, the longest ranges that fit together, and the work in each. */
  async #rangesToResume(names: readonly string[]): Promise<readonly (KeptPlace & { work: number })[]> {
    const { subtrees } = this.#whole;
    const candidates = names
      .flatMap((name) => placeOf(name, subtrees))
      .toSorted((a, b) => a.first - b.first || b.count - a.count);
    const ranges: (KeptPlace & { work: number })[] = [];
    let next = 0;
    for (const place of candidates) {
      if (place.first !== next) continue;
      const kept = await this.#keeper?.load(place.name);
      if (kept === undefined) continue;
      await close(kept);
      ranges.push({ ...place, work: kept.figures['work'] ?? 0 });
      next += place.count;
    }
    return ranges;
  }

  async #resumeRange(name: string, first: number, count: number): Promise<Resumed> {
    const kept = await this.#keeper?.load(name);
    if (kept === undefined) return 'absent';
    const { exponent = 0, wordsT = 0, wordsQ = 0, wordsP = 0, work = 0 } = kept.figures;
    const halves = [Math.floor(work / 2 ** 32), work % 2 ** 32];
    const residues = await this.#fill(kept, async () => {
      await this.#team.call('openKeptRange', first, count, exponent, wordsT, wordsQ, wordsP, ...halves);
      return this.#whole.ranges().at(-1)?.numbers ?? [];
    });
    await this.#team.call('sealKeptRange');
    return areThese(residues, this.#whole.ranges().at(-1)?.numbers ?? []) ? 'whole' : this.#discard(name);
  }

  /** What says that it has more or less than it has is not used again. */
  async #discard(name: string): Promise<Resumed> {
    await this.#keeper?.delete(name);
    return 'broken';
  }

  /** What is saved of numbers: their words one behind the other, then what each has to be modulo 2^61 - 1. */
  #partsOf(numbers: readonly Place[]): Uint8Array[] {
    const residues = BigUint64Array.from(numbers, ({ residue }) => residue);
    return [...this.#views(numbers), new Uint8Array(residues.buffer)];
  }

  /**
   * Copies the kept words to the numbers' places; returns the residues, or undefined when there is not as much as there should be. The
   * places are opened once the reading has begun: so it ends, and its file is closed, when the team is ended meanwhile.
   */
  async #fill(
    kept: KeptState,
    open: () => Promise<readonly Place[]>,
  ): Promise<BigUint64Array<ArrayBuffer> | undefined> {
    let residues: BigUint64Array<ArrayBuffer> | undefined;
    let views: Uint8Array[] = [];
    let position = 0;
    for await (let chunk of kept.chunks) {
      if (residues === undefined) {
        const numbers = await open();
        residues = new BigUint64Array(numbers.length);
        views = [...this.#views(numbers), new Uint8Array(residues.buffer)].filter(({ length }) => length > 0);
      }
      while (chunk.length > 0) {
        const view = views[0];
        if (view === undefined) return undefined;
        const piece = chunk.subarray(0, view.length - position);
        view.set(piece, position);
        position += piece.length;
        chunk = chunk.subarray(piece.length);
        if (position < view.length) continue;
        views.shift();
        position = 0;
      }
    }
    return views.length === 0 ? residues : undefined;
  }

  #views(numbers: readonly Place[]): Uint8Array[] {
    return numbers.map(({ address, words }) => new Uint8Array(this.#team.buffer, address, words * 8));
  }
}

/** Whether the numbers have the residues that they were saved with. */
function areThese(residues: BigUint64Array | undefined, numbers: readonly Place[]): boolean {
  return residues !== undefined && numbers.every(({ residue }, i) => residue === residues[i]);
}

function bytesOf(numbers: readonly Place[]): number {
  return numbers.reduce((sum, { words }) => sum + words * 8, 0);
}

/** By depth and number of the node, which do not depend on how deep the tree is. */
function rangeName({ first, count }: { first: number; count: number }, subtrees: number): string {
  return `range.${Math.log2(subtrees / count)}.${first / count}`;
}

interface KeptPlace {
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

/** Has what is open for the reading closed: that happens where a reading ends that has begun. */
async function close({ chunks }: KeptState): Promise<void> {
  for await (const _ of chunks) return;
}

/** The place of a kept range in a tree of so many subtrees, if it has one. */
function placeOf(name: string, subtrees: number): KeptPlace[] {
  const [, depth, index] = /^range\.(\d+)\.(\d+)$/.exec(name) ?? [];
  const count = subtrees / 2 ** Number(depth);
  return Number.isInteger(count) ? [{ name, first: Number(index) * count, count }] : [];
}
