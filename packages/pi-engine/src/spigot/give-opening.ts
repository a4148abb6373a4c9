import { piDigitBlocks } from '@pi-jobs/core/spigot';
import type { DigitOutput } from '../request/digit-output.ts';

/** Digits that the spigot gives out at once while the threads of another engine start; they take it 2 ms. */
export const openingDigits = 1000;

/** Hands over the first thousand digits, or somewhat more, unless they are out already. */
export async function giveOpening(output: DigitOutput, digitCount: number): Promise<void> {
  if (output.nextDigit >= openingDigits) return;
  let digits = '';
  for (const block of piDigitBlocks()) {
    digits += block;
    if (digits.length >= Math.min(openingDigits, digitCount)) break;
  }
  await output.offer(0, new TextEncoder().encode(digits));
}
