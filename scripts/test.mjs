#!/usr/bin/env node
// npm test: every test of every package and service, on the pinned runtime. Arguments go to vitest.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [`${root}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
