import { writeSync } from 'node:fs';
import { piDigitBlocks } from '@pi-jobs/core/spigot';

const standardOutput = 1;

/** Writes some thousands of digits to a file or to standard output; resolves with the exit code. */
export async function quickRun(digitCount: number, out: string | undefined): Promise<number> {
  const text = Buffer.from(textOfPi(digitCount));
  if (out === undefined) await printQuickly(text);
  else await writeFile(out, text);
  return 0;
}

function textOfPi(digitCount: number): string {
  let digits = '';
  for (const block of piDigitBlocks()) {
    digits += block;
    if (digits.length >= digitCount) break;
  }
  return digitCount === 1 ? '3' : `3.${digits.slice(1, digitCount)}`;
}

/** Past `process.stdout`, the making of which takes longer than a thousand digits do, as long as the system takes the bytes at once. */
async function printQuickly(text: Buffer): Promise<void> {
  let written = 0;
  try {
    while (written < text.length) written += writeSync(standardOutput, text, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return;
    if (code !== 'EAGAIN') throw error;
    const { printText } = await import('./standard-output.ts');
    await printText(text.subarray(written));
  }
}

async function writeFile(path: string, text: Buffer): Promise<void> {
  const { openOutputFile } = await import('./output-file.ts');
  const file = await openOutputFile(path);
  try {
    await file.write(text);
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
