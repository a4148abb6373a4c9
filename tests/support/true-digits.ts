import { piDigitBlocks } from '@pi-jobs/core';

const blocks = piDigitBlocks();
let known = '';

/** The first `num` digits of pi by the spigot, as a result file shows them: `3`, or `3.` and digits. */
export function resultText(num: number): string {
  while (known.length < num) known += blocks.next().value;
  return num === 1 ? '3' : `3.${known.slice(1, num)}`;
}

/** Is the text what a result file of pi may hold at some moment? */
export function isPrefixOfPi(text: string): boolean {
  return resultText(Math.max(3, text.length)).startsWith(text);
}
