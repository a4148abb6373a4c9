/**
 * A Content-Disposition header for a file name of any script (RFC 6266). Names that are not plain ASCII get both forms: `filename*` says the
 * name, `filename` is what clients that do not know it show. Some of those decode percent signs, so a name with one gets both too.
 */
export function contentDisposition(type: 'inline' | 'attachment', filename: string): string {
  const fallback = filename.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  const header = `${type}; filename="${fallback}"`;
  return fallback === filename ? header : `${header}; filename*=UTF-8''${encodeExtended(filename)}`;
}

/** RFC 8187: what `encodeURIComponent` leaves alone but no attr-char may be. */
function encodeExtended(value: string): string {
  return encodeURIComponent(value).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
