import type { DoneReply, JobMessage } from '../engine/job-protocol.ts';
import { describeImage } from './describe-image.ts';
import { encodeImage } from './encode-image.ts';
import { openImage } from './open-image.ts';
import { planStages } from './plan-stages.ts';
import { transformImage } from './transform-image.ts';

/** One image from its file to its result's file. */
export async function runJob(job: JobMessage): Promise<Omit<DoneReply, 'rssBytes'>> {
  const { stages, grayscale, format } = planStages(job.operations);
  const type = format?.type ?? job.type;
  const image = await openImage(job, type);
  const description = job.describe
    ? await describeImage(job.inputPath, job.limits.maxInputPixels, image.metadata)
    : undefined;
  const { delay, loop = 0 } = image.metadata;
  const animation = image.frames > 1 && delay ? { delay, loop } : undefined;
  const result = await transformImage(image, stages, job.limits.maxOutputPixels);
  const encoding = { type, grayscale, quality: format?.quality, animation };
  const info = await encodeImage(result, encoding).toFile(job.outputPath);
  return {
    kind: 'done',
    format: type,
    width: info.width,
    height: info.height / image.frames,
    frames: image.frames,
    ...(description && { description }),
  };
}
