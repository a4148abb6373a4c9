import type { ByteSource } from './byte-source.ts';
import { SNIFF_BYTES } from './sniff-type.ts';

const END_OF_CENTRAL_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const RECORD_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;

/**
 * Marks by which other programs would take the beginning of this file for theirs: PDF readers search the first 1024 bytes for their
 * header, browsers and interpreters the first bytes for markup. XMP, which photographs do carry, begins with none of these.
 */
const SECOND_MARKS: readonly (readonly [string, RegExp])[] = [
  ['PDF', /%PDF-\d/],
  ['HTML', /<!doctype html|<html[\s>]|<script[\s>]/i],
  ['SVG', /<svg[\s>]/i],
  ['PHP', /<\?php\s/i],
];

/**
 * The other type that a file pretending to be an image is at the same time, or undefined. Bytes after the image are no sign by
 * themselves: cameras append motion pictures and thumbnails there. An archive is known by the directory at its very end.
 */
export async function findSecondType(source: ByteSource): Promise<string | undefined> {
  const head = (await source.read(0, SNIFF_BYTES)).toString('latin1');
  const mark = SECOND_MARKS.find(([, pattern]) => pattern.test(head));
  if (mark) return mark[0];
  return (await endsAsZip(source)) ? 'ZIP' : undefined;
}

async function endsAsZip(source: ByteSource): Promise<boolean> {
  const length = Math.min(source.size, RECORD_BYTES + MAX_COMMENT_BYTES);
  const tail = await source.read(source.size - length, length);
  for (
    let at = tail.indexOf(END_OF_CENTRAL_DIRECTORY);
    at >= 0;
    at = tail.indexOf(END_OF_CENTRAL_DIRECTORY, at + 1)
  ) {
    if (at + RECORD_BYTES > tail.length) return false;
    if (at + RECORD_BYTES + tail.readUInt16LE(at + 20) === tail.length) return true;
  }
  return false;
}
