import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { root } from './paths.mjs';

const folder = `${root}/node_modules/.cache/pi-jobs`;

/** Was `name` last done for this very state? */
export function isCurrent(name, state) {
  try {
    return readFileSync(`${folder}/${name}`, 'utf8') === state;
  } catch {
    return false;
  }
}

export function markCurrent(name, state) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}`, state);
}

/** A digest of the files' names, sizes and times of change: telling in 20 ms whether anything was touched. */
export function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) addPath(hash, path);
  return hash.digest('hex');
}

/** What building itself writes. */
const SKIPPED = /^(node_modules|dist|build|.*\.tsbuildinfo)$/;

function addPath(hash, path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    for (const name of readdirSync(path).sort()) if (!SKIPPED.test(name)) addPath(hash, `${path}/${name}`);
    return;
  }
  hash.update(`${path}\n${stat.size}\n${stat.mtimeMs}\n`);
}
