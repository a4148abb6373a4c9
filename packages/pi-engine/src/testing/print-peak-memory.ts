/** A process that computes digits for nobody and prints the most memory that it had, in bytes. Arguments: digits, threads. */
import { createWasmEngine } from '../wasm/wasm-engine.ts';

const [digitCount, threads] = process.argv.slice(2).map(Number);
await createWasmEngine().compute({
  digitCount: digitCount ?? 1,
  firstDigit: 0,
  threads: threads ?? 1,
  signal: new AbortController().signal,
  onDigits: () => {},
  onProgress: () => {},
});
process.stdout.write(String(process.resourceUsage().maxRSS * 1024));
