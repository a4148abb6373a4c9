import { Readable } from 'node:stream';
import type { FileUpload } from '@pi-jobs/file-exchange';
import type { RequestTools } from '@pi-jobs/http-kit';
import multer from 'multer';
import { fileProblems } from './file-problems.ts';
import { multipartLimits } from './multipart-limits.ts';
import { problemFromMultipartError } from './problem-from-multipart-error.ts';

export interface MultipartOptions {
  /** Largest file in bytes. */
  readonly maxBytes: number;
  /** Ends the wait for a body that does not come; what `begin` started must end with it too. */
  readonly signal: AbortSignal;
  /** Called with the file's name as the client gave it. */
  readonly begin: (filename: string) => Promise<FileUpload>;
}

/**
 * Reads a multipart body with one file, part `file`, and returns its upload with all its bytes, not committed yet: only the body's proper end
 * says that there is no second file. Throws a problem, or what the upload threw, as soon as it is certain; the rest of the body is
 * then left unread. No upload stays open behind an error.
 */
export async function receiveMultipart(
  tools: Pick<RequestTools, 'req' | 'res'>,
  options: MultipartOptions,
): Promise<FileUpload> {
  const storage = new UploadStorage(options.begin);
  try {
    await Promise.race([parse(tools, storage, options.maxBytes), storage.failed, aborted(options.signal)]);
    const [upload] = storage.uploads;
    if (upload === undefined) throw fileProblems.no_file('The request has no file.');
    return upload;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function parse(
  { req, res }: Pick<RequestTools, 'req' | 'res'>,
  storage: UploadStorage,
  maxBytes: number,
): Promise<void> {
  const receive = multer({
    storage,
    limits: multipartLimits(maxBytes),
    fileFilter: (_req, file, done) => {
      if (file.fieldname === 'file') done(null, true);
      else
        done(
          fileProblems.no_file(
            `The file must be in the part named "file", not "${file.fieldname.slice(0, 100)}".`,
          ),
        );
    },
    // Names are taken as they are and refused where they cannot be: nothing is cut off a path.
    preservePath: true,
    defParamCharset: 'utf8',
  }).any();
  return new Promise((resolve, reject) => {
    receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(problemFromMultipartError(error));
    });
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Streams files into uploads. Its errors do not wait for the parser, which tells of one only when the client has sent everything. */
class UploadStorage implements multer.StorageEngine {
  readonly uploads: FileUpload[] = [];
  readonly failed: Promise<never>;
  readonly #begin: MultipartOptions['begin'];
  #isClosed = false;
  #fail: (error: unknown) => void = () => undefined;

  constructor(begin: MultipartOptions['begin']) {
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
