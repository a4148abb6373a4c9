import { BINARY_LOOKALIKES, startsWithAny } from './signatures.ts';

// Everything below the space that a text never holds: bell to carriage return, end of file (CP/M) and escape (terminal colours) it may.
const IMPOSSIBLE = new Set(
  [...Array(0x20).keys(), 0x7f].filter(
    (code) => !(code >= 0x07 && code <= 0x0d) && code !== 0x1a && code !== 0x1b,
  ),
);

/**
 * Could this be the beginning of a text? UTF-8 and the single-byte encodings hold no NUL and hardly a control character; UTF-16 is
 * told by its byte order mark.
 */
export function isTextHead(head: Buffer): boolean {
  if (isUtf16(head)) return isUtf16Text(head);
  return !startsWithAny(head, BINARY_LOOKALIKES) && !head.some((byte) => IMPOSSIBLE.has(byte));
}

export function isUtf16(head: Buffer): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}

function isUtf16Text(head: Buffer): boolean {
  const [low, high] = head[0] === 0xff ? [0, 1] : [1, 0];
  for (let at = 2; at + 1 < head.length; at += 2) {
    if (head[at + high] === 0 && IMPOSSIBLE.has(head[at + low] ?? 0)) return false;
  }
  return true;
}
