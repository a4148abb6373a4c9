import { FileExchangeError } from '../file-exchange-error.ts';

const MAX_NAME_BYTES = 255;

/** What no name may hold, each with the words that say so. The order is the order of the complaints. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/[/\\]/, 'must not hold a path separator'],
  [/\.\./, 'must not hold ".."'],
  // Line and paragraph separator break lines like the control characters they stand in for.
  [/[\p{Cc}\u2028\u2029]/u, 'must not hold control characters'],
  [/\ufffd/, 'is not valid UTF-8'],
  [/\p{Bidi_Control}/u, 'must not hold characters that change the direction of text'],
  [/[<>:"|?*]/, 'must not hold any of < > : " | ? *'],
  [/^[.\p{White_Space}]|[.\p{White_Space}]$/u, 'must not begin or end with a dot or a space'],
  // Windows opens the device whatever follows the first dot: "nul.txt" is the null device. The raised digits count as digits there.
  [
    /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i,
    'is the name of a device on Windows',
  ],
];

/**
 * Throws `invalid_name` unless this is a name that every common file system, URL and terminal shows as it is: 1 to 255 bytes of UTF-8 in
 * normalization form C, of any script. A name is refused, never repaired: a file must not appear under a name its sender did not choose.
 */
export function checkFileName(name: string): void {
  if (name === '') throw invalid('The file has no name.');
  if (!name.isWellFormed()) throw invalid('The file name is not valid Unicode.');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw invalid(`The file name is longer than ${MAX_NAME_BYTES} bytes.`);
  for (const [pattern, complaint] of REFUSALS) {
    if (pattern.test(name)) throw invalid(`The file name ${complaint}.`);
  }
  if (name.normalize('NFC') !== name) throw invalid('The file name is not in Unicode normalization form C.');
}

/** Could a file of this name be in the exchange, whatever extensions are allowed now? */
export function isFileName(name: string): boolean {
  try {
    checkFileName(name);
    return extensionOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** What follows the last dot, in lower case; undefined when there is no dot or nothing before it. */
export function extensionOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  return dot > 0 && dot < name.length - 1 ? name.slice(dot + 1).toLowerCase() : undefined;
}

function invalid(message: string): FileExchangeError {
  return new FileExchangeError('invalid_name', message);
}
