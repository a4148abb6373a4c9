/** What one image may cost. Every number is an upper bound; reaching it is still allowed. */
export interface ImageLimits {
  /** Bytes of the uploaded file. */
  readonly maxInputBytes: number;
  /** Pixels of the decoded input, all frames together. */
  readonly maxInputPixels: number;
  /** Pixels of the image after each operation, all frames together. */
  readonly maxOutputPixels: number;
  /** Frames of an animation, pages of a TIFF. */
  readonly maxFrames: number;
  /** Bytes of the encoded result. */
  readonly maxOutputBytes: number;
  /** Milliseconds from the moment a child takes the image to its result; waiting for a free child does not count. */
  readonly timeoutMs: number;
  /** Resident memory of the child in bytes, the 60 MB or so that an idle one takes included. */
  readonly maxRssBytes: number;
}

export const DEFAULT_IMAGE_LIMITS: ImageLimits = {
  maxInputBytes: 128 * 1024 * 1024,
  maxInputPixels: 100_000_000,
  maxOutputPixels: 100_000_000,
  maxFrames: 500,
  maxOutputBytes: 256 * 1024 * 1024,
  timeoutMs: 60_000,
  maxRssBytes: 1024 * 1024 * 1024,
};
