export { type BigIntEngineOptions, createBigIntEngine } from './bigint/bigint-engine.ts';
export {
  createDigitEngine,
  type EngineName,
  engineNames,
  type SelectEngineOptions,
} from './select-engine.ts';
export { createSpigotEngine } from './spigot/spigot-engine.ts';
export { hexFractionOfPi } from './verify/hex-fraction.ts';
export { type HexTailVerification, verifyHexTail } from './verify/verify-hex-tail.ts';
