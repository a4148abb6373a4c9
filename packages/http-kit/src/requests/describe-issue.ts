import type { z } from 'zod';

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * The wording of a schema's complaint as "must be ..."; zod asks it for every issue whose schema has no wording of its own.
 * The place (`num`, `query parameter limit`) is put in front by the caller.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `must ${quantity(issue.origin, `at least ${issue.minimum}`, issue.inclusive === false && `more than ${issue.minimum}`)}`;
    case 'too_big':
      return `must ${quantity(issue.origin, `at most ${issue.maximum}`, issue.inclusive === false && `less than ${issue.maximum}`)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `must match ${issue.pattern}` : `must be a valid ${issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `must not have ${issue.keys.length === 1 ? 'the key' : 'the keys'} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    default:
      return 'is not acceptable';
  }
}

function quantity(origin: string, inclusive: string, exclusive: string | false): string {
  const bound = exclusive === false ? inclusive : exclusive;
  if (origin === 'string') return `have ${bound} characters`;
  if (origin === 'array' || origin === 'set') return `have ${bound} items`;
  return `be ${bound}`;
}
