import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { buildOpenApiDocument } from '../openapi/build-document.ts';
import type { OpenApiDocument } from '../openapi/openapi-document.ts';
import type { ProblemCatalogue } from '../problems/define-problems.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { HostNames } from '../requests/host-names.ts';
import type { Route } from '../routes/define-route.ts';
import { RouteTable } from '../routes/route-table.ts';
import { answerRequest } from './answer-request.ts';
import type { AppParts, ExtendProblem } from './app-parts.ts';
import { Lifecycle } from './lifecycle.ts';
import { createRequestMetrics } from './metrics.ts';
import type { ReadinessChecks } from './readiness.ts';
import { standardRoutes } from './standard-routes.ts';

export interface ServiceAppOptions {
  /** As in logs: `job-api`. */
  readonly name: string;
  /** Of the OpenAPI document and the page of it. */
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly routes: readonly Route[];
  readonly logger: Logger;
  /** Where the service's own metrics are; a new one when left out. */
  readonly registry?: Registry;
  /** What the service's own problems are, for the documentation. */
  readonly problems?: ProblemCatalogue;
  /** By name; one that throws, or takes longer than two seconds, turns `/readyz` 503. */
  readonly readinessChecks?: ReadinessChecks;
  readonly extendProblem?: ExtendProblem;
  /** Headers of every answer besides `X-Request-Id` and `X-Content-Type-Options`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly lifecycle?: Lifecycle;
  /** Checks every reply against its schema and answers 500 where they differ: for tests. */
  readonly checkReplies?: boolean;
}

/** An Express app with what `startServer` and the OpenAPI check need of it. */
export type ServiceApp = Express & {
  /** For a server of one's own: answers also the targets that Express's router gives up on. */
  readonly listener: (req: IncomingMessage, res: ServerResponse) => void;
  readonly lifecycle: Lifecycle;
  readonly hostNames: HostNames;
  readonly registry: Registry;
  readonly openapi: OpenApiDocument;
};

/** Builds the service's app. No I/O: it can be driven by supertest as it is; `startServer` lets it listen. */
export function createServiceApp(options: ServiceAppOptions): ServiceApp {
  const lifecycle = options.lifecycle ?? new Lifecycle();
  const hostNames = new HostNames();
  const registry = options.registry ?? new Registry();
  const problems = { ...kitProblems, ...options.problems };
  const standard = standardRoutes({
    lifecycle,
    registry,
    readinessChecks: options.readinessChecks ?? {},
    readDocument: () => openapi,
    problems,
  });
  const routes = [...options.routes, ...standard];
  const openapi = buildOpenApiDocument({ ...options, routes });
  const parts: AppParts = {
    logger: options.logger,
    lifecycle,
    hostNames,
    table: new RouteTable(routes),
    metrics: createRequestMetrics(registry),
    headers: [['X-Content-Type-Options', 'nosniff'], ...Object.entries(options.headers ?? {})],
    extendProblem: options.extendProblem,
    checkReplies: options.checkReplies ?? false,
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const answer = (req: Request, res: Response): void => answerRequest(parts, req, res);
  app.use(answer);
  const listener: ServiceApp['listener'] = (plainReq, plainRes) => {
    const req = plainReq as Request;
    const res = plainRes as Response;
    app(req, res, () => answer(req, res));
  };
  return Object.assign(app, { listener, lifecycle, hostNames, registry, openapi });
}
