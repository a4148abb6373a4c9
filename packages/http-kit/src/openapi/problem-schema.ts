import type { JsonSchema } from './schema-to-json.ts';

/** The body of every 4xx and 5xx answer. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  properties: {
    type: { type: 'string', description: 'Where the kind of problem is explained.' },
    title: { type: 'string', description: 'The kind of problem, the same for every occurrence.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What went wrong this time.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    code: { type: 'string', description: 'The kind of problem, for programs.' },
    success: { const: false },
    error: { type: 'string', description: 'The same as detail.' },
    request_id: { type: 'string', description: 'Finds the request in the log.' },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'success', 'error', 'request_id'],
  additionalProperties: true,
};
