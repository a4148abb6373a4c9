import { z } from 'zod';
import { patternFault } from './check-pattern.ts';
import { folderFault, nameFault } from './plain-name.ts';

const maxTermBytes = 4096;
/** Lines of context on one side of a match. */
const maxContextLines = 1000;

/** A string for which `faultOf` finds no fault. */
function soundString(faultOf: (value: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = faultOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function termFault(term: string): string | undefined {
  if (term === '') return 'must not be empty; the action "all" gives every line';
  if (/[\n\0]/.test(term)) return 'must not contain a newline or a NUL: a quote is one line';
  if (!term.isWellFormed()) return 'must be text: it holds half a character';
  return Buffer.byteLength(term) > maxTermBytes
    ? `must be at most ${maxTermBytes} bytes of UTF-8`
    : undefined;
}

function filterFault(filter: string): string | undefined {
  if (filter.includes('\0')) return 'must not contain a NUL';
  return filter.length > 255 ? 'must be at most 255 characters' : undefined;
}

const dictionary = soundString(nameFault)
  .optional()
  .describe('Name of the dictionary; the default is quotes.txt, else the first by name');
// In the words that every service has for a number that is not acceptable.
const integer = 'must be an integer';
const contextCount = { error: `${integer} from 0 to ${maxContextLines}` };
const contextLines = z.int(contextCount).min(0, contextCount).max(maxContextLines, contextCount).default(0);

export const allQuery = z.strictObject({
  action: z.literal('all'),
  dictionary,
});

export const searchQuery = z
  .strictObject({
    action: z.literal('search'),
    term: soundString(termFault).describe('What to look for, literally'),
    regex: z.boolean().default(false).describe('Read the term as an extended regular expression'),
    nresults: z.int(integer).default(0).describe('How many results at most; 0 or less: all'),
    n_before: contextLines.describe('Lines to be quoted before each match'),
    n_after: contextLines.describe('Lines to be quoted after each match'),
    dictionary,
  })
  .superRefine((query, context) => {
    const message = query.regex ? patternFault(query.term) : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['term'], message });
  });

export const listQuery = z.strictObject({
  action: z.literal('list'),
  folder: soundString(folderFault).default('').describe('Relative to a listed root; "" is the root itself'),
  filter: soundString(filterFault)
    .default('')
    .describe('A glob on names: * ? [a-z] [!a-z]; "" lets all pass'),
});

export type AllQuery = z.output<typeof allQuery>;
export type SearchQuery = z.output<typeof searchQuery>;
export type ListQuery = z.output<typeof listQuery>;
export type Query = AllQuery | SearchQuery | ListQuery;

export const dictionaryQuery = z.union([allQuery, searchQuery, listQuery]);

export const dictionaryAnswer = z.strictObject({
  'nr of entries': z.int().min(0).describe('The length of `results`'),
  results: z.array(z.string()).describe('Strings of the dictionary, as they stand there'),
  truncated: z.boolean().describe('More would have matched'),
});

export type DictionaryAnswer = z.output<typeof dictionaryAnswer>;
