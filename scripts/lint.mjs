#!/usr/bin/env node
// npm run lint: formatting and lint rules, by Biome. Arguments go to it (--write mends what can be mended).
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [
    `${root}/node_modules/@biomejs/biome/bin/biome`,
    'check',
    ...process.argv.slice(2),
    '.',
  ]);
} catch (error) {
  fail(error);
}
