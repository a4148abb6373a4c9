import { once } from 'node:events';
import yauzl from 'yauzl';

/** The entries of an archive, by name, unpacked and checked against their CRC by a program that did not make it. */
export async function unzip(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(archive, { lazyEntries: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  const entries = new Map<string, Buffer>();
  zip.on('entry', (entry: yauzl.Entry) => {
    zip.openReadStream(entry, async (error, stream) => {
      if (error) return void zip.emit('error', error);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      entries.set(entry.fileName, Buffer.concat(chunks));
      zip.readEntry();
    });
  });
  const end = once(zip, 'end');
  zip.readEntry();
  await end;
  return entries;
}
