import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

const HEAD_BYTES = 30;

/** The first chunk: lossy, lossless or extended (RFC 9649). */
export async function readWebpHeader(source: ByteSource): Promise<ImageHeader> {
  const head = await source.read(0, HEAD_BYTES);
  if (head.length < 25) throw damaged('it ends within the WebP header');
  const chunk = head.toString('latin1', 12, 16);
  if (chunk === 'VP8L') return readLossless(head);
  if (head.length < HEAD_BYTES) throw damaged('it ends within the WebP header');
  if (chunk === 'VP8X') return { width: 1 + head.readUIntLE(24, 3), height: 1 + head.readUIntLE(27, 3) };
  if (chunk === 'VP8 ') return readLossy(head);
  throw damaged('the WebP begins with an unknown chunk');
}

function readLossless(head: Buffer): ImageHeader {
  if (head.readUInt8(20) !== 0x2f) throw damaged('the lossless WebP stream has no signature');
  const bits = head.readUInt32LE(21);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function readLossy(head: Buffer): ImageHeader {
  if (head.readUIntBE(23, 3) !== 0x9d012a) throw damaged('the lossy WebP stream has no start code');
  return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
}
