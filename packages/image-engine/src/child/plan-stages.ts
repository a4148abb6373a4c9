import type { FormatOperation, Operation } from '../operations.ts';

/** The default: the longer side becomes `size` pixels, never enlarged. Not to be asked for by a client, hence no operation. */
export interface Thumbnail {
  readonly op: 'thumbnail';
  readonly size: number;
}

export type PixelOperation = Exclude<Operation, FormatOperation> | Thumbnail;

/** Operations that one pass through sharp applies in just this order. */
export type Stage = readonly PixelOperation[];

export interface Plan {
  readonly stages: readonly Stage[];
  /** The last `format`, if there was one. */
  readonly format: FormatOperation | undefined;
}

const THUMBNAIL: Thumbnail = { op: 'thumbnail', size: 512 };

/**
 * Cuts the list into passes. sharp applies what it was told in an order of its own, whatever the order of the calls: crop, grayscale,
 * resize, turns by right angles, flip, flop, other turns, blur, sharpen, normalise. So a pass takes operations as long as their order
 * is that one, and each pass costs one buffer of raw pixels; the usual lists are a single pass.
 */
export function planStages(operations: readonly Operation[] | undefined): Plan {
  const pixelOperations: PixelOperation[] = [];
  let format: FormatOperation | undefined;
  for (const operation of operations ?? [THUMBNAIL]) {
    if (operation.op === 'format') format = operation;
    else pixelOperations.push(operation);
  }
  return { stages: cutIntoStages(pixelOperations), format };
}

function cutIntoStages(operations: readonly PixelOperation[]): Stage[] {
  const stages: PixelOperation[][] = [];
  let lastRank = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const rank = rankOf(operation);
    if (rank > lastRank) stages.at(-1)?.push(operation);
    else stages.push([operation]);
    lastRank = rank;
  }
  return stages;
}

function rankOf(operation: PixelOperation): number {
  switch (operation.op) {
    case 'crop':
      return 0;
    case 'grayscale':
      return 1;
    case 'resize':
    case 'thumbnail':
      return 2;
    case 'rotate':
      return isRightAngle(operation.angle) ? 3 : 6;
    case 'flip':
      return 4;
    case 'flop':
      return 5;
    case 'blur':
      return 7;
    case 'sharpen':
      return 8;
    case 'normalise':
      return 9;
  }
}

export function isRightAngle(angle: number): boolean {
  return angle % 90 === 0;
}
