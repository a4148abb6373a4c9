import type { Step } from './send-raw.ts';

export const BOUNDARY = 'xxBOUNDARYxx';
export const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

type Bytes = string | Uint8Array;

export interface Part {
  /** Everything between the boundary line and the empty line. */
  readonly head: Bytes;
  readonly content: Bytes;
}

/** A part that brings a file. */
export function filePart(filename: Bytes, content: Bytes = 'some text\n', name = 'file'): Part {
  return { head: join(`Content-Disposition: form-data; name="${name}"; filename="`, filename, '"'), content };
}

export function fieldPart(name: string, value: Bytes = 'x'): Part {
  return { head: `Content-Disposition: form-data; name="${name}"`, content: value };
}

export function multipartBody(...parts: readonly Part[]): Buffer {
  return join(
    ...parts.flatMap(({ head, content }) => [`--${BOUNDARY}\r\n`, head, '\r\n\r\n', content, '\r\n']),
    `--${BOUNDARY}--\r\n`,
  );
}

/** A whole request with its length announced. */
export function request(line: string, headers: Readonly<Record<string, string>>, body: Bytes): Step[] {
  return [requestHead(line, { 'Content-Length': String(join(body).length), ...headers }), join(body)];
}

export function requestHead(line: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export function postForm(body: Bytes, headers: Readonly<Record<string, string>> = {}): Step[] {
  return request('POST /upload', { 'Content-Type': MULTIPART, ...headers }, body);
}

export function postRaw(path: string, body: Bytes, headers: Readonly<Record<string, string>> = {}): Step[] {
  return request(`POST ${path}`, headers, body);
}

export function chunk(content: Bytes): Buffer {
  const bytes = join(content);
  return join(`${bytes.length.toString(16)}\r\n`, bytes, '\r\n');
}

export function join(...parts: readonly Bytes[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)));
}
