import { z } from 'zod';
import { ImageError } from './image-error.ts';
import { IMAGE_TYPES } from './image-type.ts';

/** Longest side in pixels that an operation may ask for; WebP and AVIF hold no more than this. */
const MAX_SIDE = 16_383;
const MAX_OFFSET = 65_535;
const MAX_JSON_CHARACTERS = 16_384;

/** For a schema's object: what is wrong with it as a whole. */
const words = {
  error: (issue: z.core.$ZodRawIssue): string =>
    issue.code === 'unrecognized_keys'
      ? `must not have the key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
      : 'must be an object',
};

function integer(min: number, max: number) {
  const error = `must be an integer from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function number(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

function oneOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

const side = integer(1, MAX_SIDE);
const offset = integer(0, MAX_OFFSET);

const resize = z.strictObject(
  {
    op: z.literal('resize'),
    width: side,
    /** Left out, the aspect is kept. */
    height: side.optional(),
    /** How both sides are met, `cover` unless given; only of effect with a height. */
    fit: oneOf(['cover', 'contain', 'fill', 'inside', 'outside']).optional(),
  },
  words,
);

const crop = z.strictObject(
  {
    op: z.literal('crop'),
    left: offset,
    top: offset,
    width: integer(1, MAX_OFFSET),
    height: integer(1, MAX_OFFSET),
  },
  words,
);

/** Degrees clockwise. By other than right angles the image grows to its bounding box; the corners are transparent or white. */
const rotate = z.strictObject({ op: z.literal('rotate'), angle: number(-360, 360) }, words);

const flip = z.strictObject({ op: z.literal('flip') }, words);
const flop = z.strictObject({ op: z.literal('flop') }, words);
const grayscale = z.strictObject({ op: z.literal('grayscale') }, words);

/** Standard deviation of the Gaussian in pixels. */
const blur = z.strictObject({ op: z.literal('blur'), sigma: number(0.3, 100) }, words);

const sharpen = z.strictObject({ op: z.literal('sharpen') }, words);
const normalise = z.strictObject({ op: z.literal('normalise') }, words);

/** How the result is encoded, wherever in the list it stands; of several the last counts. */
const format = z.strictObject(
  {
    op: z.literal('format'),
    type: oneOf(IMAGE_TYPES),
    quality: integer(1, 100).optional(),
  },
  words,
);

const operations = [resize, crop, rotate, flip, flop, grayscale, blur, sharpen, normalise, format] as const;
const names = operations.map(({ shape }) => shape.op.value).join(', ');

export const operationSchema = z.discriminatedUnion('op', operations, {
  error: ({ code }) => (code === 'invalid_union' ? `must be one of ${names}` : 'must be an object'),
});

/**
 * The `operations` of an image job: 1 to 20, applied in order, unknown keys refused.
 *
 * An animation stays one where the result's type is GIF or WebP: every operation, turns included, is done to each of its frames, and
 * `normalise` to all of them together. For other types, and of a TIFF of several pages, the first is taken.
 */
const count = { error: 'must be an array of 1 to 20 operations' };
export const operationsSchema = z.array(operationSchema, count).min(1, count).max(20, count);

export type Operation = z.infer<typeof operationSchema>;
export type FormatOperation = z.infer<typeof format>;

/**
 * Operations out of the JSON text of a form field.
 *
 * @throws ImageError `IMAGE_OPERATIONS_INVALID`; the message names each place that is wrong, as in `operations[2].angle must be ...`.
 */
export function parseOperations(json: string): Operation[] {
  if (json.length > MAX_JSON_CHARACTERS) {
    throw invalid(`operations must have at most ${MAX_JSON_CHARACTERS} characters`);
  }
  const parsed = operationsSchema.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(({ path, message }) => `${placeOf(path)} ${message}`).join('; '));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('operations must be valid JSON');
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
