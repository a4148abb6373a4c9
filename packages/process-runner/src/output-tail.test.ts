import { expect, test } from 'vitest';
import { OutputTail } from './output-tail.ts';

test('only the last bytes are kept, however they come', () => {
  const tail = new OutputTail(5);
  for (const chunk of ['ab', 'cdefghij', 'k']) tail.push(Buffer.from(chunk));
  expect(tail.toString()).toBe('ghijk');
});

test('a character that was cut in half is left out', () => {
  const tail = new OutputTail(4);
  tail.push(Buffer.from('a語bc'));
  expect(tail.toString()).toBe('bc');
});
