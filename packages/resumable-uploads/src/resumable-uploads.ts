import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FileExchange, FileExchangeError } from '@pi-jobs/file-exchange';
import { Server, type Upload } from '@tus/server';
import type { ResumableStore } from './resumable-store.ts';
import {
  answerRequest,
  CHECKSUM_ALGORITHMS,
  expectChecksum,
  parseUploadChecksum,
} from './upload-checksum.ts';

export interface ResumableUploadsOptions {
  readonly exchange: Pick<FileExchange, 'admit'>;
  /** Where bytes gather until they are complete, and from where they go into the exchange. */
  readonly store: ResumableStore;
  readonly maxBytes: number;
}

const UNEXPECTED = { status_code: 500, body: 'The upload failed.\n' };
const PATH = '/files';
const UPLOAD_ID = /^[0-9a-f]{32}$/;

interface RequestAndResponse {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/**
 * tus 1.0 under `/files`. A finished upload goes through the exchange's checks and appears under the `filename` of its metadata; one that fails
 * them is removed, and the request that finished it says why.
 */
export class ResumableUploads {
  readonly #store: ResumableStore;
  readonly #server: Server;

  constructor({ exchange, store, maxBytes }: ResumableUploadsOptions) {
    this.#store = store;
    this.#server = new Server({
      path: PATH,
      datastore: store,
      maxSize: maxBytes,
      // No page of another origin is let in.
      allowedOrigins: () => false,
      namingFunction: () => store.idPrefix + randomBytes(16).toString('hex'),
      generateUrl: (_request, { path, id }) => `${path}/${id.slice(store.idPrefix.length)}`,
      getFileIdFromRequest: (_request, last) =>
        last !== undefined && UPLOAD_ID.test(last) ? store.idPrefix + last : undefined,
      // The file is the exchange's then, and is removed by its name.
      disableTerminationForFinishedUploads: true,
      onUploadCreate: async (_request, upload) => {
        await refusing(exchange.admit(filenameOf(upload), declaredSizeOf(upload)));
        return {};
      },
      onIncomingRequest: async (request, id) => {
        expectChecksum(parseUploadChecksum(request.headers.get('upload-checksum')));
        if (request.method === 'HEAD' && (await store.isInterrupted(id))) {
          await this.#finish(id, filenameOf(await store.getUpload(id)));
        }
      },
      onUploadFinish: async (_request, upload) => {
        await this.#finish(upload.id, filenameOf(upload));
        return {};
      },
      // An error that is not tus's own may name a path of the host.
      onResponseError: (_request, error) => ('status_code' in error ? undefined : UNEXPECTED),
    });
  }

  /** Answers a request to `/files` or below. */
  async answer({ req, res }: RequestAndResponse): Promise<void> {
    if (req.method === 'OPTIONS') res.setHeader('Tus-Checksum-Algorithm', CHECKSUM_ALGORITHMS.join(','));
    await answerRequest(() => this.#server.handle(req, res));
  }

  /** Also for uploads of which all bytes came before the service stopped: a client that asks for the offset must not believe that the file is there. */
  async #finish(id: string, filename: string): Promise<void> {
    try {
      await refusing(this.#store.adopt(id, filename));
    } catch (error) {
      if (isRefusal(error)) await this.#store.discard(id);
      throw error;
    }
    await this.#store.markFinished(id);
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
