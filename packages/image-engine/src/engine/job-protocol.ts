import { z } from 'zod';
import { IMAGE_ERRORS, type ImageErrorCode } from '../image-error.ts';
import type { ImageLimits } from '../image-limits.ts';
import { IMAGE_TYPES, type ImageType } from '../image-type.ts';
import type { Operation } from '../operations.ts';

/** What the parent asks of a child; a child has one job at a time. */
export interface JobMessage {
  readonly inputPath: string;
  /** The file the child writes, already there and empty. */
  readonly outputPath: string;
  /** What the parent found the input to be. */
  readonly type: ImageType;
  readonly operations: readonly Operation[] | undefined;
  readonly limits: ImageLimits;
  readonly describe: boolean;
}

const count = z.int().min(0);
const errorCodes = Object.keys(IMAGE_ERRORS) as ImageErrorCode[];

const imageDescription = z.strictObject({
  type: z.string(),
  width: count,
  height: count,
  /** libvips' word: `srgb`, `b-w`, `cmyk`, `rgb16`, ... */
  colourSpace: z.string(),
  channels: count,
  /** Type of a sample: `uchar` (8 bits), `ushort` (16 bits), ... */
  depth: z.string(),
  pages: count,
  hasAlpha: z.boolean(),
  hasProfile: z.boolean(),
  /** EXIF orientation, 1 to 8; 1 where none is said. */
  orientation: count,
  /** Rows of characters, dark to light as ` .:-=+*#%@`. */
  preview: z.array(z.string()),
});

/** What the log may say about an input image. */
export type ImageDescription = z.infer<typeof imageDescription>;

/** What a child answers. It has looked at hostile bytes, so the parent checks its words. */
export const replySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({
    kind: z.literal('done'),
    format: z.enum(IMAGE_TYPES),
    width: count,
    height: count,
    frames: count,
    rssBytes: count,
    description: imageDescription.optional(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    code: z.enum(errorCodes),
    message: z.string().max(2_000),
    rssBytes: count,
  }),
]);

export type Reply = z.infer<typeof replySchema>;
export type DoneReply = Extract<Reply, { kind: 'done' }>;
