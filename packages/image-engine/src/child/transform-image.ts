import type { Sharp } from 'sharp';
import { ImageError } from '../image-error.ts';
import { applyStage, keepsFramesApart, splitForFrames } from './apply-stage.ts';
import { measureOperation, type Size } from './measure-operation.ts';
import {
  frameOf,
  fromPixels,
  joinFrames,
  type PixelSource,
  type RawPixels,
  readPixels,
} from './pixel-source.ts';
import type { Stage } from './plan-stages.ts';

/**
 * Runs the passes one after the other and hands over the pipeline whose output is the result, not started yet. A still image in one
 * pass, and an animation in one pass that sharp does for all frames at once, stream from the file; everything else goes through raw
 * pixels, frame by frame where it must.
 *
 * @throws ImageError `IMAGE_OPERATIONS_INVALID` or `IMAGE_TOO_LARGE`, before the pass in question decodes anything.
 */
export async function transformImage(
  input: PixelSource,
  planned: readonly Stage[],
  maxOutputPixels: number,
): Promise<Sharp> {
  const stages = input.frames > 1 ? planned.flatMap(splitForFrames) : planned;
  let source = input;
  for (const [index, stage] of stages.entries()) {
    assertSizes(stage, source, maxOutputPixels);
    if (source.frames > 1 && !keepsFramesApart(stage)) {
      source = fromPixels(await transformFrames(await readPixels(source.open(), source.frames), stage));
    } else {
      const pipeline = applyStage(source.open(), stage);
      if (index === stages.length - 1) return pipeline;
      source = fromPixels(await readPixels(pipeline, source.frames));
    }
  }
  return source.open();
}

async function transformFrames(pixels: RawPixels, stage: Stage): Promise<RawPixels> {
  const frames: RawPixels[] = [];
  for (let index = 0; index < pixels.frames; index += 1) {
    frames.push(await readPixels(applyStage(fromPixels(frameOf(pixels, index)).open(), stage), 1));
  }
  return joinFrames(frames);
}

function assertSizes(stage: Stage, { width, height, frames }: PixelSource, maxOutputPixels: number): void {
  let size: Size = { width, height };
  for (const operation of stage) {
    size = measureOperation(operation, size);
    if (size.width * size.height * frames > maxOutputPixels) {
      const what = `${size.width} x ${size.height}${frames > 1 ? ` in ${frames} frames` : ''}`;
      throw new ImageError(
        'IMAGE_TOO_LARGE',
        `${operation.op} would make the image ${what}, at most ${maxOutputPixels} pixels are made.`,
      );
    }
  }
}
