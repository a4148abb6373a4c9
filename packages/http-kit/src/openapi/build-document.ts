import type { Route } from '../routes/define-route.ts';
import { buildOperation } from './build-operation.ts';
import { problemSchema } from './problem-schema.ts';
import type { JsonSchema, SchemaComponents } from './schema-to-json.ts';

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiContent {
  readonly [mediaType: string]: { readonly schema?: JsonSchema };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly description?: string;
    readonly content: OpenApiContent;
  };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly headers?: Readonly<
          Record<string, { readonly description: string; readonly schema: JsonSchema }>
        >;
        readonly content?: OpenApiContent;
      }
    >
  >;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  /** By path template, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: SchemaComponents };
}

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
