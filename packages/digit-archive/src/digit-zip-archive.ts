import { ZipArchive } from 'archiver';
import { DigitCompressor } from './digit-compressor.ts';

/** The part of archiver's zip engine that makes the stream through which an entry is compressed, and writes its sizes at the end. */
interface ZipEngine {
  _smartStream(
    entry: ZipEngineEntry,
    done: (error: Error | null, entry: ZipEngineEntry) => void,
  ): DigitCompressor;
  _afterAppend(entry: ZipEngineEntry): void;
}

interface ZipEngineEntry {
  setCrc(crc32: number): void;
  setSize(bytes: number): void;
  setCompressedSize(bytes: number): void;
}

/**
 * An archive whose entries are texts of digits. archiver writes it; compressing, which is what takes the time, is done several times
 * as fast as by zlib. archiver has no option for another compressor, so the method of its engine is replaced that makes one; the
 * tests fail on a version that has no such method.
 */
export function createDigitZipArchive(): ZipArchive {
  const archive = new ZipArchive();
  const { engine } = (archive as unknown as { _module: { engine: ZipEngine & NodeJS.WritableStream } })
    ._module;
  engine._smartStream = (entry, done) => {
    const compressor = new DigitCompressor();
    compressor.once('end', () => {
      entry.setCrc(compressor.digest().readUInt32BE(0));
      entry.setSize(compressor.size());
      entry.setCompressedSize(compressor.size(true));
      engine._afterAppend(entry);
      done(null, entry);
    });
    compressor.once('error', (error) => archive.destroy(error));
    compressor.pipe(engine, { end: false });
    return compressor;
  };
  return archive;
}
