/** The first rung: done some milliseconds after the threads are there. */
const firstRung = 2000;
/** Each rung has so many times the digits of the one before. */
const growth = 16;
/** The last rung takes at most this share of the digits, which costs less than that share of the time. */
const lastShare = 1 / 48;

/** Digit counts to compute and hand over before the whole: a few, growing geometrically, beyond the digits that are there already. */
export function ladderOf(digitCount: number, firstDigit: number): readonly number[] {
  const rungs: number[] = [];
  for (let rung = firstRung; rung <= digitCount * lastShare; rung *= growth) {
    if (rung > firstDigit) rungs.push(rung);
  }
  return rungs;
}
