import { expect, test } from 'vitest';
import { ImageError } from '../image-error.ts';
import { explainFailure } from './explain-failure.ts';

const PATHS = ['/data/input/1', '/data/output/1'];

test.each([
  ['Input image exceeds pixel limit', 'IMAGE_TOO_LARGE'],
  ['Processed image is too large for the WebP format', 'IMAGE_OPERATIONS_INVALID'],
  ['extract_area: bad extract area', 'IMAGE_OPERATIONS_INVALID'],
  ['vips__write: write failed\nunix error: No space left on device', 'IMAGE_STORAGE_FAILED'],
  ['out of memory --- size == 400MB', 'IMAGE_OUT_OF_MEMORY'],
  ['VipsJpeg: premature end of JPEG image', 'IMAGE_DAMAGED'],
])('what sharp words as "%s" is %s', (message, code) => {
  expect(explainFailure(new Error(message), PATHS).code).toBe(code);
});

test('the message shows no path of the host and only what failed at last', () => {
  const error = new Error('first\n/data/input/1: bad seek to 12\n/data/output/1: bad header.\n');
  expect(explainFailure(error, PATHS).message).toBe(
    'The image is damaged: the file: bad seek to 12; the file: bad header.',
  );
});

test('an error that has a code already stays as it is', () => {
  const error = new ImageError('IMAGE_TIMEOUT', 'slow');
  expect(explainFailure(error, PATHS)).toBe(error);
});
