import type { IncomingMessage } from 'node:http';
import { kitProblems } from '@pi-jobs/http-kit';

export interface IdleWatch extends Disposable {
  /** Aborts with the problem for 408 when nothing has come for too long. */
  readonly signal: AbortSignal;
}

/** Watches a request body that must keep coming: a sender that stands still would hold its upload open for ever. */
export function watchIdle({ socket }: Pick<IncomingMessage, 'socket'>, idleMs: number): IdleWatch {
  const abort = new AbortController();
  let bytes = socket.bytesRead;
  let since = performance.now();
  const timer = setInterval(() => {
    if (socket.bytesRead !== bytes) {
      bytes = socket.bytesRead;
      since = performance.now();
    } else if (performance.now() - since >= idleMs) abort.abort(stoodStill(idleMs));
  }, idleMs / 4);
  return { signal: abort.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

function stoodStill(idleMs: number): Error {
  return kitProblems.request_timeout(`Nothing came for ${Math.ceil(idleMs / 1000)} seconds.`, {
    headers: { Connection: 'close' },
  });
}
