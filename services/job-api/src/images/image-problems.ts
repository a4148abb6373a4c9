import { defineProblems, kitProblems } from '@pi-jobs/http-kit';
import { ImageError } from '@pi-jobs/image-engine';

/** What can be wrong with an image, or with what was asked for. */
export const imageProblems = defineProblems({
  image_unsupported: {
    status: 415,
    title: 'The content is no image of an accepted type',
    meaning:
      'JPEG, PNG, WebP, GIF, AVIF and TIFF are taken, judged by content; not what is two things at once.',
  },
  image_too_large: {
    status: 413,
    title: 'The image is too large',
    meaning: 'It has more bytes, pixels or frames than are worked on; `detail` says how many are.',
  },
  image_damaged: {
    status: 400,
    title: 'The image is damaged',
    meaning: "It is cut short or breaks its type's rules.",
  },
  invalid_operations: {
    status: 400,
    title: 'The operations are not acceptable',
    meaning:
      'The field `operations` is a JSON array of 1 to 20 known operations; `detail` names each place that is wrong.',
  },
  image_not_queued: {
    status: 500,
    title: 'The job could not be queued',
    meaning: 'The job is on record at `Location`, as failed. Post the image again.',
  },
  no_output: {
    status: 404,
    title: 'The job has no output',
    meaning: 'It has not completed (`location` leads to its status), or it ended without a result.',
  },
});

/** What the look at an image found wrong, as a problem; other errors pass as they are. */
export function problemFromImageError(error: unknown): unknown {
  if (!(error instanceof ImageError)) return error;
  switch (error.code) {
    case 'IMAGE_UNSUPPORTED_TYPE':
      return imageProblems.image_unsupported(error.message, { cause: error });
    case 'IMAGE_TOO_LARGE':
      return imageProblems.image_too_large(error.message, { cause: error });
    case 'IMAGE_DAMAGED':
      return imageProblems.image_damaged(error.message, { cause: error });
    case 'IMAGE_OPERATIONS_INVALID':
      return imageProblems.invalid_operations(error.message, { cause: error });
    default:
      return kitProblems.internal_error('The image could not be looked at.', { cause: error });
  }
}
