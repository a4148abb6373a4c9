export {
  ImageEngine,
  type ImageEngineOptions,
  type ImageRequest,
  type ImageResult,
} from './engine/image-engine.ts';
export type { ImageDescription } from './engine/job-protocol.ts';
export {
  acceptedType,
  type ImageIdentity,
  identifyChunks,
  identifyImage,
} from './identify/identify-image.ts';
export { SNIFF_BYTES } from './identify/sniff-type.ts';
export { IMAGE_ERRORS, ImageError, type ImageErrorCode } from './image-error.ts';
export { DEFAULT_IMAGE_LIMITS, type ImageLimits } from './image-limits.ts';
export { CONTENT_TYPES, IMAGE_TYPES, type ImageType } from './image-type.ts';
export { type Operation, operationSchema, operationsSchema, parseOperations } from './operations.ts';
