import { type HuffmanCode, huffmanCodes } from './huffman-codes.ts';

/** How long the codes are in which the lengths of a code are said: of lengths up to 5, and of "so many zeros". */
const LENGTH_LENGTHS: Readonly<Record<number, number>> = { 0: 3, 1: 3, 3: 2, 4: 2, 5: 3, 18: 3 };
/** In which order these stand (RFC 1951, 3.2.7). */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1];
/** Means 11 to 138 zeros; seven bits say how many. */
const ZEROS = 18;

/**
 * The head of a block, the last one, that is coded by literals of these 257 lengths, as the bits to be put in turn. Distances do
 * not occur; two codes for them are said nevertheless, as zlib does, because some readers want a complete set.
 */
export function blockHead(literalLengths: readonly number[]): HuffmanCode[] {
  const codes = huffmanCodes(Array.from({ length: ZEROS + 1 }, (_, symbol) => LENGTH_LENGTHS[symbol] ?? 0));
  const head: HuffmanCode[] = [
    { bits: 0b101, length: 3 },
    { bits: literalLengths.length - 257, length: 5 },
    { bits: 2 - 1, length: 5 },
    { bits: ORDER.length - 4, length: 4 },
    ...ORDER.map((symbol) => ({ bits: LENGTH_LENGTHS[symbol] ?? 0, length: 3 })),
  ];
  for (const [length, times] of runs([...literalLengths, 1, 1])) {
    const code = codes[length === 0 && times >= 11 ? ZEROS : length];
    if (!code?.length) throw new RangeError(`no code for a length of ${length}`);
    if (length === 0 && times >= 11) head.push(code, { bits: times - 11, length: 7 });
    else head.push(...Array.from({ length: times }, () => code));
  }
  return head;
}

/** Equal neighbours together, at most 138. */
function runs(values: readonly number[]): [value: number, times: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[0] === value && last[1] < 138) last[1] += 1;
    else found.push([value, 1]);
  }
  return found;
}
