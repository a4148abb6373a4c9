import { createHash } from 'node:crypto';

export const NAMES = 'files/';
const SPELLED = `${NAMES}n-`;
const HASHED = `${NAMES}h-`;
/** Most characters after the last slash of a key. */
const MOST_CHARACTERS = 128;

/**
 * The key of a file's entry: the name itself where its characters may stand in a key, `_` and two hexadecimal digits for every other byte.
 * A name that becomes too long for a key that way has its SHA-256 there, and says in its entry what it is.
 */
export function keyOfName(filename: string): string {
  const spelled = Buffer.from(filename).reduce((key, byte) => key + spell(byte), SPELLED);
  if (spelled.length - NAMES.length <= MOST_CHARACTERS) return spelled;
  return HASHED + createHash('sha256').update(filename).digest('hex');
}

/** The name that a key spells; undefined for a key that says only its hash, or is none of ours. */
export function nameOfKey(key: string): string | undefined {
  if (!key.startsWith(SPELLED)) return undefined;
  const spelled = key.slice(SPELLED.length);
  const bytes = spelled.match(/_[0-9a-f]{2}|[^_]/g) ?? [];
  return Buffer.from(
    bytes.map((unit) => (unit.length === 1 ? unit.charCodeAt(0) : Number.parseInt(unit.slice(1), 16))),
  ).toString('utf8');
}

function spell(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9.-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`;
}
