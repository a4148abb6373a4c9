import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-volume.ts';
import { readSpan } from './read-span.ts';

it('reads any span of a file in chunks of any size, as far as the file goes', async () => {
  const path = `${await temporaryFolder()}/file`;
  const content = randomBytes(1000);
  await writeFile(path, content);
  await using file = await open(path);
  const position = fc.nat(1200);
  await fc.assert(
    fc.asyncProperty(
      position,
      position,
      fc.integer({ min: 1, max: 1200 }),
      async (start, end, chunkBytes) => {
        const chunks = await Array.fromAsync(readSpan(file, { start, end }, { chunkBytes }));
        expect(chunks.every(({ length }) => length > 0 && length <= chunkBytes)).toBe(true);
        expect(Buffer.concat(chunks).equals(content.subarray(start, Math.max(start, end)))).toBe(true);
        const copies: Buffer[] = [];
        for await (const chunk of readSpan(file, { start, end }, { chunkBytes, recycle: true })) {
          copies.push(Buffer.from(chunk));
        }
        expect(Buffer.concat(copies).equals(Buffer.concat(chunks))).toBe(true);
      },
    ),
  );
});

it('ends with the reason of the signal, and lets the file be closed in the middle', async () => {
  const path = `${await temporaryFolder()}/file`;
  await writeFile(path, Buffer.alloc(1000));
  const stop = new AbortController();
  const file = await open(path);
  const chunks = readSpan(file, { start: 0, end: 1000 }, { chunkBytes: 10, signal: stop.signal });
  await chunks.next();
  stop.abort(new Error('enough'));
  await expect(chunks.next()).rejects.toThrow('enough');
  for await (const _ of readSpan(file, { start: 0, end: 1000 }, { chunkBytes: 10 })) break;
  await file.close();
});

it('tells of a read that failed when the next chunk is asked for', async () => {
  const path = `${await temporaryFolder()}/file`;
  await writeFile(path, Buffer.alloc(1000));
  const file = await open(path);
  const chunks = readSpan(file, { start: 0, end: 1000 }, { chunkBytes: 10 });
  await chunks.next();
  await chunks.next();
  await file.close();
  await chunks.next();
  await expect(chunks.next()).rejects.toMatchObject({ code: 'EBADF' });
});
