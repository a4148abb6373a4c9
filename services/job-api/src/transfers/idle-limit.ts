import type { IncomingMessage } from 'node:http';
import type { ControlledTransfer } from '@pi-jobs/core';
import { kitProblems } from '@pi-jobs/http-kit';

/** How long a connection on which nothing moves may hold a slot, in milliseconds. */
export interface TransferLimits {
  /** A peer that neither sends nor takes anything for so long, unpaused, is gone. 10 minutes by default. */
  readonly idleMs?: number;
  /** While it is paused nobody notices that the peer is gone; two hours by default. */
  readonly pausedMs?: number;
}

const IDLE_MS = 10 * 60_000;
const PAUSED_MS = 2 * 3600_000;
const LOOKS = 10;

/**
 * Fires when nothing moved on the connection for too long. A pause that outlasts the service ends the transfer too: when `draining`
 * fires, or at the pause if the service is draining already.
 */
export function watchTransfer(
  { socket }: Pick<IncomingMessage, 'socket'>,
  transfer: () => Pick<ControlledTransfer, 'isPaused'> | undefined,
  draining: AbortSignal,
  { idleMs = IDLE_MS, pausedMs = PAUSED_MS }: TransferLimits = {},
): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  let bytes = -1;
  let wasPaused = false;
  let since = performance.now();
  const endPaused = (): void => {
    if (transfer()?.isPaused)
      stop.abort(kitProblems.shutting_down('the service stops and the transfer is paused'));
  };
  const look = (): void => {
    if (draining.aborted) endPaused();
    const now = socket.bytesRead + socket.bytesWritten;
    const isPaused = transfer()?.isPaused ?? false;
    if (now !== bytes || isPaused !== wasPaused) {
      bytes = now;
      wasPaused = isPaused;
      since = performance.now();
    } else if (performance.now() - since > (isPaused ? pausedMs : idleMs)) {
      stop.abort(
        kitProblems.request_timeout('nothing moved for too long', { headers: { Connection: 'close' } }),
      );
    }
  };
  const timer = setInterval(look, Math.min(1_000, idleMs / LOOKS));
  draining.addEventListener('abort', endPaused, { once: true });
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      clearInterval(timer);
      draining.removeEventListener('abort', endPaused);
    },
  };
}
