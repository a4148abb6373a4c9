import type { Logger } from 'pino';
import { endEarlySignals } from './early-signals.ts';

interface SignalParts {
  readonly logger: Logger;
  readonly name: string;
  readonly shutdownTimeoutMs: number;
  stop(): Promise<boolean>;
}

/** npm and the terminal each forward a signal: those that come this close together are one. Milliseconds. */
const oneSignalMs = 1_000;

/** After a defect the state is in doubt: the drain is kept short. Milliseconds. */
const defectDrainMs = 5_000;

/**
 * Ends the process: gracefully on the first SIGTERM or SIGINT (exit code 0, or 1 when something had to be cut), at once on one
 * that comes a second or more later, and with exit code 1 after an error that nobody caught.
 */
export function stopOnSignals({ logger, name, shutdownTimeoutMs, stop }: SignalParts): void {
  let firstSignalAt: number | undefined;
  let exitCode = 0;

  const stopWithin = (limitMs: number): void => {
    setTimeout(() => {
      logger.error(`${name} did not stop in time`);
      process.exit(1);
    }, limitMs);
    stop().then(
      (isClean) => process.exit(isClean ? exitCode : 1),
      (error: unknown) => {
        logger.fatal({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstSignalAt === undefined) {
      firstSignalAt = now;
      logger.info({ signal }, `${name} got ${signal}`);
      stopWithin(shutdownTimeoutMs);
    } else if (now - firstSignalAt >= oneSignalMs) {
      logger.error({ signal }, `${name} got a second ${signal} and ends at once`);
      process.exit(1);
    }
  };
  const onDefect = (error: unknown): void => {
    logger.fatal({ err: error }, 'uncaught error');
    if (exitCode === 1) return;
    exitCode = 1;
    stopWithin(Math.min(shutdownTimeoutMs, defectDrainMs));
  };

  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  // The parent on the other end of the IPC channel died without a word: a service does not outlive it.
  process.once('disconnect', () => onSignal('SIGTERM'));
  // Only now: a signal that has come and is not told yet is lost when its last listener goes.
  endEarlySignals();
  process.on('uncaughtException', onDefect).on('unhandledRejection', onDefect);
}
