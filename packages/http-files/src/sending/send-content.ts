import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ByteSpan } from '@pi-jobs/core';
import type { RequestTools } from '@pi-jobs/http-kit';
import { fileProblems } from '../file-problems.ts';
import { checkPreconditions, mayBePartial, type Validators } from './check-preconditions.ts';
import { parseRanges } from './parse-ranges.ts';
import { writeChunks } from './write-chunks.ts';

export interface Content extends Validators {
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Further headers of a 200 or 206 answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The bytes of a span that is not empty; a chunk need only be good until the next one is asked for. */
  read(span: ByteSpan): AsyncIterable<Uint8Array>;
}

/**
 * Answers GET or HEAD with a representation: conditions, one range or several, backpressure. Resolves when the answer is sent or the client
 * has gone. Throws the problems for 412 and 416.
 */
export async function sendContent(
  { req, res }: Pick<RequestTools, 'req' | 'res'>,
  content: Content,
): Promise<void> {
  const condition = checkPreconditions(req, content);
  if (condition === 'failed')
    throw fileProblems.precondition_failed('The content is no longer what the request names.');
  res.setHeader('ETag', content.etag);
  res.setHeader('Last-Modified', content.modifiedAt.toUTCString());
  for (const [name, value] of Object.entries(content.headers ?? {})) res.setHeader(name, value);
  if (condition === 'not modified') {
    res.writeHead(304).end();
    return;
  }
  res.setHeader('Accept-Ranges', 'bytes');
  const isHead = req.method === 'HEAD';
  const range = isHead || !mayBePartial(req, content) ? undefined : req.headers.range;
  const spans = range === undefined ? undefined : parseRanges(range, content.size);
  if (spans?.length === 0) throw beyondEnd(res, content);
  const first = spans?.[0];
  if (spans === undefined || first === undefined) return await sendWhole(res, content, isHead);
  if (spans.length === 1) return await sendSpan(res, content, first);
  await sendSeveral(res, content, spans);
}

async function sendWhole(res: ServerResponse, content: Content, isHead: boolean): Promise<void> {
  res.writeHead(200, { 'Content-Type': content.contentType, 'Content-Length': content.size });
  if (!isHead && content.size > 0) await writeChunks(res, content.read({ start: 0, end: content.size }));
  res.end();
}

async function sendSpan(res: ServerResponse, content: Content, span: ByteSpan): Promise<void> {
  res.writeHead(206, {
    'Content-Type': content.contentType,
    'Content-Length': span.end - span.start,
    'Content-Range': contentRange(span, content),
  });
  await writeChunks(res, content.read(span));
  res.end();
}

/** RFC 9110, 14.6: each part has a head of its own. */
async function sendSeveral(res: ServerResponse, content: Content, spans: readonly ByteSpan[]): Promise<void> {
  const boundary = randomUUID();
  const heads = spans.map(
    (span) =>
      `\r\n--${boundary}\r\nContent-Type: ${content.contentType}\r\nContent-Range: ${contentRange(span, content)}\r\n\r\n`,
  );
  const tail = `\r\n--${boundary}--\r\n`;
  const bytes = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  res.writeHead(206, {
    'Content-Type': `multipart/byteranges; boundary=${boundary}`,
    'Content-Length': bytes + heads.join('').length + tail.length,
  });
  for (const [index, span] of spans.entries()) {
    if (res.destroyed) return;
    res.write(heads[index]);
    await writeChunks(res, content.read(span));
  }
  res.end(tail);
}

function contentRange(span: ByteSpan, content: Content): string {
  return `bytes ${span.start}-${span.end - 1}/${content.size}`;
}

/** The problem's own headers must not say anything of a content that is not sent. */
function beyondEnd(res: ServerResponse, content: Content): Error {
  for (const name of ['ETag', 'Last-Modified', ...Object.keys(content.headers ?? {})]) res.removeHeader(name);
  return fileProblems.range_not_satisfiable(`The content has ${content.size} bytes.`, {
    headers: { 'Content-Range': `bytes */${content.size}` },
  });
}
