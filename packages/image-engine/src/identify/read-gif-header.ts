import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

/** The logical screen descriptor (GIF89a, 18). Frames are counted when it is decoded. */
export async function readGifHeader(source: ByteSource): Promise<ImageHeader> {
  const head = await source.read(0, 13);
  if (head.length < 13) throw damaged('it ends within the GIF header');
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}
