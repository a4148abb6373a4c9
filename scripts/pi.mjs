#!/usr/bin/env node
// npm run pi -- N: digits of pi to standard output or a file.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [`${root}/packages/pi-engine/dist/cli/main.js`, ...process.argv.slice(2)], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
} catch (error) {
  fail(error);
}
