export { type Kernel, loadKernel, UnsupportedRuntimeError, whyNoKernel } from './kernel.ts';
export { multiplyBigInts } from './multiply-bigints.ts';
export { PiComputation, type PiPhase, type PiProgress, type PiRun } from './pi-computation.ts';
export type { KeptState, PiKeeper } from './pi-keeper.ts';
export { mostMemoryBytes, piMemoryBytes } from './pi-memory.ts';
export { type ProductStatistics, Team, type TeamOptions } from './team.ts';
