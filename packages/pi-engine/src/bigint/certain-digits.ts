const tailLength = 15;
const zero = 0x30;
const nine = 0x39;

/**
 * How many leading digits of a decimal approximation are certain, when the truth lies less than `uncertainty` units of the last
 * digit from it on either side.
 *
 * Everything but the last 15 digits is certain as long as neither adding nor taking away the uncertainty carries out of them. If
 * it does, the carry runs through the zeros or nines before and changes the digit that stops it; what is before that is certain.
 */
export function countCertainDigits(asciiDigits: Uint8Array, uncertainty: number): number {
  const tailStart = Math.max(0, asciiDigits.length - tailLength);
  let tail = 0;
  for (const digit of asciiDigits.subarray(tailStart)) tail = tail * 10 + (digit - zero);
  const borrows = tail < uncertainty;
  const carries = tail + uncertainty > 10 ** (asciiDigits.length - tailStart);
  if (!borrows && !carries) return tailStart;
  const passedThrough = borrows ? zero : nine;
  let end = tailStart - 1;
  while (end >= 0 && asciiDigits[end] === passedThrough) end--;
  return Math.max(0, end);
}
