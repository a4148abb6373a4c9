#!/usr/bin/env node
// npm run chaos -- N [NAME]: the attacks of the tests, N times as many (10 when left out); all, or those of tests/src/NAME-under-attack.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  const [scale = '10', name] = process.argv.slice(2);
  if (!/^[1-9]\d{0,3}$/.test(scale))
    throw new Error(`usage: npm run chaos -- N [NAME], N a number from 1 to 9999, not ${scale}`);
  const tests = name === undefined ? 'under-attack' : `tests/src/${name}-under-attack`;
  await ensureReady();
  become(pinnedNode(), [`${root}/node_modules/vitest/vitest.mjs`, 'run', tests], {
    env: { ...process.env, CHAOS_SCALE: scale },
  });
} catch (error) {
  fail(error);
}
