export { type BigIntEngineOptions, createBigIntEngine } from './bigint/bigint-engine.ts';
export { availableThreads, machineMemoryBytes, usableMemoryBytes } from './machine.ts';
export { mostDigitsWithin } from './request/most-digits-within.ts';
export {
  createDigitEngine,
  type EngineName,
  engineNames,
  type SelectEngineOptions,
} from './select-engine.ts';
export { createSpigotEngine } from './spigot/spigot-engine.ts';
export { DigitTally, type DigitTallyResult } from './verify/digit-tally.ts';
export { hexFractionOfPi } from './verify/hex-fraction.ts';
export { verifyDecimalDigits } from './verify/verify-decimal-digits.ts';
export { type HexTailVerification, verifyHexTail } from './verify/verify-hex-tail.ts';
export { createWasmEngine } from './wasm/wasm-engine.ts';
