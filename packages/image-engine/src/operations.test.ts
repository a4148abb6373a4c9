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
  ['not JSON', '[{"op":"flip"}', 'operations: not valid JSON'],
  ['an object', '{"op":"flip"}', 'operations: Invalid input: expected array'],
  ['an empty list', '[]', 'operations: Too small'],
  ['21 operations', JSON.stringify(Array(21).fill({ op: 'flip' })), 'operations: Too big'],
  [
    'an unknown operation',
    '[{"op":"flip"},{"op":"explode"}]',
    'operations[1].op: Invalid discriminator value',
  ],
  ['an unknown key', '[{"op":"flip","angle":3}]', 'operations[0]: Unrecognized key: "angle"'],
  ['a missing width', '[{"op":"resize","height":3}]', 'operations[0].width: '],
  ['no pixels', '[{"op":"resize","width":0}]', 'operations[0].width: Too small'],
  ['half a pixel', '[{"op":"resize","width":1.5}]', 'operations[0].width: '],
  ['a text for a number', '[{"op":"resize","width":"300"}]', 'operations[0].width: '],
  ['too many pixels', '[{"op":"resize","width":16384}]', 'operations[0].width: Too big'],
  [
    'a negative offset',
    '[{"op":"crop","left":-1,"top":0,"width":1,"height":1}]',
    'operations[0].left: Too small',
  ],
  ['more than a full turn', '[{"op":"rotate","angle":361}]', 'operations[0].angle: Too big'],
  ['an infinite turn', '[{"op":"rotate","angle":1e999}]', 'operations[0].angle: '],
  ['a blur as wide as a house', '[{"op":"blur","sigma":1000}]', 'operations[0].sigma: Too big'],
  ['a type that is not made', '[{"op":"format","type":"bmp"}]', 'operations[0].type: Invalid option'],
  ['a quality of 0', '[{"op":"format","type":"jpeg","quality":0}]', 'operations[0].quality: Too small'],
  ['a megabyte', JSON.stringify([{ op: 'x'.repeat(1e6) }]), 'operations: more than 16384 characters'],
])('%s is refused with the place that is wrong', (_what, json, message) => {
  expect(failure(json)).toContain(message);
});
