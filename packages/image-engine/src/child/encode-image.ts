import type { Sharp } from 'sharp';
import type { ImageType } from '../image-type.ts';

export interface Encoding {
  readonly type: ImageType;
  readonly grayscale: boolean;
  /** 1 to 100; undefined is the type's own default. */
  readonly quality: number | undefined;
  /** Milliseconds each frame is shown and how often all are (0: for ever), for what is animated. */
  readonly animation: { readonly delay: number[]; readonly loop: number } | undefined;
}

/** Of 0 to 9. sharp's 4 takes ten times as long for a file of the same size: 14.7 s against 1.4 s for 1600 x 1200 on one core. */
const AVIF_EFFORT = 2;
const WHITE = { r: 255, g: 255, b: 255 };

/**
 * Sets the output of a pipeline. Metadata is not kept; colours are sRGB. What quality means is the type's: for PNG less than 100 is a
 * palette of as few colours as that takes, TIFF is lossless without one and JPEG inside with one, GIF knows none. Where the type
 * holds no transparency, white shines through.
 */
export function encodeImage(image: Sharp, { type, grayscale, quality, animation }: Encoding): Sharp {
  const pipeline = grayscale ? image.grayscale() : image;
  const lossy = quality === undefined ? {} : { quality };
  switch (type) {
    case 'jpeg':
      return pipeline.flatten({ background: WHITE }).jpeg(lossy);
    case 'png':
      return pipeline.png(quality === undefined || quality === 100 ? {} : { quality, palette: true });
    case 'webp':
      return pipeline.webp({ ...lossy, ...animation });
    case 'avif':
      return pipeline.avif({ ...lossy, effort: AVIF_EFFORT });
    case 'gif':
      return pipeline.gif({ ...animation });
    case 'tiff':
      return quality === undefined
        ? pipeline.tiff({ compression: 'deflate', predictor: 'horizontal' })
        : pipeline.flatten({ background: WHITE }).tiff({ compression: 'jpeg', quality });
  }
}
