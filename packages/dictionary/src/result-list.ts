/** What an entry takes besides its characters: quotes, a comma, its place in an array. */
const entryOverhead = 8;

/** Entries up to a number and a size; the first that has no room any more is left out, and with it all that follow. */
export class ResultList {
  readonly entries: string[] = [];
  readonly #maxEntries: number;
  #room: number;
  isTruncated = false;

  /** `maxSize` in UTF-16 code units, 8 more for each entry. */
  constructor(maxEntries: number, maxSize: number) {
    this.#maxEntries = maxEntries;
    this.#room = maxSize;
  }

  /** False when the entry found no room. */
  add(entry: string): boolean {
    this.#room -= entry.length + entryOverhead;
    if (this.isTruncated || this.entries.length === this.#maxEntries || this.#room < 0)
      this.isTruncated = true;
    else this.entries.push(entry);
    return !this.isTruncated;
  }
}
