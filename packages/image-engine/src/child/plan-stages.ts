import type { FormatOperation, Operation } from '../operations.ts';

/** The default: the longer side becomes `size` pixels, never enlarged. Not to be asked for by a client, hence no operation. */
export interface Thumbnail {
  readonly op: 'thumbnail';
  readonly size: number;
}

/** What a pass does to the pixels. */
export type PixelOperation = Exclude<Operation, FormatOperation | { op: 'grayscale' }> | Thumbnail;

/** Operations that one pass through sharp applies in just this order. */
export type Stage = readonly PixelOperation[];

export interface Plan {
  readonly stages: readonly Stage[];
  /**
   * Whether the result is gray. It is made so when it is encoded, wherever in the list that stands: gray raw pixels would lose their
   * transparency on the way to the next pass, and every other operation leaves luminance to itself.
   */
  readonly grayscale: boolean;
  /** The last `format`, if there was one. */
  readonly format: FormatOperation | undefined;
}

const THUMBNAIL: Thumbnail = { op: 'thumbnail', size: 512 };

/**
 * Cuts the list into passes. sharp applies what it was told in an order of its own, whatever the order of the calls: crop, resize,
 * flip, flop, turns by right angles, other turns, blur, sharpen, normalise. So a pass takes operations as long as their order is that
 * one, and each pass costs one buffer of raw pixels; the usual lists are a single pass. After a resize a turn or a mirroring begins
 * another one, because sharp would put it between the scaling and the cutting to size that `fit` asks for; so does anything after an
 * operation that brings transparent borders, because sharp would blur their black into an image that had no transparency before.
 */
export function planStages(operations: readonly Operation[] | undefined): Plan {
  const pixelOperations: PixelOperation[] = [];
  let grayscale = false;
  let format: FormatOperation | undefined;
  for (const operation of operations ?? [THUMBNAIL]) {
    if (operation.op === 'format') format = operation;
    else if (operation.op === 'grayscale') grayscale = true;
    else pixelOperations.push(operation);
  }
  return { stages: cutIntoStages(pixelOperations), grayscale, format };
}

function cutIntoStages(operations: readonly PixelOperation[]): Stage[] {
  const stages: PixelOperation[][] = [];
  for (const operation of operations) {
    const stage = stages.at(-1);
    if (stage && mayFollow(operation, stage)) stage.push(operation);
    else stages.push([operation]);
  }
  return stages;
}

function mayFollow(operation: PixelOperation, stage: Stage): boolean {
  const rank = rankOf(operation);
  const isTurn = rank >= RANKS.flip && rank <= SLANTED;
  return stage.every((earlier) => {
    const earlierRank = rankOf(earlier);
    if (isTurn && earlierRank === RANKS.resize) return false;
    return earlierRank < rank && earlier.op !== operation.op && !bringsTransparency(earlier);
  });
}

function bringsTransparency(operation: PixelOperation): boolean {
  return rankOf(operation) === SLANTED || (operation.op === 'resize' && operation.fit === 'contain');
}

const RANKS = {
  crop: 0,
  resize: 1,
  thumbnail: 1,
  flip: 2,
  flop: 3,
  rotate: 4,
  blur: 6,
  sharpen: 7,
  normalise: 8,
} as const satisfies Record<PixelOperation['op'], number>;
/** Where `rotate` stands when its angle is no right one. */
const SLANTED = 5;

function rankOf(operation: PixelOperation): number {
  if (operation.op === 'rotate' && !isRightAngle(operation.angle)) return SLANTED;
  return RANKS[operation.op];
}

export function isRightAngle(angle: number): boolean {
  return angle % 90 === 0;
}
