import type { IncomingMessage } from 'node:http';
import type { ControlledTransfer } from '@pi-jobs/core';
import { kitProblems } from '@pi-jobs/http-kit';

/** A peer that neither sends nor takes anything for so long, unpaused, is gone, and its slot is wanted. */
const IDLE_LIMIT_MS = 10 * 60_000;
const LOOKS = 10;

/**
 * Fires when nothing moved on the connection for too long. A pause stops the clock; one that outlasts the service does not: when
 * `draining` fires a paused transfer ends.
 */
export function watchTransfer(
  { socket }: Pick<IncomingMessage, 'socket'>,
  transfer: () => Pick<ControlledTransfer, 'isPaused'> | undefined,
  draining: AbortSignal,
  idleLimitMs = IDLE_LIMIT_MS,
): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  let bytes = -1;
  let since = performance.now();
  const endPaused = (): void => {
    if (transfer()?.isPaused)
      stop.abort(kitProblems.shutting_down('the service stops and the transfer is paused'));
  };
  const look = (): void => {
    if (draining.aborted) endPaused();
    const now = socket.bytesRead + socket.bytesWritten;
    if (now !== bytes || transfer()?.isPaused) {
      bytes = now;
      since = performance.now();
    } else if (performance.now() - since > idleLimitMs) {
      stop.abort(
        kitProblems.request_timeout('nothing moved for too long', { headers: { Connection: 'close' } }),
      );
    }
  };
  const timer = setInterval(look, Math.min(1_000, idleLimitMs / LOOKS));
  draining.addEventListener('abort', endPaused, { once: true });
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      clearInterval(timer);
      draining.removeEventListener('abort', endPaused);
    },
  };
}
