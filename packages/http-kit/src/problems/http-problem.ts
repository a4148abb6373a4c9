/** What an `HttpProblem` may carry besides status, code and detail. */
export interface ProblemOptions {
  /** Sent as they are; `Retry-After` and `Allow` are the usual ones. */
  readonly headers?: Readonly<Record<string, string | number>>;
  /** More members of the answer's JSON object. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** What went wrong underneath: logged, never sent. */
  readonly cause?: unknown;
}

/**
 * An error with an HTTP answer. Thrown anywhere below a handler it becomes `application/problem+json` (RFC 9457); `detail` is
 * sent to the client, so it names nothing of the host. Made by the factories of `defineProblems`.
 */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  /** Stable, snake_case, listed in `docs/errors.md`. */
  readonly code: string;
  readonly title: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(kind: ProblemKind & { readonly code: string }, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = kind.status;
    this.code = kind.code;
    this.title = kind.title;
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  /** What went wrong this time, for the client; the same text as `message`. */
  get detail(): string {
    return this.message;
  }
}

/** One kind of problem as a catalogue lists it. */
export interface ProblemKind {
  /** 400 to 599. */
  readonly status: number;
  /** Short, the same for every occurrence. */
  readonly title: string;
  /** When it is answered and what a client can do, for the documentation. */
  readonly meaning: string;
}
