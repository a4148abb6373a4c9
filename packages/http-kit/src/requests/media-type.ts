export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** Lower case, without quotes; undefined when not given. */
  readonly charset: string | undefined;
}

const pattern = /^([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)\s*(?:;(.*))?$/;
const charsetPattern = /(?:^|;)\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i;

/** Reads a Content-Type; undefined when there is none or it is no media type. */
export function parseMediaType(header: string | undefined): MediaType | undefined {
  if (header === undefined) return undefined;
  if (header === 'application/json') return plainJson;
  const match = pattern.exec(header.trim());
  if (match?.[1] === undefined) return undefined;
  const charset = match[2] === undefined ? null : charsetPattern.exec(match[2]);
  return {
    essence: match[1].toLowerCase(),
    charset: charset === null ? undefined : (charset[1] ?? charset[2] ?? '').toLowerCase(),
  };
}

/** Whether an essence falls under a range: `image/png`, all of `image`, or everything. */
export function matchesMediaRange(essence: string, range: string): boolean {
  if (range === '*/*' || range === essence) return true;
  return range.endsWith('/*') && essence.startsWith(range.slice(0, -1));
}

const plainJson: MediaType = { essence: 'application/json', charset: undefined };
