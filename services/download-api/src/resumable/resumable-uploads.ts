import { mkdir } from 'node:fs/promises';
import type { FileExchange, StoredFile } from '@pi-jobs/file-exchange';
import { FileExchangeError } from '@pi-jobs/file-exchange';
import type { RequestTools } from '@pi-jobs/http-kit';
import { Server, type Upload } from '@tus/server';
import { ResumableStore } from './resumable-store.ts';
import { CHECKSUM_ALGORITHMS, parseUploadChecksum } from './upload-checksum.ts';

export interface ResumableUploadsOptions {
  readonly exchange: Pick<FileExchange, 'admit'>;
  /** Takes a complete file from the same volume into the exchange, after its checks; doing it again for the same file changes nothing. */
  readonly adopt: (filename: string, path: string) => Promise<StoredFile>;
  /** Where unfinished uploads are; made when missing. */
  readonly folder: string;
  readonly maxBytes: number;
  /** An upload that is not finished by then is removed; 24 hours by default. */
  readonly expirationMs?: number;
  /** Bytes that uploads leave free on the volume; 64 MiB by default. */
  readonly reserveBytes?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const UNEXPECTED = { status_code: 500, body: 'The upload failed.\n' };
const UPLOAD_ID = /^[0-9a-f]{32}$/;

/**
 * tus 1.0 under `/files`. A finished upload goes through the exchange's checks and appears under the `filename` of its metadata; one that fails
 * them is removed, and the request that finished it says why.
 */
export class ResumableUploads {
  readonly #options: ResumableUploadsOptions;
  readonly #store: ResumableStore;
  readonly #server: Server;

  private constructor(options: ResumableUploadsOptions) {
    this.#options = options;
    this.#store = new ResumableStore(options.folder, {
      expirationMs: options.expirationMs ?? DAY_MS,
      reserveBytes: options.reserveBytes ?? 64 * 1024 * 1024,
    });
    this.#server = new Server({
      path: '/files',
      datastore: this.#store,
      maxSize: options.maxBytes,
      relativeLocation: true,
      // No page of another origin is let in.
      allowedOrigins: () => false,
      getFileIdFromRequest: (_request, last) =>
        last !== undefined && UPLOAD_ID.test(last) ? last : undefined,
      onUploadCreate: async (_request, upload) => {
        await refusing(options.exchange.admit(filenameOf(upload), declaredSizeOf(upload)));
        return {};
      },
      onIncomingRequest: async (request, id) => {
        this.#store.expectChecksum(id, parseUploadChecksum(request.headers.get('upload-checksum')));
        if (request.method === 'HEAD') await this.#finishInterrupted(id);
      },
      onUploadFinish: async (_request, upload) => {
        await this.#finish(upload.id, filenameOf(upload));
        return {};
      },
      // An error that is not tus's own may name a path of the host.
      onResponseError: (_request, error) => ('status_code' in error ? undefined : UNEXPECTED),
    });
  }

  static async open(options: ResumableUploadsOptions): Promise<ResumableUploads> {
    await mkdir(options.folder, { recursive: true });
    return new ResumableUploads(options);
  }

  /** Answers a request to `/files` or below. */
  async answer({ req, res }: Pick<RequestTools, 'req' | 'res'>): Promise<void> {
    if (req.method === 'OPTIONS') res.setHeader('Tus-Checksum-Algorithm', CHECKSUM_ALGORITHMS.join(','));
    await this.#server.handle(req, res);
  }

  /** Removes expired uploads; call it from time to time. */
  async sweep(): Promise<number> {
    return await this.#store.deleteExpired();
  }

  async #finish(id: string, filename: string): Promise<void> {
    try {
      await refusing(this.#options.adopt(filename, this.#store.pathOf(id)));
    } catch (error) {
      if (isRefusal(error)) await this.#store.discard(id);
      throw error;
    }
    await this.#store.markFinished(id);
  }

  /** All bytes came, but the service stopped before the file was in the exchange: the client that asks for the offset must not believe it is. */
  async #finishInterrupted(id: string): Promise<void> {
    const record = await this.#store.records.read(id);
    if (record === undefined || record.finished) return;
    const upload = await this.#store.getUpload(id);
    if (upload.offset === upload.size) await this.#finish(id, filenameOf(upload));
  }
}

function filenameOf(upload: Upload): string {
  const filename = upload.metadata?.['filename'];
  if (filename === undefined || filename === null)
    throw { status_code: 400, body: 'Upload-Metadata must have a filename\n' };
  return filename;
}

function declaredSizeOf(upload: Upload): { readonly declaredSize?: number } {
  return upload.size === undefined ? {} : { declaredSize: upload.size };
}

/** The exchange's errors in the form that tus answers with. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FileExchangeError)) throw error;
    throw { status_code: error.status, body: `${error.message}\n` };
  }
}

/** Will it be the same next time? A full disk will not. */
function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status_code' in error && error.status_code !== 507;
}
