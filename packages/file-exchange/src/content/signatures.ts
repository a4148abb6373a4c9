/** The first bytes of formats that begin with a fixed sequence, by extension; one of them must match. */
export const SIGNATURES: Readonly<Record<string, readonly Buffer[]>> = {
  png: [Buffer.from('89504e470d0a1a0a', 'hex')],
  jpg: [Buffer.from('ffd8ff', 'hex')],
  jpeg: [Buffer.from('ffd8ff', 'hex')],
  gif: [Buffer.from('GIF87a'), Buffer.from('GIF89a')],
  pdf: [Buffer.from('%PDF-')],
  rtf: [Buffer.from('{\\rtf')],
  // The compound file of Word and Excel up to 2003; which of the two it is stands in a directory that may be anywhere.
  doc: [Buffer.from('d0cf11e0a1b11ae1', 'hex')],
  xls: [Buffer.from('d0cf11e0a1b11ae1', 'hex')],
};

/** Formats that could pass for text: their first bytes hold no character that is impossible in one. */
export const BINARY_LOOKALIKES: readonly Buffer[] = [
  ...['png', 'jpg', 'gif', 'pdf', 'doc'].flatMap((extension) => SIGNATURES[extension] ?? []),
  // zip, gzip, bzip2 (its magic number is pi), 7-Zip, xz, Zstandard, RAR, ELF, Mach-O, WebAssembly, Ogg, FLAC, Matroska, Java class
  ...[
    '504b0304',
    '504b0506',
    '1f8b',
    '425a6839314159265359',
    '377abcaf271c',
    'fd377a585a00',
    '28b52ffd',
    '526172211a07',
    '7f454c46',
    'cffaedfe',
    '0061736d',
    '4f67675300',
    '664c614300',
    '1a45dfa3',
    'cafebabe',
  ].map((hex) => Buffer.from(hex, 'hex')),
];

export function startsWithAny(head: Buffer, signatures: readonly Buffer[]): boolean {
  return signatures.some((signature) => head.subarray(0, signature.length).equals(signature));
}
