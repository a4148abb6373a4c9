import sharp, { type Metadata, type SharpOptions } from 'sharp';
import type { JobMessage } from '../engine/job-protocol.ts';
import { ImageError } from '../image-error.ts';
import type { ImageType } from '../image-type.ts';
import type { PixelSource } from './pixel-source.ts';

export interface OpenedImage extends PixelSource {
  readonly metadata: Metadata;
}

/** Types that hold an animation; another output keeps the first frame. */
const ANIMATED: ReadonlySet<ImageType> = new Set(['gif', 'webp']);

/**
 * Reads the header through libvips and says what a pass will see: all frames when the output can hold them, upright. An animation
 * stays as it is stored, since no tool writes orientations into one and sharp turns none.
 */
export async function openImage(
  { inputPath, type, limits }: JobMessage,
  outputType: ImageType,
): Promise<OpenedImage> {
  const options: SharpOptions = {
    failOn: 'error',
    limitInputPixels: limits.maxInputPixels,
    sequentialRead: true,
  };
  const metadata = await sharp(inputPath, options).metadata();
  const found = metadata.format === 'heif' ? 'avif' : metadata.format;
  if (found !== type)
    throw new ImageError('IMAGE_DAMAGED', `The image is damaged: it is ${type} by its first bytes only.`);
  const pages = metadata.pages ?? 1;
  if (pages > limits.maxFrames) {
    throw new ImageError(
      'IMAGE_TOO_LARGE',
      `The image has ${pages} frames, at most ${limits.maxFrames} are taken.`,
    );
  }
  const frames = ANIMATED.has(type) && ANIMATED.has(outputType) ? pages : 1;
  const { width, height } = frames > 1 ? metadata : metadata.autoOrient;
  if (width * height * frames > limits.maxInputPixels) {
    throw new ImageError(
      'IMAGE_TOO_LARGE',
      `The image is ${width} x ${height} in ${frames} frames, at most ${limits.maxInputPixels} pixels are taken.`,
    );
  }
  const all = frames > 1 ? { ...options, pages: -1 } : { ...options, autoOrient: true };
  return { metadata, width, height, frames, open: () => sharp(inputPath, all) };
}
