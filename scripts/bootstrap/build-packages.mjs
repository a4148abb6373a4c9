// What building is, once everything is installed: the WebAssembly kernels, then every TypeScript package into its dist folder.
import { existsSync } from 'node:fs';
import { pinnedNode, root } from './paths.mjs';
import { fail, run } from './run.mjs';

const kernels = `${root}/packages/bignum/scripts/build-wasm.mjs`;

try {
  if (existsSync(kernels)) await run(pinnedNode(), [kernels]);
  await run(pinnedNode(), [`${root}/node_modules/typescript/bin/tsc`, '--build']);
} catch (error) {
  fail(error);
}
