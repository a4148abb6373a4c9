export { type Kernel, loadKernel, UnsupportedRuntimeError } from './kernel.ts';
export { multiplyBigInts } from './multiply-bigints.ts';
export { type ProductStatistics, Team, type TeamOptions } from './team.ts';
