import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

interface Part {
  readonly etag: string;
  readonly size: number;
}

interface UnfinishedUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly begunAt: Date;
  readonly parts: Map<number, Part>;
}

/** What the gateway sees of a request that the emulator carried out. */
export interface SeenExchange {
  readonly method: string;
  readonly url: URL;
  readonly requestHeaders: IncomingMessage['headers'];
  readonly requestBytes: number;
  readonly status: number;
  readonly answerHeaders: IncomingMessage['headers'];
  readonly answer: string;
}

/** Unfinished multipart uploads as they pass by, so that they can be listed: the emulator keeps them and cannot tell of them. */
export class MultipartLedger {
  readonly #uploads = new Map<string, UnfinishedUpload>();

  see({ method, url, status, ...exchange }: SeenExchange): void {
    if (status >= 300) return;
    const id = url.searchParams.get('uploadId');
    if (method === 'POST' && url.searchParams.has('uploads')) this.#begin(url, exchange.answer);
    else if (id === null) return;
    else if (method === 'PUT') this.#addPart(id, url, exchange);
    // Completed, or given up.
    else if (method === 'POST' || method === 'DELETE') this.#uploads.delete(id);
  }

  /** The answer to a request for a list, as XML; `missing` for an upload that is not there, undefined for any other request. */
  answer(method: string, url: URL): string | 'missing' | undefined {
    if (method !== 'GET') return undefined;
    const id = url.searchParams.get('uploadId');
    if (id !== null) return this.#listParts(id);
    return url.searchParams.has('uploads') ? this.#listUploads(url) : undefined;
  }

  #begin(url: URL, answer: string): void {
    const id = /<UploadId>(.*?)<\/UploadId>/.exec(answer)?.[1] ?? randomUUID();
    this.#uploads.set(id, { id, ...addressOf(url), begunAt: new Date(), parts: new Map() });
  }

  #addPart(
    id: string,
    url: URL,
    { requestHeaders, requestBytes, answerHeaders }: Omit<SeenExchange, 'method' | 'url' | 'status'>,
  ): void {
    const size = Number(requestHeaders['x-amz-decoded-content-length'] ?? requestBytes);
    const number = Number(url.searchParams.get('partNumber'));
    this.#uploads.get(id)?.parts.set(number, { etag: answerHeaders.etag ?? '', size });
  }

  #listParts(id: string): string {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return 'missing';
    const parts = [...upload.parts].map(
      ([number, { etag, size }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag><Size>${size}</Size></Part>`,
    );
    return list('ListPartsResult', parts);
  }

  #listUploads(url: URL): string {
    const { bucket } = addressOf(url);
    const prefix = url.searchParams.get('prefix') ?? '';
    const uploads = [...this.#uploads.values()]
      .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
      .map(
        ({ id, key, begunAt }) =>
          `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
      );
    return list('ListMultipartUploadsResult', uploads);
  }
}

function list(name: string, items: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?><${name}><IsTruncated>false</IsTruncated>${items.join('')}</${name}>`;
}

function addressOf(url: URL): { readonly bucket: string; readonly key: string } {
  const [bucket = '', ...key] = decodeURIComponent(url.pathname).slice(1).split('/');
  return { bucket, key: key.join('/') };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
