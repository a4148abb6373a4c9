import { fileProblems, receiveForm } from '@pi-jobs/http-files';
import type { RequestTools } from '@pi-jobs/http-kit';
import {
  DEFAULT_IMAGE_LIMITS,
  type ImageIdentity,
  type Operation,
  parseOperations,
} from '@pi-jobs/image-engine';
import { watchTransfer } from '../transfers/idle-limit.ts';
import { imageProblems } from './image-problems.ts';
import { StagedImage } from './staged-image.ts';

/** Several times what twenty operations take. */
const OPERATIONS_BYTES = 64 * 1024;
/** Boundaries and part heads around an image of the largest size. */
const ENVELOPE_BYTES = OPERATIONS_BYTES + 64 * 1024;

export interface ReceivedImage {
  readonly staged: StagedImage;
  readonly identity: ImageIdentity;
  readonly operations: readonly Operation[] | undefined;
}

export interface ImageIntake {
  /** Folder for uploads on their way in. */
  readonly stagingFolder: string;
  /** Largest image in bytes. */
  readonly maxBytes: number;
}

/** The bounds that hold for images in any case. */
export function imageIntake(stagingFolder: string, maxUploadBytes: number): ImageIntake {
  return { stagingFolder, maxBytes: Math.min(maxUploadBytes, DEFAULT_IMAGE_LIMITS.maxInputBytes) };
}

/** Reads a form with the part `image` and perhaps the field `operations`, and looks at both; nothing stays behind an error. */
export async function receiveImage(
  { req, res, signal, draining }: Pick<RequestTools, 'req' | 'res' | 'signal' | 'draining'>,
  { stagingFolder, maxBytes }: ImageIntake,
): Promise<ReceivedImage> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes + ENVELOPE_BYTES) {
    throw fileProblems.file_too_large(`The image is larger than ${maxBytes} bytes.`, {
      members: { limit_bytes: maxBytes },
    });
  }
  using idle = watchTransfer(req, () => undefined, draining);
  const { upload: staged, fields } = await receiveForm(
    { req, res },
    {
      part: 'image',
      maxBytes,
      maxFieldBytes: OPERATIONS_BYTES,
      signal: AbortSignal.any([signal, idle.signal]),
      begin: () => StagedImage.create(stagingFolder),
    },
  );
  try {
    const operations = readOperations(fields);
    return { staged, identity: await staged.identify(maxBytes), operations };
  } catch (error) {
    await staged.abort();
    throw error;
  }
}

function readOperations(fields: ReadonlyMap<string, readonly string[]>): Operation[] | undefined {
  const unknown = [...fields.keys()].find((name) => name !== 'operations');
  if (unknown !== undefined) {
    throw imageProblems.invalid_operations(`There is no field ${JSON.stringify(unknown)}.`);
  }
  const [json, ...more] = fields.get('operations') ?? [];
  if (more.length > 0) throw imageProblems.invalid_operations('The field operations came more than once.');
  return json === undefined ? undefined : parseOperations(json);
}
