export interface HuffmanCode {
  /** As it goes into the stream, its first bit lowest. */
  readonly bits: number;
  /** In bits; 0 where the symbol has no code. */
  readonly length: number;
}

/** The codes that deflate's rules give to symbols with these code lengths (RFC 1951, 3.2.2), by symbol. */
export function huffmanCodes(lengths: readonly number[]): HuffmanCode[] {
  const codes = lengths.map((length) => ({ bits: 0, length }));
  let next = 0;
  for (let length = 1; length <= Math.max(...lengths); length += 1) {
    for (const code of codes.filter((candidate) => candidate.length === length)) {
      code.bits = reverse(next, length);
      next += 1;
    }
    next <<= 1;
  }
  return codes;
}

function reverse(bits: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i += 1) reversed |= ((bits >> i) & 1) << (length - 1 - i);
  return reversed;
}
