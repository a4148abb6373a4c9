import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Schemas that bear an id (`.meta({ id: 'Job' })`) are collected here once and referred to. */
export type SchemaComponents = Record<string, JsonSchema>;

/**
 * A zod schema as JSON Schema 2020-12, OpenAPI 3.1's dialect. `input` is what a client sends, `output` what it is after
 * parsing: parameters are sent as text and documented as what they stand for.
 */
export function schemaToJson(
  schema: z.ZodType,
  io: 'input' | 'output',
  components: SchemaComponents,
): JsonSchema {
  const {
    $schema: _dialect,
    $defs,
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  for (const [id, definition] of Object.entries(($defs ?? {}) as SchemaComponents)) {
    components[id] = moveReferences(definition) as JsonSchema;
  }
  return moveReferences(json) as JsonSchema;
}

/** Members that hold data, not schemas. */
const dataKeys = new Set(['default', 'const', 'enum', 'example', 'examples']);

/** The bounds of every number that is safe in JavaScript say nothing about this one. */
function isNoBound(key: string, member: unknown): boolean {
  return (
    (key === 'maximum' && member === Number.MAX_SAFE_INTEGER) ||
    (key === 'minimum' && member === Number.MIN_SAFE_INTEGER)
  );
}

/** Points references at the document's components and drops the id, which zod repeats in each named schema. */
function moveReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveReferences);
  if (typeof value !== 'object' || value === null) return value;
  const moved: JsonSchema = {};
  for (const [key, member] of Object.entries(value)) {
    if ((key === 'id' && typeof member === 'string') || isNoBound(key, member)) continue;
    if (key === '$ref' && typeof member === 'string') {
      moved[key] = member.replace('#/$defs/', '#/components/schemas/');
    } else moved[key] = dataKeys.has(key) ? member : moveReferences(member);
  }
  return moved;
}
