import {
  allQuery,
  type Dictionary,
  dictionaryAnswer,
  listQuery,
  readQuery,
  searchQuery,
} from '@pi-jobs/dictionary';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { queryPath } from '../dictionary/query-paths.ts';
import { toQueryProblem } from '../dictionary/query-problems.ts';

/** Several times the longest term, however it is escaped. */
const limitBytes = 64 * 1024;

/** Taken as it is and checked by `readQuery`: an action that there is not is no mistake in a field but a 501. */
const anyQuery = z.unknown().meta({
  id: 'DictionaryQuery',
  oneOf: [allQuery, searchQuery, listQuery].map((schema) => {
    const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input' });
    return json;
  }),
});

/** One query to the dictionaries, answered by an external program; a client who goes away ends it. */
export function dictionaryQuery(deps: { readonly dictionary: Pick<Dictionary, 'answer'> }): Route {
  return defineRoute({
    method: 'POST',
    path: queryPath,
    summary: 'Ask the dictionaries: all, search, list',
    tags: ['dictionary'],
    body: { json: anyQuery, limitBytes },
    responses: {
      200: { description: 'What was found.', schema: dictionaryAnswer.meta({ id: 'DictionaryAnswer' }) },
      400: { description: 'A field is not what it must be.' },
      403: { description: 'No such dictionary or folder, or it cannot be read.' },
      501: { description: 'The action is not implemented.' },
      503: { description: 'Too many queries wait in line, or the service is shutting down.' },
    },
    async handler({ body, signal }) {
      try {
        return { status: 200, body: await deps.dictionary.answer(readQuery(body), signal) };
      } catch (error) {
        throw toQueryProblem(error);
      }
    },
  });
}
