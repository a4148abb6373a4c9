#!/usr/bin/env node
// Builds what runs: the WebAssembly kernels, then every TypeScript package into its dist folder.
import { existsSync } from 'node:fs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { fail, run } from './bootstrap/run.mjs';

const kernels = `${root}/packages/bignum/scripts/build-wasm.mjs`;

try {
  if (existsSync(kernels)) await run(pinnedNode(), [kernels]);
  await run(pinnedNode(), [`${root}/node_modules/typescript/bin/tsc`, '--build']);
} catch (error) {
  fail(error);
}
