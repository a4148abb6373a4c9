const letters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * A file name out of the output of `ls -b`, which keeps every name on one line: C escapes, octal for bytes that do not print, and a
 * backslash before what would be ambiguous. Bytes that are no UTF-8 become U+FFFD.
 */
export function unescapeName(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  const parts = escaped.match(/\\[0-7]{3}|\\.|[^\\]+/gs) ?? [];
  return Buffer.concat(parts.map(unescapePart)).toString('utf8');
}

function unescapePart(part: string): Buffer {
  if (!part.startsWith('\\')) return Buffer.from(part);
  const code = part.slice(1);
  return code.length === 3 ? Buffer.from([Number.parseInt(code, 8)]) : Buffer.from(letters[code] ?? code);
}
