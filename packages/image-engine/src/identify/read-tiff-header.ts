import type { ByteSource } from './byte-source.ts';
import { damaged, type ImageHeader } from './image-header.ts';

const MAX_ENTRIES = 4_096;
const MAX_PAGES = 10_000;
const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;
const SHORT = 3;

/** Widths of the fields that classic TIFF (6.0, section 2) and BigTIFF differ in. */
interface Layout {
  readonly littleEndian: boolean;
  readonly countBytes: 2 | 8;
  readonly entryBytes: 12 | 20;
  readonly offsetBytes: 4 | 8;
}

/** Size of the first page, and the number of pages; a chain of directories that comes back on itself is damage. */
export async function readTiffHeader(source: ByteSource): Promise<ImageHeader> {
  const head = await source.read(0, 16);
  if (head.length < 16) throw damaged('it ends within the TIFF header');
  const layout = layoutOf(head);
  const seen = new Set<number>();
  let size: { width: number; height: number } | undefined;
  let next = layout.offsetBytes === 8 ? readUnsigned(head, 8, 8, layout) : readUnsigned(head, 4, 4, layout);
  while (next !== 0) {
    if (seen.has(next)) throw damaged('the TIFF directories form a loop');
    if (seen.size >= MAX_PAGES) throw damaged(`the TIFF has more than ${MAX_PAGES} directories`);
    seen.add(next);
    const directory = await readDirectory(source, next, layout, size === undefined);
    size ??= directory.size;
    next = directory.next;
  }
  if (!size) throw damaged('the TIFF has no directory');
  return { ...size, pages: seen.size };
}

function layoutOf(head: Buffer): Layout {
  const littleEndian = head[0] === 0x49;
  const isBig = head[littleEndian ? 2 : 3] === 0x2b;
  return isBig
    ? { littleEndian, countBytes: 8, entryBytes: 20, offsetBytes: 8 }
    : { littleEndian, countBytes: 2, entryBytes: 12, offsetBytes: 4 };
}

async function readDirectory(source: ByteSource, position: number, layout: Layout, wantSize: boolean) {
  const head = await source.read(position, layout.countBytes);
  if (head.length < layout.countBytes) throw damaged('a TIFF directory is missing');
  const count = readUnsigned(head, 0, layout.countBytes, layout);
  if (count === 0 || count > MAX_ENTRIES) throw damaged('a TIFF directory has an impossible length');
  const start = position + layout.countBytes;
  const length = count * layout.entryBytes;
  const tail = await source.read(start + length, layout.offsetBytes);
  if (tail.length < layout.offsetBytes) throw damaged('it ends within a TIFF directory');
  const next = readUnsigned(tail, 0, layout.offsetBytes, layout);
  if (!wantSize) return { next };
  return { next, size: readSize(await source.read(start, length), layout) };
}

function readSize(entries: Buffer, layout: Layout): { width: number; height: number } {
  const values = new Map<number, number>();
  for (let at = 0; at + layout.entryBytes <= entries.length; at += layout.entryBytes) {
    const isShort = readUnsigned(entries, at + 2, 2, layout) === SHORT;
    const valueAt = at + layout.entryBytes - layout.offsetBytes;
    values.set(readUnsigned(entries, at, 2, layout), readUnsigned(entries, valueAt, isShort ? 2 : 4, layout));
  }
  const width = values.get(IMAGE_WIDTH);
  const height = values.get(IMAGE_LENGTH);
  if (width === undefined || height === undefined) throw damaged('the TIFF says no size');
  return { width, height };
}

function readUnsigned(bytes: Buffer, at: number, length: 2 | 4 | 8, { littleEndian }: Layout): number {
  if (length === 8) return Number(littleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return littleEndian ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
}
