import { deflateSync, gzipSync } from 'node:zlib';
import type { ImageErrorCode } from '../image-error.ts';
import {
  craftGif,
  craftIsoMedia,
  craftPng,
  craftTiff,
  emptyZip,
  jpegSegment,
  pngChunk,
  withSegments,
} from './craft-files.ts';
import { animation, gradient } from './make-images.ts';

export interface HostileImage {
  readonly what: string;
  readonly bytes: Buffer;
  /** The code it must fail with, or `valid` where a result is due. */
  readonly outcome: ImageErrorCode | 'valid';
}

const EXTERNAL_SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">
  <image href="file:///etc/passwd" width="9" height="9"/><image href="http://127.0.0.1:1/x.png" width="9" height="9"/></svg>`;
const LAUGHING_SVG = `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&c;</text></svg>`;

const text = (content: string): Buffer => Buffer.from(content, 'latin1');
const cut = (bytes: Buffer, fraction: number): Buffer =>
  bytes.subarray(0, Math.floor(bytes.length * fraction));

/** A copy with `patch` at `at`, counted from `anchor`'s place when one is given. */
function patched(bytes: Buffer, patch: Uint8Array, at: number, anchor?: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(patch, at + (anchor ? copy.indexOf(anchor) : 0));
  return copy;
}

/** Files that mean harm or have come to some, each with what must become of it. */
export async function makeHostileImages(): Promise<HostileImage[]> {
  const picture = gradient(640, 480);
  const jpeg = await picture.clone().jpeg().toBuffer();
  const progressive = await picture.clone().jpeg({ progressive: true }).toBuffer();
  const png = await picture.clone().png().toBuffer();
  const webp = await picture.clone().webp().toBuffer();
  const gif = await picture.clone().gif().toBuffer();
  const avif = await picture.clone().avif({ effort: 0 }).toBuffer();
  const tiff = await picture.clone().tiff().toBuffer();
  const manyFrames = await animation(8, 8, 600).webp().toBuffer();
  const lastScan = progressive.subarray(progressive.lastIndexOf(text('\xff\xda')), -2);
  const scans = Buffer.concat([
    progressive.subarray(0, -2),
    ...Array<Buffer>(5_000).fill(lastScan),
    text('\xff\xd9'),
  ]);
  const frameHeader = text('\xff\xc0');

  return [
    { what: 'no byte at all', bytes: Buffer.alloc(0), outcome: 'IMAGE_DAMAGED' },
    { what: 'one byte that begins nothing', bytes: text('\0'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    { what: 'one byte that could begin a JPEG', bytes: text('\xff'), outcome: 'IMAGE_DAMAGED' },
    { what: 'plain text', bytes: text('I am a picture, trust me.\n'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    {
      what: 'an SVG that refers to a file and a server',
      bytes: text(EXTERNAL_SVG),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'an SVG of entities within entities',
      bytes: text(LAUGHING_SVG),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'an SVG in UTF-16',
      bytes: Buffer.from(`\ufeff${EXTERNAL_SVG}`, 'utf16le'),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    { what: 'a compressed SVG', bytes: gzipSync(EXTERNAL_SVG), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    { what: 'a PDF', bytes: text('%PDF-1.7\n%%EOF\n'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    { what: 'a HEIC', bytes: craftIsoMedia('heic', 'mif1', 'heic'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    {
      what: 'a HEIC that names AVIF among its brands',
      bytes: craftIsoMedia('heic', 'avif'),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    { what: 'a video', bytes: craftIsoMedia('isom', 'mp42'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    { what: 'a BMP', bytes: text('BM\x46\0\0\0\0\0\0\0\x36\0\0\0'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    { what: 'an ICO', bytes: text('\0\0\x01\0\x01\0\x10\x10'), outcome: 'IMAGE_UNSUPPORTED_TYPE' },
    {
      what: 'a RIFF that is sound',
      bytes: text('RIFF\x24\0\0\0WAVEfmt '),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a libvips image',
      bytes: text('\xb6\xa6\xf2\x08'.padEnd(64, '\0')),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a GIF that is a ZIP',
      bytes: Buffer.concat([gif, emptyZip()]),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a JPEG that is a PDF',
      bytes: withSegments(jpeg, [jpegSegment(0xfe, text('%PDF-1.7'))]),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a JPEG that is PHP',
      bytes: withSegments(jpeg, [jpegSegment(0xfe, text('<?php system(1);'))]),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a PNG that is a page with a script',
      bytes: craftPng(8, 8, 8, [pngChunk('tEXt', text('a\0<script>alert(1)</script>'))]),
      outcome: 'IMAGE_UNSUPPORTED_TYPE',
    },
    {
      what: 'a GIF that is JavaScript',
      bytes: text('GIF89a/*\0\0\0*/=1;alert(document.domain)'),
      outcome: 'IMAGE_DAMAGED',
    },
    { what: 'a JPEG cut in its header', bytes: jpeg.subarray(0, 100), outcome: 'IMAGE_DAMAGED' },
    { what: 'a JPEG cut in the middle', bytes: cut(jpeg, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'a JPEG cut near its end', bytes: cut(jpeg, 0.98), outcome: 'IMAGE_DAMAGED' },
    { what: 'a progressive JPEG cut in the middle', bytes: cut(progressive, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'a PNG cut in its header', bytes: png.subarray(0, 20), outcome: 'IMAGE_DAMAGED' },
    { what: 'a PNG cut in the middle', bytes: cut(png, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'a WebP cut in the middle', bytes: cut(webp, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'a GIF cut in the middle', bytes: cut(gif, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'an AVIF cut in the middle', bytes: cut(avif, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'a TIFF cut in the middle', bytes: cut(tiff, 0.5), outcome: 'IMAGE_DAMAGED' },
    { what: 'an AVIF of its brand alone', bytes: craftIsoMedia('avif', 'mif1'), outcome: 'IMAGE_DAMAGED' },
    {
      what: 'a PNG that says 100,000 x 100,000',
      bytes: craftPng(100_000, 100_000, 1),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'a PNG of 400 megapixels in 50 kB',
      bytes: craftPng(20_000, 20_000, 20_000),
      outcome: 'IMAGE_TOO_LARGE',
    },
    { what: 'a PNG of 81 megapixels in 10 kB', bytes: craftPng(9_000, 9_000, 9_000), outcome: 'valid' },
    {
      what: 'a PNG with fewer rows than it says',
      bytes: craftPng(1_000, 1_000, 3),
      outcome: 'IMAGE_DAMAGED',
    },
    { what: 'a PNG without pixels', bytes: craftPng(0, 0, 0), outcome: 'IMAGE_DAMAGED' },
    {
      what: 'a PNG with a broken checksum of its header',
      bytes: patched(png, text('\0\0\0\0'), 29),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a PNG with broken pixels',
      bytes: patched(png, text('\xaa'.repeat(64)), 40, text('IDAT')),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a PNG whose text is 64 MB once unpacked',
      bytes: craftPng(8, 8, 8, [
        pngChunk('zTXt', Buffer.concat([text('a\0\0'), deflateSync(Buffer.alloc(64e6))])),
      ]),
      outcome: 'valid',
    },
    {
      what: 'a PNG whose colour profile is 64 MB once unpacked',
      bytes: craftPng(8, 8, 8, [
        pngChunk('iCCP', Buffer.concat([text('a\0\0'), deflateSync(Buffer.alloc(64e6))])),
      ]),
      outcome: 'valid',
    },
    {
      what: 'a GIF that says 65,535 x 65,535',
      bytes: craftGif(65_535, 65_535, 1),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'a small GIF whose frame is 60,000 x 60,000',
      bytes: craftGif(1, 1, 1, 60_000),
      outcome: 'IMAGE_TOO_LARGE',
    },
    { what: 'a GIF of 20,000 frames', bytes: craftGif(1, 1, 20_000), outcome: 'IMAGE_TOO_LARGE' },
    {
      what: 'a GIF of 400 frames that are 400 megapixels together',
      bytes: craftGif(1_000, 1_000, 400),
      outcome: 'IMAGE_TOO_LARGE',
    },
    { what: 'a WebP of 600 frames', bytes: manyFrames, outcome: 'IMAGE_TOO_LARGE' },
    {
      what: 'a WebP that says 16,777,216 x 16,777,216',
      bytes: text(`RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0${'\xff'.repeat(6)}`),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'a JPEG that says 65,535 x 65,535',
      bytes: patched(jpeg, text('\xff\xff\xff\xff'), 5, frameHeader),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'a JPEG that says no height',
      bytes: patched(jpeg, text('\0\0'), 5, frameHeader),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a JPEG that says twice its height',
      bytes: patched(jpeg, text('\x03\xc0'), 5, frameHeader),
      outcome: 'valid',
    },
    { what: 'a JPEG of 5,000 scans', bytes: scans, outcome: 'IMAGE_DAMAGED' },
    {
      what: 'a JPEG with broken Huffman tables',
      bytes: patched(jpeg, text('\xff'.repeat(16)), 5, text('\xff\xc4')),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a JPEG with 60 MB of segments',
      bytes: withSegments(jpeg, Array<Buffer>(930).fill(jpegSegment(0xe9, Buffer.alloc(65_000)))),
      outcome: 'valid',
    },
    {
      what: 'a JPEG with 20,000 segments',
      bytes: withSegments(jpeg, Array<Buffer>(20_000).fill(jpegSegment(0xe9, Buffer.alloc(1)))),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a JPEG with nonsense for EXIF',
      bytes: withSegments(jpeg, [jpegSegment(0xe1, text(`Exif\0\0II*\0${'\xff'.repeat(5_000)}`))]),
      outcome: 'valid',
    },
    {
      what: 'a JPEG with nonsense for a colour profile',
      bytes: withSegments(jpeg, [jpegSegment(0xe2, text(`ICC_PROFILE\0\x01\x01${'x'.repeat(60_000)}`))]),
      outcome: 'valid',
    },
    {
      what: 'a JPEG in CMYK',
      bytes: await picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
      outcome: 'valid',
    },
    {
      what: 'a PNG of 16 bits a sample',
      bytes: await picture.clone().toColourspace('rgb16').png().toBuffer(),
      outcome: 'valid',
    },
    {
      what: 'a TIFF whose directories form a loop',
      bytes: craftTiff(3, { last: 72 }),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'a TIFF whose directory is beyond its end',
      bytes: text('II\x2a\0\xff\xff\xff\x7f'.padEnd(64, '\0')),
      outcome: 'IMAGE_DAMAGED',
    },
    { what: 'a TIFF of 5,000 directories', bytes: craftTiff(5_000), outcome: 'IMAGE_TOO_LARGE' },
    {
      what: 'a TIFF that says 100,000 x 100,000',
      bytes: craftTiff(1, { side: 100_000 }),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'a TIFF with more rows than bytes',
      bytes: craftTiff(1, { side: 5_000 }),
      outcome: 'IMAGE_DAMAGED',
    },
    {
      what: 'an AVIF that says 65,535 x 65,535',
      bytes: patched(avif, text('\0\0\xff\xff\0\0\xff\xff'), 8, text('ispe')),
      outcome: 'IMAGE_TOO_LARGE',
    },
    {
      what: 'an AVIF that says another size than its stream',
      bytes: patched(avif, text('\0\0\0\x08\0\0\0\x08'), 8, text('ispe')),
      outcome: 'IMAGE_DAMAGED',
    },
  ];
}
