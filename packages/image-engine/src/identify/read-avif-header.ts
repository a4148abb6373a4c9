import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

const MAX_BOXES = 1_000;
const MAX_META_BYTES = 4 * 1024 * 1024;

interface Box {
  readonly type: string;
  /** Where its content begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** The largest `ispe` property in `meta/iprp/ipco` (ISO/IEC 23008-12, 6.5.3): the image itself, not a tile or a thumbnail of it. */
export async function readAvifHeader(source: ByteSource): Promise<ImageHeader> {
  const meta = await findMeta(source);
  if (meta.end - meta.start > MAX_META_BYTES) throw damaged('the AVIF description is too long');
  const bytes = await source.read(meta.start, meta.end - meta.start);
  if (bytes.length < meta.end - meta.start) throw damaged('it ends within the AVIF description');
  const properties = childrenOf(bytes, 4, bytes.length)
    .filter(({ type }) => type === 'iprp')
    .flatMap((iprp) => childrenOf(bytes, iprp.start, iprp.end))
    .filter(({ type }) => type === 'ipco')
    .flatMap((ipco) => childrenOf(bytes, ipco.start, ipco.end));
  const sizes = properties
    .filter(({ type, start, end }) => type === 'ispe' && end - start >= 12)
    .map(({ start }) => ({ width: bytes.readUInt32BE(start + 4), height: bytes.readUInt32BE(start + 8) }));
  const largest = sizes.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  if (!largest) throw damaged('the AVIF says no size');
  return largest;
}

async function findMeta(source: ByteSource): Promise<Box> {
  let position = 0;
  for (let count = 0; count < MAX_BOXES; count += 1) {
    const box = readBox(await source.read(position, 16), 0, position, source.size);
    if (!box) break;
    if (box.type === 'meta') return box;
    position = box.end;
  }
  throw damaged('the AVIF has no description');
}

function childrenOf(bytes: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  let position = from;
  while (position < to && boxes.length < MAX_BOXES) {
    const box = readBox(bytes, position, position, to);
    if (!box || box.end > to) break;
    boxes.push(box);
    position = box.end;
  }
  return boxes;
}

/** The box whose header stands at `at` in `bytes`, its places counted from `position`; 0 as a length means up to `limit`. */
function readBox(bytes: Buffer, at: number, position: number, limit: number): Box | undefined {
  if (bytes.length < at + 8) return undefined;
  const type = bytes.toString('latin1', at + 4, at + 8);
  const short = bytes.readUInt32BE(at);
  if (short === 0) return { type, start: position + 8, end: limit };
  if (short !== 1) return short < 8 ? undefined : { type, start: position + 8, end: position + short };
  if (bytes.length < at + 16) return undefined;
  const long = Number(bytes.readBigUInt64BE(at + 8));
  return long < 16 ? undefined : { type, start: position + 16, end: position + long };
}
