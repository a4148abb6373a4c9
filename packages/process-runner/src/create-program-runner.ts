import { PlaceLine } from './place-line.ts';
import { checkLimits, defaultProgramLimits, type ProgramLimits } from './program-limits.ts';
import type {
  DrainReport,
  LineSink,
  ProgramOutcome,
  ProgramRequest,
  ProgramRunner,
} from './program-runner.ts';
import { runPastCtrlC } from './run-past-ctrl-c.ts';
import { RunnerRefusedError } from './runner-refused-error.ts';

export interface ProgramRunnerOptions {
  /** Programs at once, at least 1. */
  readonly maxRunning: number;
  /** Runs in line, 0 or more; one more is refused as `line-full`. */
  readonly maxWaiting: number;
  /** Default `defaultProgramLimits`, one by one. */
  readonly limits?: Partial<ProgramLimits>;
  /** The programs' whole environment: nothing of ours is handed down. Default: a plain PATH and UTF-8 without a language. */
  readonly env?: Readonly<Record<string, string>>;
}

const plainEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8' };

export function createProgramRunner(options: ProgramRunnerOptions): ProgramRunner {
  const places = new PlaceLine(options.maxRunning, options.maxWaiting);
  const baseLimits = checkLimits({ ...defaultProgramLimits, ...options.limits });
  const env = options.env ?? plainEnvironment;
  const runs = new Map<AbortController, Promise<unknown>>();
  let isClosed = false;

  async function runInTurn(
    request: ProgramRequest,
    limits: ProgramLimits,
    signal: AbortSignal,
    onLine: LineSink,
  ): Promise<ProgramOutcome> {
    if (!(await places.enter(signal))) {
      return { reason: 'aborted', exitCode: null, signal: null, stderr: '' };
    }
    try {
      return await runPastCtrlC(
        { program: request.program, args: request.args, env, limits, signal },
        onLine,
      );
    } finally {
      places.leave();
    }
  }

  async function run(request: ProgramRequest, onLine: LineSink = () => undefined): Promise<ProgramOutcome> {
    if (isClosed) throw new RunnerRefusedError('shutting-down');
    const limits = checkLimits({ ...baseLimits, ...request.limits });
    const ender = new AbortController();
    const forwardAbort = () => ender.abort();
    if (request.signal?.aborted) forwardAbort();
    request.signal?.addEventListener('abort', forwardAbort, { once: true });
    const outcome = runInTurn(request, limits, ender.signal, onLine);
    runs.set(ender, outcome);
    try {
      return await outcome;
    } finally {
      runs.delete(ender);
      request.signal?.removeEventListener('abort', forwardAbort);
    }
  }

  function endAll(): void {
    isClosed = true;
    for (const ender of runs.keys()) ender.abort();
  }

  async function drain(timeoutMs: number): Promise<DrainReport> {
    isClosed = true;
    const allGone = Promise.allSettled(runs.values());
    let ended = 0;
    const timer = setTimeout(() => {
      ended = runs.size;
      endAll();
    }, timeoutMs);
    await allGone;
    clearTimeout(timer);
    return { isClean: ended === 0, ended };
  }

  return {
    run,
    drain,
    endAll,
    get running() {
      return places.taken;
    },
    get waiting() {
      return places.waiting;
    },
  };
}
