import type { IncomingMessage } from 'node:http';
import { kitProblems } from '@pi-jobs/http-kit';

export interface IdleWatch extends Disposable {
  /** Aborts with the problem that ends the request. */
  readonly signal: AbortSignal;
}

/** Watches a request whose body must keep coming: a sender that stands still would hold its upload open for ever. */
export function watchIdle(request: Pick<IncomingMessage, 'socket'>, idleMs: number): IdleWatch {
  return watchStillness(request, idleMs / 4, (stillMs) =>
    stillMs >= idleMs ? stoodStillProblem(idleMs) : undefined,
  );
}

/** The problem of a peer that neither sent nor took anything for so long. */
export function stoodStillProblem(idleMs: number): Error {
  return kitProblems.request_timeout(`Nothing moved for ${Math.ceil(idleMs / 1000)} seconds.`, {
    headers: { Connection: 'close' },
  });
}

/** Asks every `intervalMs` what is to be done with a connection on which nothing has moved for `stillMs`: a problem ends it. */
export function watchStillness(
  { socket }: Pick<IncomingMessage, 'socket'>,
  intervalMs: number,
  judge: (stillMs: number) => Error | undefined,
): IdleWatch {
  const abort = new AbortController();
  const moved = (): number => socket.bytesRead + socket.bytesWritten;
  let bytes = moved();
  let since = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (moved() !== bytes) {
      bytes = moved();
      since = now;
    }
    const problem = judge(now - since);
    if (problem !== undefined) abort.abort(problem);
  }, intervalMs);
  return { signal: abort.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
