import sharp, { type Metadata } from 'sharp';
import type { ImageDescription } from '../engine/job-protocol.ts';

const COLUMNS = 48;
const MAX_ROWS = 24;
/** Darkest to lightest; a character cell is about twice as high as it is wide. */
const RAMP = ' .:-=+*#%@';

/**
 * What a log says about an image: its properties, and a look at the first frame in characters, one string a row. Text can be read
 * right in the log, where an inlined picture would have to be pasted elsewhere first.
 */
export async function describeImage(
  path: string,
  limitInputPixels: number,
  metadata: Metadata,
): Promise<ImageDescription> {
  const { width, height } = metadata.autoOrient;
  const rows = Math.max(1, Math.min(MAX_ROWS, Math.round((COLUMNS * height) / width / 2)));
  const { data } = await sharp(path, { autoOrient: true, failOn: 'error', limitInputPixels })
    .resize(COLUMNS, rows, { fit: 'fill' })
    .flatten({ background: '#fff' })
    .grayscale()
    .normalise()
    .extractChannel(0)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    type: metadata.format === 'heif' ? 'avif' : metadata.format,
    width,
    height,
    colourSpace: metadata.space,
    channels: metadata.channels,
    depth: metadata.depth,
    pages: metadata.pages ?? 1,
    hasAlpha: metadata.hasAlpha,
    hasProfile: metadata.hasProfile,
    orientation: metadata.orientation ?? 1,
    preview: Array.from({ length: rows }, (_, row) =>
      toCharacters(data.subarray(row * COLUMNS, (row + 1) * COLUMNS)),
    ),
  };
}

function toCharacters(row: Uint8Array): string {
  return Array.from(row, (level) => RAMP[Math.floor((level * RAMP.length) / 256)]).join('');
}
