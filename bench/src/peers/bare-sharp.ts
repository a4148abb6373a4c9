// What image jobs are compared with: sharp in a loop, as many at once as there are cores, nothing else.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import sharp from 'sharp';

const input = await readFile(process.env['IMAGE'] ?? '');
let left = Number(process.env['COUNT'] ?? 0);

async function work(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await sharp(input)
      .autoOrient()
      .resize({ width: 512, height: 512, fit: 'inside', withoutEnlargement: true })
      .toBuffer();
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: availableParallelism() }, work));
process.stdout.write(String((performance.now() - startedAt) / 1000));
