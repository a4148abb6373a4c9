#!/usr/bin/env node
// npm run chaos -- N: the attacks on the ledger and the calculators, N times as many as the tests make (10 when left out).
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  const scale = process.argv[2] ?? '10';
  if (!/^[1-9]\d{0,3}$/.test(scale))
    throw new Error(`usage: npm run chaos -- N, a number from 1 to 9999, not ${scale}`);
  await ensureReady();
  become(pinnedNode(), [`${root}/node_modules/vitest/vitest.mjs`, 'run', 'under-attack'], {
    env: { ...process.env, CHAOS_SCALE: scale },
  });
} catch (error) {
  fail(error);
}
