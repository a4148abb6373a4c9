import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

/** The IHDR chunk, which comes first (PNG 3rd edition, 11.2.1). */
export async function readPngHeader(source: ByteSource): Promise<ImageHeader> {
  const head = await source.read(0, 33);
  if (head.length < 33) throw damaged('it ends within the PNG header');
  if (head.toString('latin1', 12, 16) !== 'IHDR') throw damaged('the PNG does not begin with IHDR');
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}
