import type { Sharp } from 'sharp';
import type { PixelOperation, Stage } from './plan-stages.ts';

const TRANSPARENT = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * To sharp an animation is one image, its frames one below the other: it scales, blurs and sharpens across their borders, so that the
 * top of a frame shows a line of the bottom of the one before, and refuses to turn or flip it.
 */
const WITHIN_ONE_FRAME = new Set<PixelOperation['op']>([
  'resize',
  'thumbnail',
  'rotate',
  'flip',
  'blur',
  'sharpen',
]);

/** Whether sharp applies the pass rightly to all frames at once. */
export function keepsFramesApart(stage: Stage): boolean {
  return !stage.some(({ op }) => WITHIN_ONE_FRAME.has(op));
}

/** The pass as an animation needs it: what is done to each frame first, then `normalise`, which looks at all of them. */
export function splitForFrames(stage: Stage): readonly Stage[] {
  const isApart = ({ op }: PixelOperation): boolean => op !== 'normalise';
  if (keepsFramesApart(stage) || stage.every(isApart)) return [stage];
  return [stage.filter(isApart), stage.filter((operation) => !isApart(operation))];
}

export function applyStage(pipeline: Sharp, stage: Stage): Sharp {
  return stage.reduce(applyOperation, pipeline);
}

function applyOperation(pipeline: Sharp, operation: PixelOperation): Sharp {
  switch (operation.op) {
    case 'crop': {
      const { left, top, width, height } = operation;
      return pipeline.extract({ left, top, width, height });
    }
    case 'resize': {
      const { width, height, fit = 'cover' } = operation;
      return height === undefined
        ? pipeline.resize(width)
        : pipeline.resize(width, height, { fit, background: TRANSPARENT });
    }
    case 'thumbnail':
      return pipeline.resize(operation.size, operation.size, { fit: 'inside', withoutEnlargement: true });
    case 'rotate':
      return pipeline.rotate(operation.angle, { background: TRANSPARENT });
    case 'flip':
      return pipeline.flip();
    case 'flop':
      return pipeline.flop();
    case 'blur':
      return pipeline.blur(operation.sigma);
    case 'sharpen':
      return pipeline.sharpen();
    case 'normalise':
      return pipeline.normalise();
  }
}
