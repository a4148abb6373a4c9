// What building is, once everything is installed: the WebAssembly kernels, then every TypeScript package into its dist folder, then the
// files of the pi-digits command joined.
import { existsSync } from 'node:fs';
import { pinnedNode, root } from './paths.mjs';
import { fail, run } from './run.mjs';

const command = `${root}/packages/pi-engine/scripts/bundle-command.mjs`;
const kernels = `${root}/packages/bignum/scripts/build-wasm.mjs`;

try {
  if (existsSync(kernels)) await run(pinnedNode(), [kernels]);
  await run(pinnedNode(), [`${root}/node_modules/typescript/bin/tsc`, '--build']);
  if (existsSync(command)) await run(pinnedNode(), [command]);
} catch (error) {
  fail(error);
}
