import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import type { BodySpec, ResponseSpec, Route } from '../routes/define-route.ts';
import type { OpenApiContent, OpenApiOperation, OpenApiParameter } from './openapi-document.ts';
import { type JsonSchema, type SchemaComponents, schemaToJson } from './schema-to-json.ts';

const problemContent: OpenApiContent = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

export function buildOperation(route: Route, components: SchemaComponents): OpenApiOperation {
  const parameters = [
    ...pathParameters(route, components),
    ...parametersOf(route.query, 'query', components),
    ...parametersOf(route.headers, 'header', components),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.tags === undefined ? {} : { tags: route.tags }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route.body, components) }),
    responses: responsesOf(route, components),
  };
}

/** `GET /jobs/:id/status` is `getJobsIdStatus`. */
function operationId(route: Route): string {
  const words = route.path.match(/[A-Za-z0-9]+/g) ?? ['root'];
  return (
    route.method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  );
}

function pathParameters(route: Route, components: SchemaComponents): OpenApiParameter[] {
  const described = parametersOf(route.params, 'path', components);
  const names = [...route.path.matchAll(/[:*]([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '');
  return names.map((name) => {
    const known = described.find((parameter) => parameter.name === name);
    return known === undefined
      ? { name, in: 'path', required: true, schema: { type: 'string' } }
      : { ...known, required: true };
  });
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: OpenApiParameter['in'],
  components: SchemaComponents,
): OpenApiParameter[] {
  if (schema === undefined) return [];
  const { properties } = schemaToJson(schema, 'output', components);
  const required = (schemaToJson(schema, 'input', components)['required'] ?? []) as readonly string[];
  return Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(typeof description === 'string' ? { description } : {}),
      schema: rest,
    };
  });
}

function requestBody(
  body: BodySpec,
  components: SchemaComponents,
): NonNullable<OpenApiOperation['requestBody']> {
  const content: Record<string, { schema?: JsonSchema }> = {};
  if ('json' in body) content['application/json'] = { schema: schemaToJson(body.json, 'input', components) };
  if (!('stream' in body)) return { required: true, content };
  for (const type of body.stream.contentTypes ?? ['*/*']) content[type] = {};
  return { required: true, description: body.stream.description, content };
}

function responsesOf(route: Route, components: SchemaComponents): OpenApiOperation['responses'] {
  const responses: Record<string, OpenApiOperation['responses'][string]> = {};
  const declared: Record<string, ResponseSpec> = { ...impliedResponses(route), ...route.responses };
  for (const [status, spec] of Object.entries(declared)) {
    const content = contentOf(Number(status), spec, components);
    responses[status] = {
      description: spec.description,
      ...(spec.headers === undefined
        ? {}
        : {
            headers: Object.fromEntries(
              Object.entries(spec.headers).map(([name, description]) => [
                name,
                { description, schema: { type: 'string' } },
              ]),
            ),
          }),
      ...(content === undefined ? {} : { content }),
    };
  }
  return { ...responses, default: { description: 'Any other problem.', content: problemContent } };
}

function contentOf(
  status: number,
  spec: ResponseSpec,
  components: SchemaComponents,
): OpenApiContent | undefined {
  const others = Object.fromEntries((spec.otherTypes ?? []).map((type) => [type, {}]));
  if (spec.schema !== undefined) {
    const schema = schemaToJson(spec.schema, 'output', components);
    return { [spec.contentType ?? 'application/json']: { schema }, ...others };
  }
  if (spec.contentType !== undefined) return { [spec.contentType]: {}, ...others };
  return status >= 400 ? problemContent : undefined;
}

/** What the kit itself answers on such a route. */
function impliedResponses(route: Route): Record<string, ResponseSpec> {
  const statuses: number[] = [];
  const checksInput = route.query !== undefined || route.headers !== undefined || route.body !== undefined;
  if (checksInput || route.invalidPathStatus === 400) statuses.push(400);
  if (route.params !== undefined && route.invalidPathStatus !== 400) statuses.push(404);
  if (route.body !== undefined) statuses.push(415);
  if (route.body !== undefined && 'json' in route.body) statuses.push(408, 413);
  if (route.isProbe !== true) statuses.push(503);
  return Object.fromEntries(statuses.map((status) => [status, { description: `${STATUS_CODES[status]}.` }]));
}
