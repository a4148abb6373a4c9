/**
 * Writes the rotations e^(i pi/2 * 2^-(j+1)) as AssemblyScript, each as a sum of two doubles (about 106 bits), from which the
 * twiddle tables are built. Computed here by the half-angle formulas in 400-bit integers.
 */

const BITS = 400n;
const ONE = 1n << BITS;
const COUNT = 48;

function squareRoot(value) {
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

function twoDoubles(fixed) {
  const high = Number(fixed) / 2 ** 400;
  const low = Number(fixed - BigInt(high * 2 ** 400)) / 2 ** 400;
  return [high, low];
}

export function rotationConstants() {
  const rows = [];
  let cosine = squareRoot(ONE * (ONE / 2n));
  let sine = cosine;
  for (let j = 0; j < COUNT; j++) {
    rows.push([...twoDoubles(cosine), ...twoDoubles(sine)]);
    sine = squareRoot(((ONE - cosine) / 2n) * ONE);
    cosine = squareRoot(((ONE + cosine) / 2n) * ONE);
  }
  const pick = (name, column) => `
export function ${name}(j: i32): f64 {
  switch (j) {
${rows.map((row, j) => `    case ${j}: return ${Number.isInteger(row[column]) ? row[column].toFixed(1) : row[column]};`).join('\n')}
  }
  return 0;
}`;
  return `// Written by scripts/build-wasm.mjs; change scripts/rotation-constants.mjs instead.
${['cosineHigh', 'cosineLow', 'sineHigh', 'sineLow'].map(pick).join('\n')}
`;
}
