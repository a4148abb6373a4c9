import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { OpenApiDocument } from '../openapi/openapi-document.ts';
import { docsPagePolicy, renderDocsPage } from '../openapi/render-docs-page.ts';
import type { ProblemCatalogue } from '../problems/define-problems.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { defineRoute, type Route } from '../routes/define-route.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type ReadinessChecks, runReadinessChecks } from './readiness.ts';
import { sendText } from './send-reply.ts';

interface StandardRouteParts {
  readonly lifecycle: Lifecycle;
  readonly registry: Registry;
  readonly readinessChecks: ReadinessChecks;
  readonly readDocument: () => OpenApiDocument;
  readonly problems: ProblemCatalogue;
}

/** What every service answers besides its own routes. */
export function standardRoutes(parts: StandardRouteParts): Route[] {
  return [healthRoute(), readinessRoute(parts), metricsRoute(parts), openApiRoute(parts), docsRoute(parts)];
}

const tags = ['service'];

function healthRoute(): Route {
  return defineRoute({
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process lives',
    tags,
    isProbe: true,
    responses: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
    handler: () => ({ status: 200, body: { status: 'ok' } }),
  });
}

function readinessRoute({ lifecycle, readinessChecks }: StandardRouteParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/readyz',
    summary: 'Whether the service should get traffic',
    tags,
    isProbe: true,
    responses: {
      200: { description: 'It should.', schema: z.object({ status: z.literal('ready') }) },
      503: {
        description: 'The service is starting, is shutting down, or a check fails (`failed` names it).',
      },
    },
    async handler({ log }) {
      if (lifecycle.state === 'draining') {
        throw kitProblems.shutting_down('The service is shutting down.', { headers: { 'Retry-After': 5 } });
      }
      if (lifecycle.state === 'starting') {
        throw kitProblems.not_ready('The service is starting.', { headers: { 'Retry-After': 1 } });
      }
      const failed = await runReadinessChecks(readinessChecks);
      if (failed.length === 0) return { status: 200, body: { status: 'ready' } };
      for (const { name, error } of failed) log.warn({ check: name, err: error }, 'readiness check failed');
      const names = failed.map(({ name }) => name);
      throw kitProblems.not_ready(`Not ready: ${names.join(', ')}.`, {
        headers: { 'Retry-After': 5 },
        members: { failed: names },
      });
    },
  });
}

function metricsRoute({ registry }: StandardRouteParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the text format of Prometheus',
    tags,
    isProbe: true,
    responses: { 200: { description: 'The metrics.', contentType: 'text/plain' } },
    async handler({ res }) {
      sendText(res, 200, registry.contentType, await registry.metrics(), { 'Cache-Control': 'no-store' });
    },
  });
}

function openApiRoute({ readDocument }: StandardRouteParts): Route {
  let text: string | undefined;
  return defineRoute({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description, as OpenAPI 3.1',
    tags,
    responses: { 200: { description: 'The OpenAPI document.', contentType: 'application/json' } },
    async handler({ res }) {
      text ??= JSON.stringify(readDocument(), null, 2);
      sendText(res, 200, 'application/json; charset=utf-8', text, undefined);
    },
  });
}

function docsRoute({ readDocument, problems }: StandardRouteParts): Route {
  let page: string | undefined;
  return defineRoute({
    method: 'GET',
    path: '/docs',
    summary: 'This description, as a page to read',
    tags,
    responses: { 200: { description: 'The page.', contentType: 'text/html' } },
    async handler({ res }) {
      page ??= renderDocsPage(readDocument(), problems);
      sendText(res, 200, 'text/html; charset=utf-8', page, { 'Content-Security-Policy': docsPagePolicy });
    },
  });
}
