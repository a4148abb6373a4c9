import { ImageError } from '../image-error.ts';
import { isRightAngle, type PixelOperation } from './plan-stages.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of one frame after an operation, one pixel off at most where libvips rounds a half the other way; for turns by other than
 * right angles it is the bounding box rounded up.
 *
 * @throws ImageError `IMAGE_OPERATIONS_INVALID` for a crop that reaches beyond the image.
 */
export function measureOperation(operation: PixelOperation, size: Size): Size {
  switch (operation.op) {
    case 'crop':
      assertInside(operation, size);
      return { width: operation.width, height: operation.height };
    case 'resize':
      return measureResize(operation, size);
    case 'thumbnail':
      return scale(size, Math.min(1, operation.size / Math.max(size.width, size.height)));
    case 'rotate':
      return measureRotate(operation.angle, size);
    default:
      return size;
  }
}

function assertInside(crop: PixelOperation & { op: 'crop' }, { width, height }: Size): void {
  if (crop.left + crop.width <= width && crop.top + crop.height <= height) return;
  throw new ImageError(
    'IMAGE_OPERATIONS_INVALID',
    `crop: ${crop.width} x ${crop.height} at ${crop.left}, ${crop.top} reaches beyond the image, which is ${width} x ${height} there.`,
  );
}

function measureResize({ width, height, fit }: PixelOperation & { op: 'resize' }, size: Size): Size {
  if (height === undefined) return scale(size, width / size.width);
  const ratios = [width / size.width, height / size.height];
  if (fit === 'inside') return scale(size, Math.min(...ratios));
  if (fit === 'outside') return scale(size, Math.max(...ratios));
  return { width, height };
}

function scale({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

function measureRotate(angle: number, { width, height }: Size): Size {
  if (isRightAngle(angle)) return angle % 180 === 0 ? { width, height } : { width: height, height: width };
  const radians = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  return {
    width: Math.ceil(width * cos + height * sin) + 1,
    height: Math.ceil(width * sin + height * cos) + 1,
  };
}
