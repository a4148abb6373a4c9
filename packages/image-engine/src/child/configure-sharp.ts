import sharp from 'sharp';

/** The libvips loaders of the six accepted types, from a file. */
const LOADERS = [
  'VipsForeignLoadJpegFile',
  'VipsForeignLoadPngFile',
  'VipsForeignLoadWebpFile',
  'VipsForeignLoadNsgifFile',
  'VipsForeignLoadHeifFile',
  'VipsForeignLoadTiffFile',
];

/**
 * Blocks every other loader, so that no content whatever reaches the SVG, PDF or matrix code, and keeps nothing between images: the
 * operation cache would hold pixels of the last ones.
 */
export function configureSharp(threads: number): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.cache(false);
  sharp.concurrency(threads);
}
