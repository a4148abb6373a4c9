import type { z } from 'zod';
import { kitProblems } from '../problems/kit-problems.ts';
import { describeIssue } from './describe-issue.ts';

export type InputPlace = 'path' | 'query' | 'header' | 'body';

/** One entry of the problem's `errors`. */
export interface InputError {
  readonly in: InputPlace;
  /** Where in it: `num`, `operations[0].width`; empty for the whole of it. */
  readonly field: string;
  /** A whole sentence part: `num must be an integer`. */
  readonly message: string;
}

const places: Readonly<Record<InputPlace, { readonly whole: string; readonly part: string }>> = {
  path: { whole: 'the path', part: 'path parameter ' },
  query: { whole: 'the query', part: 'query parameter ' },
  header: { whole: 'the headers', part: 'header ' },
  body: { whole: 'the body', part: '' },
};

const parseOptions = { error: describeIssue };

/** The parsed value, or a 400 problem (404 for a path, if asked for) that names every field and what it must be. */
export function validateInput(schema: z.ZodType, place: InputPlace, value: unknown): unknown {
  const result = schema.safeParse(value, parseOptions);
  if (result.success) return result.data;
  // A value that breaks two rules of one wording (neither safe nor within its bounds) is told of once.
  const errors = new Map<string, InputError>();
  for (const issue of result.error.issues) {
    const error = toInputError(place, issue);
    errors.set(error.message, error);
  }
  throw kitProblems.invalid_request(`${[...errors.keys()].join('; ')}.`, {
    members: { errors: [...errors.values()] },
  });
}

function toInputError(place: InputPlace, issue: z.core.$ZodIssue): InputError {
  const field = fieldName(issue.path);
  const subject = field === '' ? places[place].whole : `${places[place].part}${field}`;
  return { in: place, field, message: `${subject} ${issue.message}` };
}

/** `['operations', 0, 'width']` as `operations[0].width`. */
function fieldName(path: readonly PropertyKey[]): string {
  let name = '';
  for (const key of path) {
    if (typeof key === 'number') name += `[${key}]`;
    else name += name === '' ? String(key) : `.${String(key)}`;
  }
  return name;
}
