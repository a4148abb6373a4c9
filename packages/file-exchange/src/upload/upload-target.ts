import type { StoredFile } from '../file-exchange.ts';

/** Where the bytes of one upload go in one kind of store. `CheckedUpload` calls it in the order of the methods, `release` always last. */
export interface UploadTarget {
  /** Takes a chunk that was found acceptable; awaited before the next one. */
  write(chunk: Uint8Array): Promise<void>;
  /** Brings every byte to where it stays, under no name yet. */
  finish(): Promise<void>;
  /** Gives the bytes their name. Rejects with `name_taken` when it has been given to another file. */
  publish(): Promise<StoredFile>;
  /** Ends what is under way, and removes every byte that is not under its name. Called once, perhaps while one of the others runs but `publish`. */
  release(): Promise<void>;
}
