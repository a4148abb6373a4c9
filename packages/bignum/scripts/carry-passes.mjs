/**
 * Writes the carry loops as AssemblyScript, one for each digit size: with the size fixed the bit positions are constants, which
 * takes 0.21 ms instead of 0.36 at a million digits.
 *
 * Four streams of `count` rounded digits each (doubles, count a multiple of 64) become packed 64-bit words; the carry that leaves
 * each stream goes to `carries`. Eight digits fill as many bytes as a digit has bits; the word that they leave incomplete is written
 * in full and completed by the next eight, only at the end of a stream byte by byte. Blocks that end with a word would be up to eight
 * times as long, and as long to compile, which shows in short computations.
 */

const MIN_DIGIT_BITS = 8;
const MAX_DIGIT_BITS = 24;
const BLOCK_DIGITS = 8;

/** Reads eight digits of one stream, writes the words that they fill, and leaves the rest in `r<stream>`. */
function streamBlock(bits, stream) {
  const out = [];
  let filled = 0;
  let word = 0;
  let parts = [];
  for (let digit = 0; digit < BLOCK_DIGITS; digit++) {
    const name = `d${digit}`;
    out.push(`c${stream} += reinterpret<i64>(load<f64>(p${stream}, ${digit * 8}) + MAGIC) - MAGIC_BITS;`);
    out.push(`const ${name}: u64 = <u64>c${stream} & mask; c${stream} >>= ${bits};`);
    parts.push(filled > 0 ? `(${name} << ${filled})` : name);
    filled += bits;
    if (filled >= 64) {
      out.push(`store<u64>(o${stream}, ${parts.join(' | ')}, ${word * 8});`);
      word++;
      filled -= 64;
      parts = filled > 0 ? [`(${name} >> ${bits - filled})`] : [];
    }
  }
  if (filled > 0) out.push(`r${stream} = ${parts.join(' | ')};`);
  return `{ ${out.join('\n      ')} }`;
}

const streams = [0, 1, 2, 3];

const carryLoop = (bits) => {
  const restBytes = bits % 8;
  const advance = streams.map((s) => `p${s} += ${BLOCK_DIGITS * 8}; o${s} += ${bits};`).join(' ');
  const rests = streams.map((s) => `store<u64>(o${s} - ${restBytes}, r${s});`).join(' ');
  const lastRests = streams.map((s) => `storeBytes(o${s} - ${restBytes}, r${s}, ${restBytes});`).join(' ');
  return `
function carry${bits}(src: usize, dst: usize, count: usize, carries: usize): void {
  const srcStride = count << 3, dstStride = (count * ${bits}) >> 3;
  let ${streams.map((s) => `p${s} = src + ${s} * srcStride`).join(', ')};
  let ${streams.map((s) => `o${s} = dst + ${s} * dstStride`).join(', ')};
  let ${streams.map((s) => `c${s}: i64 = 0`).join(', ')};
  ${restBytes === 0 ? '' : `let ${streams.map((s) => `r${s}: u64 = 0`).join(', ')};`}
  const mask: u64 = ${2 ** bits - 1};
  const end = src + srcStride;
  while (true) {
    ${streams.map((s) => streamBlock(bits, s)).join('\n    ')}
    ${advance}
    if (p0 >= end) break;
    ${restBytes === 0 ? '' : rests}
  }
  ${restBytes === 0 ? '' : lastRests}
  ${streams.map((s) => `store<i64>(carries, c${s}, ${s * 8});`).join(' ')}
}`;
};

export function carryPasses() {
  const sizes = Array.from(
    { length: MAX_DIGIT_BITS - MIN_DIGIT_BITS + 1 },
    (_, index) => MIN_DIGIT_BITS + index,
  );
  return `// Written by scripts/build-wasm.mjs; change scripts/carry-passes.mjs instead.
export const MIN_DIGIT_BITS: u32 = ${MIN_DIGIT_BITS};
export const MAX_DIGIT_BITS: u32 = ${MAX_DIGIT_BITS};
/** Adding 1.5 * 2^52 leaves an integer in the low bits of the double. */
const MAGIC: f64 = 6755399441055744.0;
const MAGIC_BITS: i64 = 0x4338000000000000;

/** The low bytes of a word: what follows them belongs to another stream. */
function storeBytes(to: usize, word: u64, bytes: usize): void {
  for (const end = to + bytes; to < end; to++, word >>= 8) store<u8>(to, <u8>word);
}
${sizes.map(carryLoop).join('\n')}

export function carryDigits(bits: u32, src: usize, dst: usize, count: usize, carries: usize): void {
  switch (bits) {
${sizes.map((bits) => `    case ${bits}: carry${bits}(src, dst, count, carries); return;`).join('\n')}
    default: unreachable();
  }
}
`;
}
