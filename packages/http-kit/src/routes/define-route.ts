import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { z } from 'zod';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** A body that the kit reads, parses and checks. */
export interface JsonBodySpec<Schema extends z.ZodType = z.ZodType> {
  readonly json: Schema;
  /** Default 102,400. */
  readonly limitBytes?: number;
}

/** A body that the handler reads from `req` itself, with backpressure and its own limit. */
export interface StreamBodySpec {
  readonly stream: {
    /** Media ranges taken (`multipart/form-data`, `image/*`); any, or none at all, when left out. */
    readonly contentTypes?: readonly string[];
    readonly description: string;
  };
}

export type BodySpec = JsonBodySpec | StreamBodySpec | (JsonBodySpec & StreamBodySpec);

export interface ResponseSpec {
  readonly description: string;
  /** Of the JSON body. */
  readonly schema?: z.ZodType;
  /** Of a body that is written to `res`; default `application/json` where there is a schema. */
  readonly contentType?: string;
  /** Types that the body can have besides, by what the client prefers or what is stored. */
  readonly otherTypes?: readonly string[];
  /** Header names with what they tell. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Responses = Readonly<Record<number, ResponseSpec>>;

export type ReplyHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** A JSON answer (no body: an empty one). */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: ReplyHeaders;
}

/** The replies that the declared responses allow: a status without a schema takes no body. */
export type ReplyFor<R extends Responses> = {
  [Status in keyof R & number]: R[Status] extends { readonly schema: infer Schema extends z.ZodType }
    ? {
        readonly status: Status;
        readonly body: DeepReadonly<z.input<Schema>>;
        readonly headers?: ReplyHeaders;
      }
    : { readonly status: Status; readonly body?: undefined; readonly headers?: ReplyHeaders };
}[keyof R & number];

export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** What a handler gets besides its input. */
export interface RequestTools {
  readonly req: Request;
  readonly res: Response;
  /** Bears the request's id. */
  readonly log: Logger;
  readonly requestId: string;
  /** Aborts when the client goes away before the answer is finished. */
  readonly signal: AbortSignal;
  /** Aborts when the service begins to shut down: streams end, waits answer. */
  readonly draining: AbortSignal;
}

export interface RouteContext<Params, Query, Headers, Body> extends RequestTools {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
}

/** A streamed body on its way: `req` has not been read. */
export interface StreamBody {
  readonly kind: 'stream';
  /** `type/subtype` in lower case; empty when the client named none. */
  readonly contentType: string;
}

export interface JsonBody<Value> {
  readonly kind: 'json';
  readonly value: Value;
}

/** JSON alone is handed over as its value; where both are taken, `kind` tells which came. */
export type BodyOf<B> = B extends JsonBodySpec<infer Schema> & StreamBodySpec
  ? JsonBody<z.output<Schema>> | StreamBody
  : B extends JsonBodySpec<infer Schema>
    ? z.output<Schema>
    : B extends StreamBodySpec
      ? StreamBody
      : undefined;

export type OutputOf<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise;

/** `{ id: string }` out of `/jobs/:id/status`. */
export type PathParams<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? SegmentParams<Head> & PathParams<Rest>
  : SegmentParams<Path>;
type SegmentParams<Segment extends string> = Segment extends `:${infer Name}` | `*${infer Name}`
  ? { readonly [Key in Name]: string }
  : unknown;

/** Nothing means that the handler wrote the answer to `res`; its head must be out when the handler is done. */
export type HandlerResult<R> = Promise<R | undefined> | Promise<void> | R | undefined;

interface RouteFacts {
  readonly method: Method;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** What a path that its schema refuses gets: 404 (nothing can have that address) unless said otherwise. */
  readonly invalidPathStatus?: 400 | 404;
  /** Answers while the service starts and drains, is not counted as work and is logged at debug: for probes. */
  readonly isProbe?: boolean;
}

export interface RouteDefinition<
  Path extends string,
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Headers extends z.ZodType | undefined,
  Body extends BodySpec | undefined,
  R extends Responses,
  Result extends HandlerResult<ReplyFor<R>>,
> extends RouteFacts {
  /** `/jobs/:id/status`; a last segment `*name` takes the rest of the path, slashes included. */
  readonly path: Path;
  readonly params?: Params;
  readonly query?: Query;
  /** Keys in lower case. */
  readonly headers?: Headers;
  readonly body?: Body;
  readonly responses: R;
  readonly handler: (
    context: RouteContext<
      OutputOf<Params, PathParams<Path>>,
      OutputOf<Query, undefined>,
      OutputOf<Headers, undefined>,
      BodyOf<Body>
    >,
  ) => Result;
}

/** A route with its types forgotten, as the app and the OpenAPI document use it. */
export interface Route extends RouteFacts {
  readonly path: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: BodySpec;
  readonly responses: Responses;
  handler(context: RouteContext<unknown, unknown, unknown, unknown>): HandlerResult<Reply>;
}

/** Checks a route's types: its zod schemas are the one source of validation, of the handler's types and of OpenAPI. */
export function defineRoute<
  const Path extends string,
  const R extends Responses,
  // Inferred as a constant: a handler's `status: 202` has to stay the literal that its responses name.
  const Result extends HandlerResult<ReplyFor<R>>,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Headers extends z.ZodType | undefined = undefined,
  Body extends BodySpec | undefined = undefined,
>(route: RouteDefinition<Path, Params, Query, Headers, Body, R, Result>): Route {
  return route as unknown as Route;
}
