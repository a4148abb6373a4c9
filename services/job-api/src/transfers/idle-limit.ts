import type { IncomingMessage } from 'node:http';
import type { ControlledTransfer } from '@pi-jobs/core';
import { type IdleWatch, stoodStillProblem, watchStillness } from '@pi-jobs/http-files';
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
const LOOK_MS = 1_000;

/**
 * Fires when nothing moved on the connection for too long. A pause that outlasts the service ends the transfer too: within a second
 * after `draining` fires, or after the pause if the service is draining already.
 */
export function watchTransfer(
  request: Pick<IncomingMessage, 'socket'>,
  transfer: () => Pick<ControlledTransfer, 'isPaused'> | undefined,
  draining: AbortSignal,
  { idleMs = IDLE_MS, pausedMs = PAUSED_MS }: TransferLimits = {},
): IdleWatch {
  let wasPaused = false;
  let since = performance.now();
  return watchStillness(request, Math.min(LOOK_MS, idleMs / 10), (stillMs) => {
    const isPaused = transfer()?.isPaused ?? false;
    if (isPaused !== wasPaused) since = performance.now();
    wasPaused = isPaused;
    if (isPaused && draining.aborted)
      return kitProblems.shutting_down('the service stops and the transfer is paused');
    const limitMs = isPaused ? pausedMs : idleMs;
    return Math.min(stillMs, performance.now() - since) > limitMs ? stoodStillProblem(limitMs) : undefined;
  });
}
