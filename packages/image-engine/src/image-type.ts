/** The image types that are accepted and produced, under the names that the operation `format` uses. */
export const IMAGE_TYPES = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;

export type ImageType = (typeof IMAGE_TYPES)[number];

/** The media type to answer with for each image type. */
export const CONTENT_TYPES: Readonly<Record<ImageType, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
};
