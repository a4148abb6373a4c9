import { crc32, deflateSync } from 'node:zlib';

/** Files put together byte by byte, for what no encoder would write. */

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

/** A grayscale PNG of one bit a pixel, all black, with further chunks before its pixels; `rows` may be fewer than it says. */
export function craftPng(width: number, height: number, rows: number, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([1, 0, 0, 0, 0])]);
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * rows));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const chunks = [
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...chunks]);
}

/** A GIF whose every frame is one pixel of a two-colour table. */
export function craftGif(width: number, height: number, frames: number, frameSide = 1): Buffer {
  const screen = Buffer.concat([
    Buffer.from('GIF89a'),
    uint16le(width),
    uint16le(height),
    Buffer.from([0x80, 0, 0]),
  ]);
  const colours = Buffer.from([0, 0, 0, 255, 255, 255]);
  const control = Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0]);
  const frame = Buffer.concat([
    control,
    Buffer.from([0x2c, 0, 0, 0, 0]),
    uint16le(frameSide),
    uint16le(frameSide),
    Buffer.from([0, 2, 2, 0x44, 0x01, 0]),
  ]);
  return Buffer.concat([screen, colours, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

/** A little-endian TIFF of so many directories of 8 x 8 black pixels (or of the size given); `next` tells where the last one leads. */
export function craftTiff(
  directories: number,
  { side = 8, last = 0 }: { side?: number; last?: number } = {},
): Buffer {
  const tags: readonly (readonly [number, number])[] = [
    [256, side],
    [257, side],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, side],
    [279, 64],
  ];
  const length = 2 + tags.length * 12 + 4;
  const start = 8 + 64;
  const parts = [Buffer.from('II\x2a\x00', 'latin1'), uint32le(start), Buffer.alloc(64)];
  for (let index = 0; index < directories; index += 1) {
    const next = index + 1 < directories ? start + (index + 1) * length : last;
    const entries = tags.map(([tag, value]) =>
      Buffer.concat([uint16le(tag), uint16le(4), uint32le(1), uint32le(value)]),
    );
    parts.push(uint16le(tags.length), ...entries, uint32le(next));
  }
  return Buffer.concat(parts);
}

/** A JPEG segment: marker, length, content. */
export function jpegSegment(marker: number, content: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length + 2);
  return Buffer.concat([Buffer.from([0xff, marker]), length, content]);
}

/** The same JPEG with segments put in behind its first two bytes. */
export function withSegments(jpeg: Buffer, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** A file with the ISO media signature and these brands, and nothing in it. */
export function craftIsoMedia(...brands: readonly [string, ...string[]]): Buffer {
  const content = Buffer.from(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1');
  return Buffer.concat([uint32(content.length + 4), content]);
}

/** An empty ZIP archive: the directory's end record alone. */
export function emptyZip(): Buffer {
  return Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16le(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
