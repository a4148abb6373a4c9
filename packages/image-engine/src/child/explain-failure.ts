import { ImageError, type ImageErrorCode } from '../image-error.ts';

const MAX_REASON_CHARACTERS = 300;

/** How sharp and libvips word what is not damage; both have messages only, no codes. */
const WORDINGS: readonly (readonly [RegExp, ImageErrorCode, string])[] = [
  [/bad extract area/i, 'IMAGE_OPERATIONS_INVALID', 'The crop reaches beyond the image'],
  [/exceeds pixel limit/i, 'IMAGE_TOO_LARGE', 'The image has more pixels than are taken'],
  [/processed image is too large/i, 'IMAGE_OPERATIONS_INVALID', 'The result is too large for its type'],
  [
    /out of memory|unable to allocate|malloc/i,
    'IMAGE_OUT_OF_MEMORY',
    'The image takes more memory than is given to one',
  ],
  [
    /no space left|write error|write failed|unable to open for write/i,
    'IMAGE_STORAGE_FAILED',
    'The result could not be written',
  ],
];

/** The error as a code and a message without any path of the host; what libvips complains about otherwise is a damaged image. */
export function explainFailure(error: unknown, paths: readonly string[]): ImageError {
  if (error instanceof ImageError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const reason = lastLines(paths.reduce((told, path) => told.replaceAll(path, 'the file'), text));
  const known = WORDINGS.find(([wording]) => wording.test(text));
  const [, code, summary] = known ?? [undefined, 'IMAGE_DAMAGED' as const, 'The image is damaged'];
  return new ImageError(code, `${summary}: ${reason}.`, { cause: error });
}

/** libvips puts what failed at last, after each attempt before it. */
function lastLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter(Boolean)
    .slice(-2)
    .join('; ')
    .slice(-MAX_REASON_CHARACTERS)
    .replace(/[.;]+$/, '');
}
