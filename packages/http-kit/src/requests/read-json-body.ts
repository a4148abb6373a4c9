import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { kitProblems } from '../problems/kit-problems.ts';
import { jsonBodyTimeoutMs } from './body-limits.ts';

/** The connection ended before the body did: there is nobody to answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Reads and parses a JSON body (RFC 8259: UTF-8, a byte order mark is ignored). Its media type has been checked before. */
export async function readJsonBody(
  req: IncomingMessage,
  limitBytes: number,
  timeoutMs = jsonBodyTimeoutMs,
): Promise<unknown> {
  const bytes = await readBytes(req, limitBytes, timeoutMs);
  if (bytes.length === 0) throw kitProblems.malformed_json('The body is empty; it must be JSON.');
  if (!isUtf8(bytes)) throw kitProblems.malformed_json('The body is not valid UTF-8.');
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw kitProblems.malformed_json('The body is not valid JSON.', { cause: error });
  }
}

function readBytes(req: IncomingMessage, limitBytes: number, timeoutMs: number): Promise<Buffer> {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > limitBytes) return Promise.reject(tooLarge(limitBytes));
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] | undefined;
    let first: Buffer | undefined;
    let length = 0;

    const settle = (): void => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) {
        settle();
        reject(tooLarge(limitBytes));
      } else if (first === undefined) first = chunk;
      else if (chunks === undefined) chunks = [first, chunk];
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, length));
    };
    const onClose = (): void => {
      settle();
      reject(new ClientGoneError('The connection ended before the body did.'));
    };
    const timer = setTimeout(() => {
      settle();
      reject(kitProblems.request_timeout(`The body did not arrive within ${timeoutMs / 1000} seconds.`));
    }, timeoutMs);

    req.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

function tooLarge(limitBytes: number) {
  return kitProblems.payload_too_large(`The body may have at most ${limitBytes} bytes.`, {
    members: { limit_bytes: limitBytes },
  });
}
