#!/usr/bin/env node
// npm run types: the type check of everything, tests included. (The build checks what is built.)
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [`${root}/node_modules/typescript/bin/tsc`, '--project', 'tsconfig.tests.json']);
} catch (error) {
  fail(error);
}
