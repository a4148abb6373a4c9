/** A query string as an object; a key given more than once has its values in an array, so that a schema for one value refuses it. */
export function parseQuery(search: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  if (search === '') return query;
  for (const [key, value] of new URLSearchParams(search)) {
    const known = query[key];
    if (known === undefined) query[key] = value;
    else if (typeof known === 'string') query[key] = [known, value];
    else known.push(value);
  }
  return query;
}
