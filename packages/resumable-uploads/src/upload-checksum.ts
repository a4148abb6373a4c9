import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, type Hash } from 'node:crypto';

/** In the order of preference; SHA-1 is the one that every implementation of the extension must have. */
export const CHECKSUM_ALGORITHMS: readonly string[] = ['sha1', 'sha256', 'sha512', 'md5'];

/** What tus answers with; the extension gave 460 its meaning. */
export const CHECKSUM_MISMATCH = { status_code: 460, body: 'Checksum Mismatch\n' } as const;
const BAD_CHECKSUM = {
  status_code: 400,
  body: 'Upload-Checksum must name a supported algorithm and a Base64 checksum\n',
} as const;

/** The checksum that a client announced for the bytes of one request. */
export interface UploadChecksum {
  readonly hash: Hash;
  readonly expected: Buffer;
}

/** Reads an Upload-Checksum header, `sha1 <Base64>`; undefined without one. Throws tus's 400 for an unknown algorithm or a malformed value. */
export function parseUploadChecksum(header: string | null): UploadChecksum | undefined {
  if (header === null) return undefined;
  const [algorithm = '', value = ''] = header.split(' ');
  if (!CHECKSUM_ALGORITHMS.includes(algorithm) || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) throw BAD_CHECKSUM;
  return { hash: createHash(algorithm), expected: Buffer.from(value, 'base64') };
}

/** What is known of the request that is being answered: tus names only the upload to its store, of which several requests may be under way. */
const requests = new AsyncLocalStorage<{ checksum: UploadChecksum | undefined }>();

/** Answers a request, whose checksum `expectChecksum` and `expectedChecksum` are about from then on. */
export async function answerRequest(answer: () => Promise<unknown>): Promise<void> {
  await requests.run({ checksum: undefined }, answer);
}

/** Announces the checksum of what the request's `write` brings. */
export function expectChecksum(checksum: UploadChecksum | undefined): void {
  const request = requests.getStore();
  if (request === undefined) throw new Error('no request is being answered');
  request.checksum = checksum;
}

export function expectedChecksum(): UploadChecksum | undefined {
  return requests.getStore()?.checksum;
}
