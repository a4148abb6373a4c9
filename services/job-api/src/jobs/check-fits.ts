import type { Capacity } from '@pi-jobs/core';
import { problems } from '../problems.ts';

/** Throws the problem when `num` digits need more memory than any calculator has that lives now. While none does, anything fits. */
export async function checkFits(num: number, capacity: Capacity): Promise<void> {
  const mostDigits = await capacity.mostDigits();
  if (mostDigits === undefined || num <= mostDigits) return;
  throw problems.too_many_digits(
    `${num} digits need more memory than any calculator has; ${mostDigits} would fit`,
    { members: { most_digits: mostDigits } },
  );
}
