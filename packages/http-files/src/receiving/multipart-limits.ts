import type multer from 'multer';

/**
 * Every limit there is. An upload is one file and perhaps a few small fields; whatever is more is refused before it costs
 * anything. Nested field names (`a[b][c]`) are refused altogether: the parser builds objects of them.
 */
export function multipartLimits(maxBytes: number, maxFieldBytes: number): Limits {
  return {
    fieldNameSize: 100,
    fieldSize: maxFieldBytes,
    fields: 8,
    fileSize: maxBytes,
    files: 1,
    parts: 9,
    headerPairs: 32,
    fieldNestingDepth: 0,
    fieldArrayIndexLimit: 0,
  };
}

/** The two last ones came with multer 2.2 and 2.4; its type declarations do not know them yet. */
type Limits = NonNullable<multer.Options['limits']> & {
  readonly fieldNestingDepth: number;
  readonly fieldArrayIndexLimit: number;
};
