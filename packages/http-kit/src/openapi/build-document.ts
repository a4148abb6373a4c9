import type { Route } from '../routes/define-route.ts';
import { buildOperation } from './build-operation.ts';
import type { OpenApiDocument, OpenApiOperation } from './openapi-document.ts';
import { problemSchema } from './problem-schema.ts';
import type { SchemaComponents } from './schema-to-json.ts';

interface DocumentSource {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly routes: readonly Route[];
}

/** The OpenAPI 3.1 document of the routes, from nothing but their definitions: the same routes give the same document. */
export function buildOpenApiDocument({
  title,
  description,
  version,
  routes,
}: DocumentSource): OpenApiDocument {
  const schemas: SchemaComponents = { Problem: problemSchema };
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/[:*]([A-Za-z_]\w*)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = buildOperation(route, schemas);
  }
  return { openapi: '3.1.1', info: { title, description, version }, paths, components: { schemas } };
}
