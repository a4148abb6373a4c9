import { expect, it } from 'vitest';

async function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(url, { method, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** What every address that hands out a content must do. `urlOf` gives one whose content has at least 1000 bytes. */
export function describeContent(urlOf: () => string | Promise<string>): void {
  async function whole() {
    const url = await urlOf();
    const { headers, bytes } = await ask(url);
    return { url, bytes, etag: headers.get('etag') ?? '', type: headers.get('content-type') ?? '', headers };
  }

  it('gives its bytes with what a cache, a browser and a client that goes on later need', async () => {
    const { bytes, etag, headers } = await whole();
    expect(bytes.length).toBeGreaterThanOrEqual(1000);
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-length': String(bytes.length),
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'last-modified': expect.stringMatching(/GMT$/),
      'cache-control': expect.any(String),
    });
  });

  it('answers HEAD as GET without the bytes, with a Range too', async () => {
    const { url, headers } = await whole();
    const facts = (all: Headers) =>
      [...all].filter(([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name));
    for (const more of [{}, { Range: 'bytes=0-1' }]) {
      const head = await ask(url, more, 'HEAD');
      expect([head.status, head.bytes.length]).toEqual([200, 0]);
      expect(facts(head.headers)).toEqual(facts(headers));
    }
  });

  it('gives one part, from either end', async () => {
    const { url, bytes } = await whole();
    const size = bytes.length;
    for (const [range, start, end] of [
      ['bytes=10-19', 10, 20],
      ['bytes=990-', 990, size],
      ['bytes=-10', size - 10, size],
      [`bytes=0-${size * 2}`, 0, size],
    ] as const) {
      const part = await ask(url, { Range: range });
      expect([part.status, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([
        206,
        `bytes ${start}-${end - 1}/${size}`,
        String(end - start),
      ]);
      expect(part.bytes.equals(bytes.subarray(start, end))).toBe(true);
    }
  });

  it('gives several parts, each with its head', async () => {
    const { url, bytes, type } = await whole();
    const answer = await ask(url, { Range: 'bytes=0-1,-3' });
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(
      answer.headers.get('content-type') ?? '',
    )?.[1];
    expect([answer.status, answer.headers.get('content-length')]).toEqual([206, String(answer.bytes.length)]);
    const head = (from: number, to: number) =>
      `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${from}-${to}/${bytes.length}\r\n\r\n`;
    const expected = [
      head(0, 1),
      bytes.subarray(0, 2),
      head(bytes.length - 3, bytes.length - 1),
      bytes.subarray(-3),
      `\r\n--${boundary}--\r\n`,
    ];
    const joined = Buffer.concat(expected.map((piece) => Buffer.from(piece as string)));
    expect(answer.bytes.equals(joined)).toBe(true);
  });

  it('says how long it is when a part begins beyond its end', async () => {
    const { url, bytes } = await whole();
    const beyond = await ask(url, { Range: `bytes=${bytes.length}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect(beyond.headers.get('etag')).toBeNull();
    expect(JSON.parse(String(beyond.bytes))).toMatchObject({ success: false, code: 'range_not_satisfiable' });
  });

  it('gives the whole for a Range that says nothing', async () => {
    const { url, bytes } = await whole();
    for (const range of ['bytes=5-3', 'lines=1-2', 'bytes=0-,0-', 'bytes=', 'bytes=a-b', 'bytes 0-1']) {
      const answer = await ask(url, { Range: range });
      expect([range, answer.status, answer.bytes.equals(bytes)]).toEqual([range, 200, true]);
    }
  });

  it('honours conditions', async () => {
    const { url, etag, headers: known } = await whole();
    const modified = known.get('last-modified') ?? '';
    const earlier = new Date(Date.parse(modified) - 1000).toUTCString();
    const cases: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'If-None-Match': etag }, 304],
      [{ 'If-None-Match': `"other", W/${etag}` }, 304],
      [{ 'If-None-Match': '*' }, 304],
      [{ 'If-None-Match': '"other"' }, 200],
      [{ 'If-None-Match': '"other"', 'If-Modified-Since': modified }, 200],
      [{ 'If-Modified-Since': modified }, 304],
      [{ 'If-Modified-Since': earlier }, 200],
      [{ 'If-Modified-Since': 'yesterday' }, 200],
      [{ 'If-Match': etag }, 200],
      [{ 'If-Match': '*' }, 200],
      [{ 'If-Match': `W/${etag}` }, 412],
      [{ 'If-Match': '"other"' }, 412],
      [{ 'If-Unmodified-Since': earlier }, 412],
      [{ 'If-Unmodified-Since': modified }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': etag }, 206],
      [{ Range: 'bytes=0-1', 'If-Range': '"other"' }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': modified }, 206],
      [{ Range: 'bytes=0-1', 'If-Range': earlier }, 200],
      [{ Range: 'bytes=0-1', 'If-None-Match': etag }, 304],
      [{ Range: 'bytes=0-1', 'If-Match': '"other"' }, 412],
    ];
    for (const [headers, status] of cases) {
      const answer = await ask(url, headers);
      expect([headers, answer.status]).toEqual([headers, status]);
      if (status === 304) expect([answer.bytes.length, answer.headers.get('etag')]).toEqual([0, etag]);
    }
  });
}
