import { expect, test } from 'vitest';
import { ImageError } from './image-error.ts';
import { parseOperations } from './operations.ts';

const failure = (json: string): string => {
  try {
    parseOperations(json);
  } catch (error) {
    if (error instanceof ImageError && error.code === 'IMAGE_OPERATIONS_INVALID') return error.message;
    throw error;
  }
  throw new Error(`accepted: ${json}`);
};

test('every operation is read as it is written', () => {
  const operations = [
    { op: 'resize', width: 300 },
    { op: 'resize', width: 300, height: 200, fit: 'contain' },
    { op: 'crop', left: 0, top: 10, width: 100, height: 50 },
    { op: 'rotate', angle: -22.5 },
    { op: 'flip' },
    { op: 'flop' },
    { op: 'grayscale' },
    { op: 'blur', sigma: 1.5 },
    { op: 'sharpen' },
    { op: 'normalise' },
    { op: 'format', type: 'webp', quality: 80 },
    { op: 'format', type: 'png' },
  ];
  expect(parseOperations(JSON.stringify(operations))).toEqual(operations);
});

test.each([
  ['not JSON', '[{"op":"flip"}', 'operations must be valid JSON'],
  ['an object', '{"op":"flip"}', 'operations must be an array of 1 to 20 operations'],
  ['an empty list', '[]', 'operations must be an array of 1 to 20 operations'],
  [
    '21 operations',
    JSON.stringify(Array(21).fill({ op: 'flip' })),
    'operations must be an array of 1 to 20 operations',
  ],
  ['a text for an operation', '["flip"]', 'operations[0] must be an object'],
  [
    'an unknown operation',
    '[{"op":"flip"},{"op":"explode"}]',
    'operations[1].op must be one of resize, crop, rotate, flip, flop, grayscale, blur, sharpen, normalise, format',
  ],
  ['an unknown key', '[{"op":"flip","angle":3}]', 'operations[0] must not have the key "angle"'],
  [
    'a missing width',
    '[{"op":"resize","height":3}]',
    'operations[0].width must be an integer from 1 to 16383',
  ],
  ['no pixels', '[{"op":"resize","width":0}]', 'operations[0].width must be an integer from 1 to 16383'],
  ['half a pixel', '[{"op":"resize","width":1.5}]', 'operations[0].width must be an integer from 1 to 16383'],
  [
    'a text for a number',
    '[{"op":"resize","width":"300"}]',
    'operations[0].width must be an integer from 1 to 16383',
  ],
  [
    'too many pixels',
    '[{"op":"resize","width":16384}]',
    'operations[0].width must be an integer from 1 to 16383',
  ],
  [
    'a fit that is none',
    '[{"op":"resize","width":5,"height":5,"fit":"tight"}]',
    'operations[0].fit must be one of cover, contain, fill, inside, outside',
  ],
  [
    'a negative offset',
    '[{"op":"crop","left":-1,"top":0,"width":1,"height":1}]',
    'operations[0].left must be an integer from 0 to 65535',
  ],
  [
    'more than a full turn',
    '[{"op":"rotate","angle":361}]',
    'operations[0].angle must be a number from -360 to 360',
  ],
  [
    'an infinite turn',
    '[{"op":"rotate","angle":1e999}]',
    'operations[0].angle must be a number from -360 to 360',
  ],
  [
    'a blur as wide as a house',
    '[{"op":"blur","sigma":1000}]',
    'operations[0].sigma must be a number from 0.3 to 100',
  ],
  [
    'a type that is not made',
    '[{"op":"format","type":"bmp"}]',
    'operations[0].type must be one of jpeg, png, webp, avif, gif, tiff',
  ],
  [
    'a quality of 0',
    '[{"op":"format","type":"jpeg","quality":0}]',
    'operations[0].quality must be an integer from 1 to 100',
  ],
  ['a megabyte', JSON.stringify([{ op: 'x'.repeat(1e6) }]), 'operations must have at most 16384 characters'],
])('%s is refused with the place that is wrong', (_what, json, message) => {
  expect(failure(json)).toBe(message);
});
