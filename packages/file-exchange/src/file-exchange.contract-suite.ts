import { describe, expect, it } from 'vitest';
import type { FileExchange } from './file-exchange.ts';
import { DEFAULT_EXTENSIONS } from './rules/upload-rules.ts';

export interface ExchangeUnderTest extends AsyncDisposable {
  /** Empty, with the default extensions and a limit of `MAX_BYTES` a file. */
  readonly exchange: FileExchange;
  /** How many unfinished uploads have left something behind. */
  countLeftovers(): Promise<number>;
}

export const MAX_BYTES = 3 * 1024 * 1024;

/** What every adapter of the interface must do. */
export function describeFileExchange(adapter: string, make: () => Promise<ExchangeUnderTest>): void {
  describe(`file exchange: ${adapter}`, () => {
    it('gives a file back as it came, byte for byte and span for span', async () => {
      await using test = await make();
      const content = pattern(2_500_000);
      const stored = await test.exchange.put('отчёт 報告.csv', inChunks(content, 70_000), {
        declaredSize: content.length,
      });
      expect(stored).toMatchObject({
        filename: 'отчёт 報告.csv',
        size: content.length,
        etag: expect.stringMatching(/^"[!#-~]+"$/),
      });
      expect(await test.exchange.stat('отчёт 報告.csv')).toEqual(stored);
      await using open = await test.exchange.open('отчёт 報告.csv');
      expect(open.file).toEqual(stored);
      expect((await gather(open.read())).equals(content)).toBe(true);
      for (const [start, end] of [
        [0, 1],
        [0, 0],
        [262_143, 262_146],
        [2_499_999, 2_500_000],
      ] as const) {
        expect((await gather(open.read({ start, end }))).equals(content.subarray(start, end))).toBe(true);
      }
    });

    it('lists names in order, an empty exchange too', async () => {
      await using test = await make();
      expect(await test.exchange.list()).toEqual([]);
      for (const name of ['b.txt', 'Z.txt', 'ä.txt', 'a.txt'])
        await test.exchange.put(name, inChunks(Buffer.from('x'), 1));
      expect(await test.exchange.list()).toEqual(['Z.txt', 'a.txt', 'b.txt', 'ä.txt']);
    });

    it('shows nothing of an upload before its commit, and nothing ever of one that is aborted', async () => {
      await using test = await make();
      const upload = await test.exchange.beginUpload('a.txt');
      await upload.write(Buffer.from('half'));
      expect(upload.bytes).toBe(4);
      expect(await test.exchange.list()).toEqual([]);
      await expect(test.exchange.stat('a.txt')).rejects.toMatchObject({ code: 'not_found' });
      await upload.abort();
      await upload.abort();
      await expect(upload.write(Buffer.from('more'))).rejects.toThrow('aborted');
      await expect(upload.commit()).rejects.toThrow('aborted');
      expect(await test.exchange.list()).toEqual([]);
      expect(await test.countLeftovers()).toBe(0);
    });

    it('lets exactly one of many uploads of one name win, and says to the others that the name is taken', async () => {
      await using test = await make();
      const uploads = await Promise.all(Array.from({ length: 12 }, () => test.exchange.beginUpload('a.txt')));
      await Promise.all(uploads.map((upload, index) => upload.write(Buffer.from(String(index)))));
      const ends = await Promise.allSettled(uploads.map((upload) => upload.commit()));
      const losers = ends.filter((end) => end.status === 'rejected');
      expect(losers).toHaveLength(11);
      for (const loser of losers) expect(loser.reason).toMatchObject({ code: 'name_taken', status: 409 });
      const winner = ends.findIndex((end) => end.status === 'fulfilled');
      await using open = await test.exchange.open('a.txt');
      expect((await gather(open.read())).toString()).toBe(String(winner));
      expect(await test.countLeftovers()).toBe(0);
    });

    it('refuses by name, extension, size and name taken before it reads a byte', async () => {
      await using test = await make();
      await test.exchange.put('taken.txt', inChunks(Buffer.from('x'), 1));
      const cases = [
        ['../a.txt', {}, 'invalid_name'],
        ['README', {}, 'missing_extension'],
        ['a.exe', {}, 'extension_not_allowed'],
        ['taken.txt', {}, 'name_taken'],
        ['a.txt', { declaredSize: MAX_BYTES + 1 }, 'too_large'],
      ] as const;
      for (const [name, options, code] of cases) {
        const source = unreadable();
        await expect(test.exchange.put(name, source, options)).rejects.toMatchObject({ code });
        await expect(test.exchange.admit(name, options)).rejects.toMatchObject({ code });
      }
      expect(await test.exchange.list()).toEqual(['taken.txt']);
      expect(DEFAULT_EXTENSIONS).not.toContain('exe');
    });

    it('refuses what is too large, too short or of another kind, and leaves nothing behind', async () => {
      await using test = await make();
      const large = test.exchange.put('a.csv', inChunks(Buffer.alloc(MAX_BYTES + 1, 'x'), 100_000));
      await expect(large).rejects.toMatchObject({ code: 'too_large' });
      const short = test.exchange.put('a.csv', inChunks(Buffer.alloc(10, 'x'), 3), { declaredSize: 11 });
      await expect(short).rejects.toMatchObject({ code: 'size_mismatch' });
      const other = test.exchange.put('a.png', inChunks(Buffer.from('%PDF-1.7'), 3));
      await expect(other).rejects.toMatchObject({ code: 'content_mismatch' });
      await test.exchange.put('a.csv', inChunks(Buffer.alloc(MAX_BYTES, 'x'), 100_000));
      expect(await test.exchange.list()).toEqual(['a.csv']);
      expect(await test.countLeftovers()).toBe(0);
    });

    it('passes on the failure of a source, and leaves nothing behind', async () => {
      await using test = await make();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        throw new Error('the line broke');
      }
      await expect(test.exchange.put('a.txt', broken())).rejects.toThrow('the line broke');
      expect(await test.exchange.list()).toEqual([]);
      expect(await test.countLeftovers()).toBe(0);
    });

    it('leaves a silent source at once when the signal fires', async () => {
      await using test = await make();
      const stop = new AbortController();
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        setTimeout(() => stop.abort(new Error('the client went')), 20);
        await new Promise(() => undefined);
      }
      await expect(test.exchange.put('a.txt', silent(), { signal: stop.signal })).rejects.toThrow(
        'the client went',
      );
      expect(await test.exchange.list()).toEqual([]);
      expect(await test.countLeftovers()).toBe(0);
    });

    it('keeps an open file readable when its name is removed and given away, and gives the next one another tag', async () => {
      await using test = await make();
      const first = await test.exchange.put('a.txt', inChunks(Buffer.from('first'), 5));
      await using open = await test.exchange.open('a.txt');
      await test.exchange.remove('a.txt');
      await expect(test.exchange.remove('a.txt')).rejects.toMatchObject({ code: 'not_found' });
      await expect(test.exchange.open('a.txt')).rejects.toMatchObject({ code: 'not_found' });
      const second = await test.exchange.put('a.txt', inChunks(Buffer.from('other'), 5));
      expect(second.etag).not.toBe(first.etag);
      expect((await gather(open.read())).toString()).toBe('first');
    });

    it('finds no file under a name that no file can have', async () => {
      await using test = await make();
      for (const name of ['', '.', '..', '../files/a.txt', 'a.txt\0', 'README', 'x'.repeat(5000)]) {
        await expect(test.exchange.stat(name)).rejects.toMatchObject({ code: 'not_found', status: 404 });
        await expect(test.exchange.open(name)).rejects.toMatchObject({ code: 'not_found' });
        await expect(test.exchange.remove(name)).rejects.toMatchObject({ code: 'not_found' });
      }
    });
  });
}

function pattern(size: number): Buffer {
  return Buffer.from(
    Array.from({ length: size }, (_, at) => 0x20 + ((Math.imul(at, 2654435761) >>> 16) % 0x5f)),
  );
}

async function* inChunks(content: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

function unreadable(): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      throw new Error('the source was read');
    },
  };
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}
