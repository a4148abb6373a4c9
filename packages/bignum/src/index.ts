export { type Kernel, loadKernel, UnsupportedRuntimeError } from './kernel.ts';
export { multiplyBigInts } from './multiply-bigints.ts';
export { PiComputation, type PiPhase, type PiProgress, piMemoryBytes } from './pi-computation.ts';
export { type ProductStatistics, Team, type TeamOptions } from './team.ts';
