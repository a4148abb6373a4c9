export type { Request, Response } from 'express';
export type { Logger } from 'pino';
export { createServiceApp, type ServiceApp, type ServiceAppOptions } from './app/create-service-app.ts';
export { Lifecycle, type LifecycleState } from './app/lifecycle.ts';
export type { ReadinessChecks } from './app/readiness.ts';
export { sendText } from './app/send-reply.ts';
export { ConfigError, type ConfigIssue } from './environment/config-error.ts';
export { parseEnvironment } from './environment/parse-environment.ts';
export { type ConfigRule, standardRules } from './environment/rules.ts';
export { commonVariables, variables } from './environment/variables.ts';
export { escapeHtml } from './html/escape-html.ts';
export { createLogger, type LoggerOptions } from './logging/create-logger.ts';
export type { OpenApiDocument } from './openapi/openapi-document.ts';
export { defineProblems, type ProblemCatalogue, type ProblemFactory } from './problems/define-problems.ts';
export { HttpProblem, type ProblemKind, type ProblemOptions } from './problems/http-problem.ts';
export { kitProblems } from './problems/kit-problems.ts';
export { problemFromError } from './problems/problem-from-error.ts';
export type { ProblemDocument } from './problems/render-problem.ts';
export { requireSameSite } from './requests/require-same-site.ts';
export {
  type BodySpec,
  defineRoute,
  type JsonBody,
  type Reply,
  type ReplyHeaders,
  type RequestTools,
  type Route,
  type RouteContext,
  type StreamBody,
} from './routes/define-route.ts';
export { decimalInteger, integer } from './schemas/integers.ts';
export { runService } from './server/run-service.ts';
export { serviceVersion } from './server/service-version.ts';
export { StartError } from './server/start-error.ts';
export { type RunningServer, type StartOptions, startServer } from './server/start-server.ts';
