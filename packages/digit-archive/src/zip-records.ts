/**
 * The records around the one file of an archive (PKWARE's APPNOTE, 4.3 and 4.5.3). Checksum and compressed size stand behind the data,
 * since they are not known before; a text of 4 GiB or more gets the 64-bit records. The date is the same for every archive, so that
 * one that is made again has the same bytes.
 */
const DATE_1980_01_01 = 0x0021;
const DEFLATED = 8;
/** Checksum and sizes follow the data. */
const SIZES_BEHIND = 0x0008;
const MADE_ON_UNIX = 3 << 8;
const REGULAR_FILE = 0o100644;
const ALL_ONES = 0xffff_ffff;

export interface ZipEntry {
  readonly name: string;
  /** Bytes of the text. */
  readonly size: number;
}

export interface PackedEntry extends ZipEntry {
  readonly crc32: number;
  readonly packedSize: number;
}

/** What stands before the data. */
export function localHeader(entry: ZipEntry): Buffer {
  const sizes = isLarge(entry) ? [ALL_ONES, ALL_ONES] : [0, 0];
  const extra = isLarge(entry) ? concat(u16(1), u16(16), u64(0), u64(0)) : Buffer.alloc(0);
  return concat(
    u32(0x0403_4b50),
    ...commonFields(entry, 0, sizes, extra),
    Buffer.from(entry.name, 'ascii'),
    extra,
  );
}

/** What stands behind the data of `entry`, whose {@link localHeader} is at the beginning of the file, up to the file's end. */
export function closingRecords(entry: PackedEntry): Buffer {
  const size = isLarge(entry) ? u64 : u32;
  const descriptor = concat(u32(0x0807_4b50), u32(entry.crc32), size(entry.packedSize), size(entry.size));
  const directory = centralHeader(entry);
  const directoryAt = localHeader(entry).length + entry.packedSize + descriptor.length;
  return concat(descriptor, directory, endOfDirectory(isLarge(entry), directory.length, directoryAt));
}

function centralHeader(entry: PackedEntry): Buffer {
  const sizes = isLarge(entry) ? [ALL_ONES, ALL_ONES] : [entry.packedSize, entry.size];
  const extra = isLarge(entry)
    ? concat(u16(1), u16(16), u64(entry.size), u64(entry.packedSize))
    : Buffer.alloc(0);
  return concat(
    u32(0x0201_4b50),
    u16(MADE_ON_UNIX | versionFor(entry)),
    ...commonFields(entry, entry.crc32, sizes, extra),
    // No comment, disk 0, no internal attributes.
    Buffer.alloc(6),
    u32((REGULAR_FILE << 16) >>> 0),
    // Where the local header is.
    u32(0),
    Buffer.from(entry.name, 'ascii'),
    extra,
  );
}

/** What local and central headers have in common, from the version that is needed to the length of the extra field. */
function commonFields(entry: ZipEntry, crc: number, sizes: readonly number[], extra: Buffer): Buffer[] {
  return [
    ...[versionFor(entry), SIZES_BEHIND, DEFLATED, 0, DATE_1980_01_01].map(u16),
    u32(crc),
    ...sizes.map(u32),
    u16(entry.name.length),
    u16(extra.length),
  ];
}

function endOfDirectory(large: boolean, length: number, at: number): Buffer {
  const end = concat(
    u32(0x0605_4b50),
    ...[0, 0, 1, 1].map(u16),
    u32(large ? ALL_ONES : length),
    u32(large ? ALL_ONES : at),
    u16(0),
  );
  if (!large) return end;
  const end64 = concat(
    u32(0x0606_4b50),
    u64(44),
    u16(MADE_ON_UNIX | 45),
    u16(45),
    u32(0),
    u32(0),
    ...[1, 1, length, at].map(u64),
  );
  const locator = concat(u32(0x0706_4b50), u32(0), u64(at + length), u32(1));
  return concat(end64, locator, end);
}

function isLarge({ size }: ZipEntry): boolean {
  return size >= ALL_ONES;
}

/** 2.0 knows deflate, 4.5 sizes of 64 bits. */
function versionFor(entry: ZipEntry): number {
  return isLarge(entry) ? 45 : 20;
}

function concat(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
