import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { RouteContext } from '../routes/define-route.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The service's side of every request. */
export interface ExchangeHost {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/**
 * One request and its answer: what the handler gets as its context. The logger and the abort signal cost more than the rest of
 * the kit together and most handlers need neither, so they are made when they are first asked for.
 */
export class Exchange implements RouteContext<unknown, unknown, unknown, unknown> {
  params: unknown = undefined;
  query: unknown = undefined;
  headers: unknown = undefined;
  body: unknown = undefined;
  /** Why the answer is a 5xx or was cut short, for the log. */
  failure: unknown = undefined;
  routePath: string | undefined = undefined;
  isProbe = false;
  readonly req: Request;
  readonly res: Response;
  readonly requestId: string;
  readonly startedMs: number;
  readonly #host: ExchangeHost;
  #log: Logger | undefined = undefined;
  #abort: AbortController | undefined = undefined;

  constructor(host: ExchangeHost, req: Request, res: Response, requestId: string) {
    this.#host = host;
    this.req = req;
    this.res = res;
    this.requestId = requestId;
    this.startedMs = performance.now();
  }

  get log(): Logger {
    this.#log ??= this.#host.logger.child({ request_id: this.requestId });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.clientIsGone) this.clientLeft();
    }
    return this.#abort.signal;
  }

  get draining(): AbortSignal {
    return this.#host.lifecycle.draining;
  }

  get clientIsGone(): boolean {
    return this.res.destroyed && !this.res.writableFinished;
  }

  /** The connection closed before the answer was finished. */
  clientLeft(): void {
    this.#abort?.abort(new DOMException('The client went away.', 'AbortError'));
  }
}
