#!/usr/bin/env node
// npm run bench: measures, in turn with what the services could be replaced by; see bench/README.md.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [
    '--conditions=@pi-jobs/source',
    `${root}/bench/src/main.ts`,
    ...process.argv.slice(2),
  ]);
} catch (error) {
  fail(error);
}
