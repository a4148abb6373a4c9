import { z } from 'zod';
import { ImageError } from './image-error.ts';
import { IMAGE_TYPES } from './image-type.ts';

/** Longest side in pixels that an operation may ask for; WebP and AVIF hold no more than this. */
const MAX_SIDE = 16_383;
const MAX_OFFSET = 65_535;
const MAX_JSON_CHARACTERS = 16_384;

const side = z.int().min(1).max(MAX_SIDE);
const offset = z.int().min(0).max(MAX_OFFSET);

const resize = z.strictObject({
  op: z.literal('resize'),
  width: side,
  /** Left out, the aspect is kept. */
  height: side.optional(),
  /** How both sides are met, `cover` unless given; only of effect with a height. */
  fit: z.enum(['cover', 'contain', 'fill', 'inside', 'outside']).optional(),
});

const crop = z.strictObject({
  op: z.literal('crop'),
  left: offset,
  top: offset,
  width: z.int().min(1).max(MAX_OFFSET),
  height: z.int().min(1).max(MAX_OFFSET),
});

/** Degrees clockwise. By other than right angles the image grows to its bounding box; the corners are transparent or white. */
const rotate = z.strictObject({ op: z.literal('rotate'), angle: z.number().min(-360).max(360) });

const flip = z.strictObject({ op: z.literal('flip') });
const flop = z.strictObject({ op: z.literal('flop') });
const grayscale = z.strictObject({ op: z.literal('grayscale') });

/** Standard deviation of the Gaussian in pixels. */
const blur = z.strictObject({ op: z.literal('blur'), sigma: z.number().min(0.3).max(100) });

const sharpen = z.strictObject({ op: z.literal('sharpen') });
const normalise = z.strictObject({ op: z.literal('normalise') });

/** How the result is encoded, wherever in the list it stands; of several the last counts. */
const format = z.strictObject({
  op: z.literal('format'),
  type: z.enum(IMAGE_TYPES),
  quality: z.int().min(1).max(100).optional(),
});

export const operationSchema = z.discriminatedUnion('op', [
  resize,
  crop,
  rotate,
  flip,
  flop,
  grayscale,
  blur,
  sharpen,
  normalise,
  format,
]);

/**
 * The `operations` of an image job: 1 to 20, applied in order, unknown keys refused.
 *
 * An animation stays one where the result's type is GIF or WebP: every operation, turns included, is done to each of its frames, and
 * `normalise` to all of them together. For other types, and of a TIFF of several pages, the first is taken.
 */
export const operationsSchema = z.array(operationSchema).min(1).max(20);

export type Operation = z.infer<typeof operationSchema>;
export type FormatOperation = z.infer<typeof format>;

/**
 * Operations out of the JSON text of a form field.
 *
 * @throws ImageError `IMAGE_OPERATIONS_INVALID`; the message names each place that is wrong, as in `operations[2].angle: ...`.
 */
export function parseOperations(json: string): Operation[] {
  if (json.length > MAX_JSON_CHARACTERS) {
    throw invalid(`operations: more than ${MAX_JSON_CHARACTERS} characters`);
  }
  const parsed = operationsSchema.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`).join('; '));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('operations: not valid JSON');
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, key) => (typeof key === 'number' ? `${place}[${key}]` : `${place}.${String(key)}`),
    'operations',
  );
}

function invalid(message: string): ImageError {
  return new ImageError('IMAGE_OPERATIONS_INVALID', message);
}
