import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WatchReport {
  readonly reads: number;
  /** Different lengths seen, by file name. */
  readonly lengths: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * Reads every partial result of a volume again and again as an outsider would, until `stop`. `check` gets each content and throws
 * when it is not a prefix of the truth; a file that got shorter is an error too.
 */
export class LockFileWatch {
  readonly #dataDir: string;
  readonly #check: (text: string, name: string) => void;
  readonly #lengths = new Map<string, Set<number>>();
  readonly #longest = new Map<string, number>();
  readonly #watching: Promise<void>;
  #reads = 0;
  #stopped = false;

  constructor(dataDir: string, check: (text: string, name: string) => void) {
    this.#dataDir = dataDir;
    this.#check = check;
    this.#watching = this.#watch();
    // `stop` tells of it.
    this.#watching.catch(() => undefined);
  }

  async stop(): Promise<WatchReport> {
    this.#stopped = true;
    await this.#watching;
    return { reads: this.#reads, lengths: this.#lengths };
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      for (const name of readdirSync(this.#dataDir)) if (name.endsWith('.txt.lock')) this.#look(name);
      await sleep(5);
    }
  }

  #look(name: string): void {
    const text = readIfThere(`${this.#dataDir}/${name}`);
    if (text === undefined) return;
    this.#reads += 1;
    this.#check(text, name);
    const longest = this.#longest.get(name) ?? 0;
    if (text.length < longest) throw new Error(`${name} shrank from ${longest} to ${text.length} bytes`);
    this.#longest.set(name, text.length);
    this.#lengths.set(name, (this.#lengths.get(name) ?? new Set()).add(text.length));
  }
}

/** It may have got its final name since its folder was read. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
