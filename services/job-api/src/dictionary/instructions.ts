import { allQuery, type ErrorRow, errorTable, listQuery, searchQuery } from '@pi-jobs/dictionary';
import { z } from 'zod';
import { type QueryExample, queryExamples } from './query-examples.ts';
import { queryPath } from './query-paths.ts';

export interface FieldInstructions {
  readonly name: string;
  /** `string`, `integer`, `boolean`. */
  readonly type: string;
  readonly isRequired: boolean;
  /** What the field is when it is left out, as JSON. */
  readonly default?: unknown;
  readonly meaning: string;
}

export interface ActionInstructions {
  readonly action: string;
  readonly does: string;
  readonly fields: readonly FieldInstructions[];
}

/** What the page says, apart from how it looks: rendered as HTML, as text and as JSON. */
export interface Instructions {
  readonly title: string;
  readonly introduction: readonly string[];
  readonly request: string;
  readonly actions: readonly ActionInstructions[];
  readonly notes: readonly string[];
  readonly examples: readonly QueryExample[];
  readonly errors: readonly ErrorRow[];
}

export const instructions: Instructions = {
  title: 'Dictionary queries',
  introduction: [
    'The dictionaries are text files of one quote a line. Send one JSON object that says what you want; grep and ls do the work, and the answer is one JSON object again.',
    'A result has three keys: "nr of entries", how many there are; "results", the strings; "truncated", true when more would have matched.',
    'An error has "Code", the HTTP status, and "message", why, with a link to this page.',
  ],
  request: `POST ${queryPath}   Content-Type: application/json`,
  actions: [
    { action: 'all', does: 'Gives every line of a dictionary.', fields: fieldsOf(allQuery) },
    { action: 'search', does: 'Gives the lines that hold a term.', fields: fieldsOf(searchQuery) },
    {
      action: 'list',
      does: 'Gives the names in a folder, as ls does; hidden ones are left out.',
      fields: fieldsOf(listQuery),
    },
  ],
  notes: [
    'A term is taken literally, upper and lower case as they are. It may have up to 4,096 bytes and neither a newline nor a NUL.',
    'With "regex": true a term is an extended regular expression. Back references are refused, and so are counts such as {1,20} that add more than 300 repetitions.',
    'With "n_before" or "n_after" each match is one entry: the lines before it, itself and the lines after it, joined by newlines. Matches that lie close together each get all of their lines, so that a line may stand in several entries; at the edges of the file an entry has fewer lines.',
    'A dictionary is named by its plain file name. A folder is a relative path of such names; if there are several roots, the first that has the folder is listed.',
    'An answer holds about 16 million characters at most. What does not fit is left out, whole entries at a time, and "truncated" says so.',
  ],
  examples: queryExamples,
  errors: Object.values(errorTable),
};

interface FieldSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
}

/** The schema's own fields, so that the page cannot differ from what is taken. */
function fieldsOf(schema: z.ZodType): FieldInstructions[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const fields = Object.entries(properties as Record<string, FieldSchema>);
  return fields
    .filter(([name]) => name !== 'action')
    .map(([name, field]) => ({
      name,
      type: field.type ?? 'any',
      isRequired: required.includes(name),
      ...(field.default === undefined ? {} : { default: field.default }),
      meaning: field.description ?? '',
    }));
}
