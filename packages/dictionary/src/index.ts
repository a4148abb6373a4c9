export { createDictionary, type Dictionary, type DictionaryOptions } from './create-dictionary.ts';
export { DictionaryError } from './dictionary-error.ts';
export { type ErrorKind, type ErrorRow, errorTable } from './error-table.ts';
export {
  type AllQuery,
  allQuery,
  type DictionaryAnswer,
  dictionaryAnswer,
  dictionaryQuery,
  type ListQuery,
  listQuery,
  type Query,
  type SearchQuery,
  searchQuery,
} from './queries.ts';
export { readQuery } from './read-query.ts';
export type { SearchProgram } from './search-arguments.ts';
export { shippedDictionaries } from './shipped-dictionaries.ts';
