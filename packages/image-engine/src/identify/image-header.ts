import { ImageError } from '../image-error.ts';

/** What a type's header says before anything is decoded. */
export interface ImageHeader {
  /** Pixels, as stored: before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Pages or frames where the header tells them cheaply. */
  readonly pages?: number;
}

export function damaged(what: string): ImageError {
  return new ImageError('IMAGE_DAMAGED', `The image is damaged: ${what}.`);
}
