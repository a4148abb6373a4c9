export { createProgramRunner, type ProgramRunnerOptions } from './create-program-runner.ts';
export { defaultProgramLimits, type ProgramLimits } from './program-limits.ts';
export type {
  DrainReport,
  LineSink,
  ProgramEnd,
  ProgramOutcome,
  ProgramRequest,
  ProgramRunner,
} from './program-runner.ts';
export { type RunnerRefusal, RunnerRefusedError } from './runner-refused-error.ts';
