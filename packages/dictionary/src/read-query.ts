import { z } from 'zod';
import { DictionaryError } from './dictionary-error.ts';
import { allQuery, listQuery, type Query, searchQuery } from './queries.ts';

const queries: Readonly<Record<string, z.ZodType<Query>>> = {
  all: allQuery,
  search: searchQuery,
  list: listQuery,
};

const withAction = z.looseObject({ action: z.string() });

/** Checks what a caller sent. Throws a `DictionaryError` that names each field at fault, or the action that there is not. */
export function readQuery(body: unknown): Query {
  const { action } = check(withAction, body);
  const query = Object.hasOwn(queries, action) ? queries[action] : undefined;
  if (query === undefined) {
    throw new DictionaryError('action_not_implemented', `The action ${quote(action)} is not implemented.`);
  }
  return check(query, body);
}

function check<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const { success, data, error } = schema.safeParse(body, { error: describe });
  if (success) return data;
  const faults = error.issues.map(({ path, message }) =>
    path.length === 0 ? `the query ${message}` : `${path.join('.')}: ${message}`,
  );
  throw new DictionaryError('invalid_query', `${faults.join('; ')}.`);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
};

/** What a schema has no words of its own for, in those of the other routes. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return `must be ${typeNames[issue.expected] ?? issue.expected}`;
  if (issue.code !== 'unrecognized_keys') return undefined;
  return `must not have the key ${issue.keys.map((key) => quote(key)).join(', ')}`;
}

/** Short enough for a message, whatever was sent. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
