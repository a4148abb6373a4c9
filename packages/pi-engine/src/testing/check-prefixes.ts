/**
 * Compares random counts of digits, by the WebAssembly engine, with the beginning of a file of digits (`3.1415...`) that is known to be
 * right. Run by hand after changes of the arithmetic; the checksum of the file is printed, the docs have those of powers of ten:
 *
 *     node --conditions=@pi-jobs/source packages/pi-engine/src/testing/check-prefixes.ts FILE COUNT FEWEST MOST [SEED=1 [THREADS=2]]
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createWasmEngine } from '../wasm/wasm-engine.ts';

const [file, ...numbers] = process.argv.slice(2);
const [count = 0, fewest = 1, most = 1, seed = 1, threads = 2] = numbers.map(Number);
if (file === undefined || count < 1)
  throw new Error('usage: check-prefixes.ts FILE COUNT FEWEST MOST [SEED [THREADS]]');

const text = readFileSync(file);
const known = Buffer.concat([text.subarray(0, 1), text.subarray(2)]);
console.log(`${file}: sha256 ${createHash('sha256').update(text).digest('hex')}`);

/** Mulberry32. */
let state = seed;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const engine = createWasmEngine();
let wrong = 0;
let repeated = 0;
for (let run = 0; run < count; run++) {
  const digitCount = Math.round(fewest * (most / fewest) ** random());
  const digits = Buffer.alloc(digitCount);
  let length = 0;
  const { path } = await engine.compute({
    digitCount,
    firstDigit: 0,
    threads,
    signal: new AbortController().signal,
    onProgress: () => {},
    onDigits: (chunk) => {
      digits.set(chunk, length);
      length += chunk.length;
    },
  });
  if (path?.includes(' 0 products repeated') !== true) repeated++;
  if (length === digitCount && digits.equals(known.subarray(0, digitCount))) continue;
  wrong++;
  console.error(`${digitCount} digits: wrong`);
}
console.log(
  `${count} counts from ${fewest} to ${most}, seed ${seed}: ${wrong} wrong, ${repeated} with repeated products`,
);
process.exitCode = wrong === 0 ? 0 : 1;
