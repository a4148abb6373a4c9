export { type Kernel, loadKernel, UnsupportedRuntimeError, whyNoKernel } from './kernel.ts';
export { multiplyBigInts } from './multiply-bigints.ts';
export {
  PiComputation,
  type PiKeeper,
  type PiPhase,
  type PiProgress,
  type PiStage,
  piMemoryBytes,
} from './pi-computation.ts';
export { startThreadsEarly } from './spare-threads.ts';
export { type ProductStatistics, Team, type TeamOptions } from './team.ts';
