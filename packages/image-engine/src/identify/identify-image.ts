import { open } from 'node:fs/promises';
import { ImageError } from '../image-error.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageLimits } from '../image-limits.ts';
import { CONTENT_TYPES, type ImageType } from '../image-type.ts';
import { ByteSource } from './byte-source.ts';
import { findSecondType } from './find-second-type.ts';
import { damaged, type ImageHeader } from './image-header.ts';
import { readAvifHeader } from './read-avif-header.ts';
import { readGifHeader } from './read-gif-header.ts';
import { readJpegHeader } from './read-jpeg-header.ts';
import { readPngHeader } from './read-png-header.ts';
import { readTiffHeader } from './read-tiff-header.ts';
import { readWebpHeader } from './read-webp-header.ts';
import { SNIFF_BYTES, sniffType } from './sniff-type.ts';

export interface ImageIdentity extends ImageHeader {
  readonly type: ImageType;
  readonly contentType: string;
  /** Size of the file. */
  readonly bytes: number;
}

type InputLimits = Pick<ImageLimits, 'maxInputBytes' | 'maxInputPixels' | 'maxFrames'>;
type HeaderReader = (source: ByteSource) => Promise<ImageHeader>;

const READERS: Readonly<Record<ImageType, HeaderReader>> = {
  jpeg: readJpegHeader,
  png: readPngHeader,
  webp: readWebpHeader,
  avif: readAvifHeader,
  gif: readGifHeader,
  tiff: readTiffHeader,
};

/**
 * What the file at `path` is, judged by its content, within the limits on bytes, pixels and pages. Reads headers only (some tens of
 * kilobytes of a usual photograph) and decodes nothing, so it is cheap enough to run before a job is accepted. Whether the pixels
 * are all there shows when it is processed.
 *
 * @throws ImageError `IMAGE_UNSUPPORTED_TYPE`, `IMAGE_DAMAGED` or `IMAGE_TOO_LARGE`; errors of the file system as they come.
 */
export async function identifyImage(
  path: string,
  limits: InputLimits = DEFAULT_IMAGE_LIMITS,
): Promise<ImageIdentity> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  // Not before it is done may the file be closed.
  return await identify(ByteSource.ofFile(file, size), limits);
}

/** As `identifyImage`, of a file that is in memory, in pieces of any sizes. */
export async function identifyChunks(
  chunks: readonly Uint8Array[],
  limits: InputLimits = DEFAULT_IMAGE_LIMITS,
): Promise<ImageIdentity> {
  return identify(ByteSource.ofChunks(chunks), limits);
}

async function identify(source: ByteSource, limits: InputLimits): Promise<ImageIdentity> {
  const { size } = source;
  const type = acceptedType(await source.read(0, SNIFF_BYTES));
  const second = await findSecondType(source);
  if (second)
    throw new ImageError(
      'IMAGE_UNSUPPORTED_TYPE',
      `The file is ${type.toUpperCase()} and ${second} at once.`,
    );
  if (size > limits.maxInputBytes) {
    throw new ImageError(
      'IMAGE_TOO_LARGE',
      `The image has ${size} bytes, at most ${limits.maxInputBytes} are taken.`,
    );
  }
  const header = await READERS[type](source);
  assertSize(header, limits);
  return { type, contentType: CONTENT_TYPES[type], bytes: size, ...header };
}

/**
 * The type of an image by its first {@link SNIFF_BYTES} bytes (or all of them, where it has fewer), for refusing an upload early.
 *
 * @throws ImageError `IMAGE_UNSUPPORTED_TYPE`, or `IMAGE_DAMAGED` when there are too few bytes to be anything.
 */
export function acceptedType(head: Uint8Array): ImageType {
  const sniffed = sniffType(head);
  if (sniffed.kind === 'accepted') return sniffed.type;
  if (sniffed.kind === 'cut')
    throw damaged(head.length === 0 ? 'it is empty' : 'it ends within its signature');
  const found = sniffed.name
    ? `The type of the file is ${sniffed.name}`
    : 'The type of the file is not known';
  throw new ImageError('IMAGE_UNSUPPORTED_TYPE', `${found}; JPEG, PNG, WebP, GIF, AVIF and TIFF are taken.`);
}

function assertSize(
  { width, height, pages = 1 }: ImageHeader,
  limits: Pick<ImageLimits, 'maxInputPixels' | 'maxFrames'>,
): void {
  if (width < 1 || height < 1) throw damaged('it has no pixels');
  if (width * height > limits.maxInputPixels) {
    throw new ImageError(
      'IMAGE_TOO_LARGE',
      `The image is ${width} x ${height}, at most ${limits.maxInputPixels} pixels are taken.`,
    );
  }
  if (pages > limits.maxFrames) {
    throw new ImageError(
      'IMAGE_TOO_LARGE',
      `The image has ${pages} pages, at most ${limits.maxFrames} are taken.`,
    );
  }
}
