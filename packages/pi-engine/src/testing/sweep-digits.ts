/**
 * Compares every count of digits from FIRST to LAST, by the WebAssembly engine's arithmetic, with the spigot's digits. A minute for the
 * default; run by hand after changes of the arithmetic:
 *
 *     node --conditions=@pi-jobs/source packages/pi-engine/src/testing/sweep-digits.ts [LAST=20000 [THREADS=2 [FIRST=1]]]
 */
import { PiComputation } from '@pi-jobs/bignum';
import { referenceDigits } from './run-engine.ts';

const [last = 20_000, threads = 2, first = 1] = process.argv.slice(2).map(Number);
const reference = Buffer.from(referenceDigits(last));
const computation = await PiComputation.start(last, { threads });
let wrong = 0;
for (let count = first; count <= last; count++) {
  const digits = Buffer.alloc(count);
  const onDigits = (start: number, piece: Uint8Array): void => {
    digits.set(piece.subarray(0, count - start), start);
  };
  const isCertain = await computation.run({ decimals: count - 1, onDigits });
  if (isCertain && digits.equals(reference.subarray(0, count))) continue;
  wrong++;
  console.error(`${count} digits: ${isCertain ? 'wrong' : 'not certain'}`);
}
const { products, repeats, largestError } = computation.statistics();
await computation.stop();
console.log(
  `${first} to ${last} digits on ${threads} threads: ${wrong} wrong; ${products} products, ${repeats} repeated, largest error ${largestError.toFixed(3)}`,
);
process.exitCode = wrong === 0 ? 0 : 1;
