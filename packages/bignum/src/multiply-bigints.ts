import { readWords, wordCount, writeWords } from './bigint-words.ts';
import type { Team } from './team.ts';

/** a * b on the team's threads, for natural numbers of at least one word. The team must be prepared for the size. */
export async function multiplyBigInts(team: Team, a: bigint, b: bigint): Promise<bigint> {
  const mark = await team.call('stackTop');
  const place = async (value: bigint): Promise<[number, number]> => {
    const words = wordCount(value);
    const address = await team.call('allocate', words * 8);
    writeWords(new BigUint64Array(team.buffer, address, words), value);
    return [address, words];
  };
  const [addressA, wordsA] = await place(a);
  const [addressB, wordsB] = a === b ? [addressA, wordsA] : await place(b);
  const product = await team.call('allocate', (wordsA + wordsB) * 8);
  await team.call('multiplyNumbers', product, addressA, wordsA, addressB, wordsB);
  const result = readWords(new BigUint64Array(team.buffer, product, wordsA + wordsB));
  await team.call('release', mark);
  return result;
}
