import type { ResultList } from './result-list.ts';

interface NumberedLine {
  readonly number: number;
  readonly isMatch: boolean;
  readonly text: string;
}

interface OpenMatch {
  readonly lastNumber: number;
  readonly lines: string[];
}

/**
 * Makes one entry per match out of `grep -n -B -A` output, in which lines that belong to several matches stand only once. Each match
 * gets its whole context, whether or not a neighbour shares it, and a line of context may be a match with an entry of its own.
 *
 *     1-one            before 1, after 1:
 *     2:two            "one\ntwo\nthree"
 *     3:three          "two\nthree\nfour"
 *     4-four
 *     --               a gap
 *     9-nine
 */
export class ContextCollector {
  readonly #before: number;
  readonly #after: number;
  readonly #results: ResultList;
  /** The last `before` lines, oldest first. */
  readonly #recent: NumberedLine[] = [];
  /** Matches that still wait for lines after them, oldest first. */
  #open: OpenMatch[] = [];
  #matchCount = 0;
  readonly #maxMatches: number;
  #hasMore = false;

  constructor(before: number, after: number, maxMatches: number, results: ResultList) {
    this.#before = before;
    this.#after = after;
    this.#maxMatches = maxMatches;
    this.#results = results;
  }

  /** False when nothing that follows can change the answer. */
  push(output: string): boolean {
    const line = parseLine(output);
    if (line === undefined) return true;
    // Lines follow each other without a gap while a context is open.
    for (const match of this.#open) match.lines.push(line.text);
    if (line.isMatch) this.#begin(line);
    this.#remember(line);
    const isOpen = (match: OpenMatch) => match.lastNumber > line.number;
    for (const match of this.#open) if (!isOpen(match)) this.#close(match);
    this.#open = this.#open.filter(isOpen);
    return !this.#results.isTruncated && !(this.#hasMore && this.#open.length === 0);
  }

  /** The end of the output is the end of every context. */
  end(): void {
    for (const match of this.#open) this.#close(match);
    if (this.#hasMore) this.#results.isTruncated = true;
  }

  #begin({ number, text }: NumberedLine): void {
    if (this.#matchCount === this.#maxMatches) {
      this.#hasMore = true;
      return;
    }
    this.#matchCount++;
    const before = this.#recent.filter((line) => line.number >= number - this.#before);
    this.#open.push({ lastNumber: number + this.#after, lines: [...before.map((line) => line.text), text] });
  }

  #remember(line: NumberedLine): void {
    this.#recent.push(line);
    if (this.#recent.length > this.#before) this.#recent.shift();
  }

  #close(match: OpenMatch): void {
    this.#results.add(match.lines.join('\n'));
  }
}

/** `12:text` is a match, `12-text` context; `--` between groups is neither. */
function parseLine(output: string): NumberedLine | undefined {
  const [prefix, number, mark] = /^(\d+)([:-])/.exec(output) ?? [];
  if (prefix === undefined) return undefined;
  return { number: Number(number), isMatch: mark === ':', text: output.slice(prefix.length) };
}
