import { randomUUIDv7 } from 'node:crypto';

/** `tttttttt-tttt-7ccc`: milliseconds since 1970, and twelve bits that order the ids of one millisecond. */
const ORDERED_LENGTH = 18;

let last = '';

/**
 * A UUIDv7, greater than every one that this process has made before: jobs are listed in the order of their ids, and a process makes
 * several in a millisecond. The twelve bits behind the time count on from the last id, into the next millisecond where they run over
 * (RFC 9562, 6.2, method 1); so a clock that is set back puts nothing out of order either.
 */
export function newJobUuid(): string {
  const id = randomUUIDv7();
  const ordered = id.slice(0, ORDERED_LENGTH);
  last = ordered > last ? ordered : successorOf(last);
  return last + id.slice(ORDERED_LENGTH);
}

function successorOf(ordered: string): string {
  const count = BigInt(`0x${ordered.slice(0, 8)}${ordered.slice(9, 13)}${ordered.slice(15)}`) + 1n;
  const hex = count.toString(16).padStart(15, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12)}`;
}
