import { problems } from '../problems.ts';

/** Throws the problem when `num` digits need more memory than the machine has; `mostDigits` is what fits. */
export function checkFits(num: number, mostDigits: number): void {
  if (num <= mostDigits) return;
  throw problems.too_many_digits(
    `${num} digits need more memory than this machine has; ${mostDigits} would fit`,
    { members: { most_digits: mostDigits } },
  );
}
