import { Readable } from 'node:stream';
import type { RequestTools } from '@pi-jobs/http-kit';
import multer from 'multer';
import { fileProblems } from '../file-problems.ts';
import { multipartLimits } from './multipart-limits.ts';
import { problemFromMultipartError } from './problem-from-multipart-error.ts';

/** Where the bytes of a file go. */
export interface UploadSink {
  /** Awaited before the next chunk. */
  write(chunk: Uint8Array): Promise<void>;
  /** Removes what was written. Called when anything goes wrong, perhaps more than once. */
  abort(): Promise<void>;
}

export interface MultipartOptions<Upload extends UploadSink> {
  /** Name of the part with the file; `file` by default. */
  readonly part?: string;
  /** Largest file in bytes. */
  readonly maxBytes: number;
  /** Largest text field in bytes; 1024 by default. */
  readonly maxFieldBytes?: number;
  /** Ends the wait for a body that does not come; what `begin` started must end with it too. */
  readonly signal: AbortSignal;
  /** Called with the file's name as the client gave it. */
  readonly begin: (filename: string) => Promise<Upload>;
}

export interface ReceivedForm<Upload> {
  readonly upload: Upload;
  /** The text fields; one that came several times has all its values, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** As `receiveForm`, for bodies whose text fields nobody reads. */
export async function receiveMultipart<Upload extends UploadSink>(
  tools: Pick<RequestTools, 'req' | 'res'>,
  options: MultipartOptions<Upload>,
): Promise<Upload> {
  return (await receiveForm(tools, options)).upload;
}

/**
 * Reads a multipart body with one file and returns its upload with all its bytes, not committed yet: only the body's proper end says
 * that there is no second file. Throws a problem, or what the upload threw, as soon as it is certain; the rest of the body is then
 * left unread. No upload stays open behind an error.
 */
export async function receiveForm<Upload extends UploadSink>(
  tools: Pick<RequestTools, 'req' | 'res'>,
  options: MultipartOptions<Upload>,
): Promise<ReceivedForm<Upload>> {
  const storage = new UploadStorage(options.begin);
  try {
    await Promise.race([parse(tools, storage, options), storage.failed, aborted(options.signal)]);
    const [upload] = storage.uploads;
    if (upload === undefined) throw fileProblems.no_file('The request has no file.');
    return { upload, fields: textFields(tools.req.body) };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function parse<Upload extends UploadSink>(
  { req, res }: Pick<RequestTools, 'req' | 'res'>,
  storage: UploadStorage<Upload>,
  { part = 'file', maxBytes, maxFieldBytes = 1024 }: MultipartOptions<Upload>,
): Promise<void> {
  const receive = multer({
    storage,
    limits: multipartLimits(maxBytes, maxFieldBytes),
    fileFilter: (_req, file, done) => {
      if (file.fieldname === part) done(null, true);
      else
        done(
          fileProblems.no_file(
            `The file must be in the part named "${part}", not "${file.fieldname.slice(0, 100)}".`,
          ),
        );
    },
    // Names are taken as they are and refused where they cannot be: nothing is cut off a path.
    preservePath: true,
    defParamCharset: 'utf8',
  }).any();
  const type = req.headers['content-type'];
  // A parameter may be empty (RFC 9110, 5.6.6); the parser would take the form for none.
  if (type !== undefined) req.headers['content-type'] = withoutEmptyParameters(type);
  return new Promise((resolve, reject) => {
    receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(problemFromMultipartError(error));
    });
  });
}

function withoutEmptyParameters(mediaType: string): string {
  return mediaType
    .split(';')
    .filter((parameter) => parameter.trim() !== '')
    .join(';');
}

function textFields(body: unknown): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, [value].flat().map(String)]));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Streams files into uploads. Its errors do not wait for the parser, which tells of one only when the client has sent everything. */
class UploadStorage<Upload extends UploadSink> implements multer.StorageEngine {
  readonly uploads: Upload[] = [];
  readonly failed: Promise<never>;
  readonly #begin: MultipartOptions<Upload>['begin'];
  #isClosed = false;
  #fail: (error: unknown) => void = () => undefined;

  constructor(begin: MultipartOptions<Upload>['begin']) {
    this.#begin = begin;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // When nobody waits for it any more the request has been answered.
    this.failed.catch(() => undefined);
  }

  _handleFile(
    _req: unknown,
    file: Express.Multer.File,
    done: (error?: unknown, info?: Partial<Express.Multer.File>) => void,
  ): void {
    this.#take(file).then(
      () => done(null, {}),
      (error: unknown) => {
        this.#fail(error);
        done(error);
      },
    );
  }

  _removeFile(_req: unknown, _file: Express.Multer.File, done: (error: Error | null) => void): void {
    this.close().then(() => done(null), done);
  }

  /** Aborts every upload, those too that are only about to begin. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.uploads.map((upload) => upload.abort()));
  }

  async #take(file: Express.Multer.File): Promise<void> {
    const upload = await this.#begin(file.originalname);
    this.uploads.push(upload);
    if (this.#isClosed) await upload.abort();
    // The parser's own stream is left whole on an error: destroying it would tear down the request.
    for await (const chunk of Readable.prototype.iterator.call(file.stream, { destroyOnReturn: false }))
      await upload.write(chunk);
  }
}
