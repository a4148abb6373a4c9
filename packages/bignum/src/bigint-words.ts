/** Between BigInt and little-endian arrays of 64-bit words. Quadratic nowhere, but as slow as a product: for edges and tests only. */

export function wordCount(value: bigint): number {
  return value === 0n ? 0 : Math.ceil(value.toString(16).length / 16);
}

export function writeWords(target: BigUint64Array, value: bigint): void {
  const hex = value.toString(16).padStart(target.length * 16, '0');
  for (let i = 0; i < target.length; i++) {
    const end = hex.length - i * 16;
    target[i] = BigInt(`0x${hex.slice(end - 16, end)}`);
  }
}

export function readWords(source: BigUint64Array): bigint {
  const words: string[] = [];
  for (let i = source.length - 1; i >= 0; i--) words.push((source[i] ?? 0n).toString(16).padStart(16, '0'));
  return words.length === 0 ? 0n : BigInt(`0x${words.join('')}`);
}
