/** The prime 2^31 - 1: small enough that a residue times a million is exact in a double. */
export const residueModulus = 2_147_483_647;
const groupLength = 6;
const groupScale = 10 ** groupLength;

/** The decimal number written in ASCII digits, modulo 2^31 - 1. */
export function residueOfDigits(asciiDigits: Uint8Array): number {
  const ragged = asciiDigits.length % groupLength;
  let residue = 0;
  for (const digit of asciiDigits.subarray(0, ragged)) residue = residue * 10 + (digit - 0x30);
  for (let i = ragged; i < asciiDigits.length; i += groupLength) {
    let group = 0;
    for (let j = i; j < i + groupLength; j++) group = group * 10 + ((asciiDigits[j] ?? 0x30) - 0x30);
    residue = (residue * groupScale + group) % residueModulus;
  }
  return residue;
}

/** An integer of at least 0 modulo 2^31 - 1. */
export function residueOfInteger(value: bigint): number {
  return Number(value % BigInt(residueModulus));
}
