import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operation } from '../operations.ts';
import { planStages } from './plan-stages.ts';

const names = (operations: readonly Operation[]): string[][] =>
  planStages(operations).stages.map((stage) => stage.map(({ op }) => op));

test('without operations the plan is a thumbnail', () => {
  expect(planStages(undefined)).toEqual({
    stages: [[{ op: 'thumbnail', size: 512 }]],
    grayscale: false,
    format: undefined,
  });
});

test('operations in the order that sharp has are one pass', () => {
  expect(
    names([
      { op: 'crop', left: 0, top: 0, width: 9, height: 9 },
      { op: 'resize', width: 5 },
      { op: 'blur', sigma: 1 },
    ]),
  ).toEqual([['crop', 'resize', 'blur']]);
  expect(names([{ op: 'flip' }, { op: 'rotate', angle: 90 }, { op: 'sharpen' }])).toEqual([
    ['flip', 'rotate', 'sharpen'],
  ]);
});

test('an operation that sharp would do earlier begins a pass', () => {
  expect(names([{ op: 'rotate', angle: 90 }, { op: 'flip' }, { op: 'resize', width: 5 }])).toEqual([
    ['rotate'],
    ['flip'],
    ['resize'],
  ]);
});

test('of the same operation there is one in a pass', () => {
  expect(
    names([
      { op: 'rotate', angle: 90 },
      { op: 'rotate', angle: 5 },
    ]),
  ).toEqual([['rotate'], ['rotate']]);
});

test('a turn or a mirroring after a resize begins a pass', () => {
  expect(names([{ op: 'resize', width: 5 }, { op: 'flop' }, { op: 'rotate', angle: 5 }])).toEqual([
    ['resize'],
    ['flop', 'rotate'],
  ]);
});

test('what follows transparent borders begins a pass', () => {
  expect(
    names([
      { op: 'rotate', angle: 5 },
      { op: 'blur', sigma: 1 },
      { op: 'resize', width: 5, height: 9, fit: 'contain' },
      { op: 'normalise' },
    ]),
  ).toEqual([['rotate'], ['blur'], ['resize'], ['normalise']]);
});

test('the last format counts, wherever it stands, and is no pass', () => {
  const plan = planStages([
    { op: 'format', type: 'png' },
    { op: 'flip' },
    { op: 'format', type: 'gif', quality: 3 },
  ]);
  expect(plan).toEqual({
    stages: [[{ op: 'flip' }]],
    grayscale: false,
    format: { op: 'format', type: 'gif', quality: 3 },
  });
  expect(planStages([{ op: 'format', type: 'png' }]).stages).toEqual([]);
});

test('grayscale is no pass either', () => {
  expect(planStages([{ op: 'flip' }, { op: 'grayscale' }, { op: 'flop' }])).toEqual({
    stages: [[{ op: 'flip' }, { op: 'flop' }]],
    grayscale: true,
    format: undefined,
  });
});

test('no operation is lost, doubled or moved past another', () => {
  const operation = fc.constantFrom<Operation[]>(
    { op: 'flip' },
    { op: 'flop' },
    { op: 'rotate', angle: 90 },
    { op: 'rotate', angle: 10 },
    { op: 'resize', width: 7 },
    { op: 'sharpen' },
    { op: 'normalise' },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      expect(planStages(operations).stages.flat()).toEqual(operations);
    }),
  );
});
