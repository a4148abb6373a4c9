import type { ImageType } from '../image-type.ts';

/** Bytes of a file's beginning that {@link sniffType} looks at. */
export const SNIFF_BYTES = 1024;

export type Sniffed =
  | { readonly kind: 'accepted'; readonly type: ImageType }
  /** Something else; `name` when it is a known type, for the message. */
  | { readonly kind: 'refused'; readonly name?: string }
  /** Shorter than its signature, but on the way to an accepted type. */
  | { readonly kind: 'cut' };

const BYTES = (text: string): Buffer => Buffer.from(text, 'latin1');

const SIGNATURES: readonly (readonly [ImageType, Buffer])[] = [
  ['jpeg', BYTES('\xff\xd8\xff')],
  ['png', BYTES('\x89PNG\r\n\x1a\n')],
  ['gif', BYTES('GIF87a')],
  ['gif', BYTES('GIF89a')],
  ['tiff', BYTES('II\x2a\x00')],
  ['tiff', BYTES('MM\x00\x2a')],
  ['tiff', BYTES('II\x2b\x00')],
  ['tiff', BYTES('MM\x00\x2b')],
];

const REFUSED: readonly (readonly [string, Buffer])[] = [
  ['PDF', BYTES('%PDF-')],
  ['PostScript', BYTES('%!PS')],
  ['BMP', BYTES('BM')],
  ['Photoshop', BYTES('8BPS')],
  ['JPEG XL', BYTES('\xff\x0a')],
  ['JPEG XL', BYTES('\x00\x00\x00\x0cJXL ')],
  ['JPEG 2000', BYTES('\x00\x00\x00\x0cjP  ')],
  ['ICO', BYTES('\x00\x00\x01\x00')],
  ['ZIP', BYTES('PK\x03\x04')],
  ['gzip', BYTES('\x1f\x8b')],
  ['Radiance HDR', BYTES('#?RADIANCE')],
  ['OpenEXR', BYTES('\x76\x2f\x31\x01')],
  ['FITS', BYTES('SIMPLE  =')],
];

/**
 * Judges a type by the file's first bytes, its name has no say. `head` is the first {@link SNIFF_BYTES}, or the whole file where it
 * is shorter. RIFF is WebP only with its second mark; of the ISO media files only those with an AVIF brand are accepted, since HEIC
 * shares everything but the codec.
 */
export function sniffType(head: Uint8Array): Sniffed {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const accepted = SIGNATURES.find(([, signature]) => startsWith(bytes, signature));
  if (accepted) return { kind: 'accepted', type: accepted[0] };
  if (startsWith(bytes, BYTES('RIFF')) && isWebp(bytes)) return { kind: 'accepted', type: 'webp' };
  if (bytes.length >= 12 && bytes.toString('latin1', 4, 8) === 'ftyp') return sniffIsoMedia(bytes);
  if (isCut(bytes)) return { kind: 'cut' };
  const refused = REFUSED.find(([, signature]) => startsWith(bytes, signature));
  if (refused) return { kind: 'refused', name: refused[0] };
  return looksLikeSvg(bytes) ? { kind: 'refused', name: 'SVG' } : { kind: 'refused' };
}

function startsWith(bytes: Buffer, signature: Buffer): boolean {
  return (
    bytes.length >= signature.length &&
    bytes.compare(signature, 0, signature.length, 0, signature.length) === 0
  );
}

function isWebp(bytes: Buffer): boolean {
  return bytes.toString('latin1', 8, 12) === 'WEBP';
}

function isCut(bytes: Buffer): boolean {
  if (bytes.length === 0) return true;
  const starts = [...SIGNATURES.map(([, signature]) => signature), BYTES('RIFF')];
  if (bytes.length < 12 && (startsWith(bytes, BYTES('RIFF')) || bytes.toString('latin1', 4, 8) === 'ftyp'))
    return true;
  return starts.some((signature) => bytes.length < signature.length && startsWith(signature, bytes));
}

function sniffIsoMedia(bytes: Buffer): Sniffed {
  const major = bytes.toString('latin1', 8, 12);
  const end = Math.min(bytes.readUInt32BE(0), bytes.length);
  const brands = [major];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  if (/^(hei[cxms]|hev[cxms])$/.test(major)) return { kind: 'refused', name: 'HEIC' };
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return { kind: 'accepted', type: 'avif' };
  const isHeif = brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand));
  return { kind: 'refused', name: isHeif ? 'HEIC' : 'video' };
}

function looksLikeSvg(bytes: Buffer): boolean {
  return /<svg[\s>]|<!doctype svg/i.test(bytes.toString('latin1').replaceAll('\0', ''));
}
