import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

const MAX_SEGMENTS = 10_000;
/** C0..CF are frame headers, but for these three: Huffman tables, the reserved JPG, arithmetic conditioning. */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** Walks the marker segments to the frame header (ITU-T T.81, B.2.2). */
export async function readJpegHeader(source: ByteSource): Promise<ImageHeader> {
  let position = 2;
  for (let segment = 0; segment < MAX_SEGMENTS; segment += 1) {
    const head = await source.read(position, 9);
    if (head.length < 4 || head[0] !== 0xff) throw damaged('a JPEG segment is missing');
    const marker = head.readUInt8(1);
    if (marker === 0xff) {
      position += 1;
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      position += 2;
    } else if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) {
      if (head.length < 9) throw damaged('it ends within the JPEG frame header');
      return { height: head.readUInt16BE(5), width: head.readUInt16BE(7) };
    } else if (marker === 0xda || marker === 0xd9) {
      throw damaged('the JPEG has no frame header');
    } else {
      const length = head.readUInt16BE(2);
      if (length < 2) throw damaged('a JPEG segment has an impossible length');
      position += 2 + length;
    }
  }
  throw damaged(`more than ${MAX_SEGMENTS} JPEG segments come before the image`);
}
