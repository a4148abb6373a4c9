import { piDigitBlocks } from '@pi-jobs/core/spigot';

/** Writes some thousands of digits to a file or to standard output; resolves with the exit code. */
export async function quickRun(digitCount: number, out: string | undefined): Promise<number> {
  const destination =
    out === undefined
      ? (await import('./standard-output.ts')).openStandardOutput()
      : await (await import('./output-file.ts')).openOutputFile(out);
  let digits = '';
  for (const block of piDigitBlocks()) {
    digits += block;
    if (digits.length >= digitCount) break;
  }
  const text = digitCount === 1 ? '3' : `3.${digits.slice(1, digitCount)}`;
  try {
    await destination.write(Buffer.from(text));
    await destination.finish();
    return 0;
  } catch (error) {
    await destination.discard();
    if (error instanceof Error && error.name === 'ReaderGoneError') return 0;
    throw error;
  }
}
