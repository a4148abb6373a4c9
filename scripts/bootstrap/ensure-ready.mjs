import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { pinnedNode, root, SERVICES, serviceFile } from './paths.mjs';
import { run } from './run.mjs';
import { digestOf, isCurrent, markCurrent } from './stamp.mjs';

const MANIFESTS = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
const BUILDER = 'scripts/bootstrap/build-packages.mjs';
const SOURCES = ['packages', 'services', BUILDER, 'tsconfig.base.json', 'tsconfig.json'];

/**
 * Brings a checkout to the point where everything runs: dependencies and the pinned runtime installed by the pinned pnpm, everything
 * built. Needs Node.js 20 and npm; does nothing, offline and in a fraction of a second, when nothing changed.
 */
export async function ensureReady() {
  await ensureInstalled();
  await ensureBuilt();
}

/** The first half of `ensureReady`: dependencies and the pinned runtime. */
export async function ensureInstalled() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Error(`Node.js 20 or newer is needed to start, this is ${process.version}`);
  const state = MANIFESTS.map((name) => readFileSync(`${root}/${name}`, 'utf8')).join('\n');
  if (isCurrent('installed', state) && existsSync(pinnedNode())) return;
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  say(`installing dependencies and the Node.js runtime with ${packageManager} ...`);
  const install = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  // NODE_ENV=production would leave out the compiler; .npmrc silences npm, which must speak when it cannot fetch pnpm.
  try {
    await run('npx', ['--yes', '--loglevel=error', packageManager, ...install], {
      env: { ...process.env, NODE_ENV: 'development' },
    });
  } catch (error) {
    throw new Error(`could not install; this once the npm registry must be reachable (${error.message})`);
  }
  checkRuntime();
  rmSync(`${root}/node_modules/.cache/pi-jobs/built`, { force: true });
  markCurrent('installed', state);
}

function checkRuntime() {
  if (!existsSync(pinnedNode())) {
    throw new Error('the pinned Node.js runtime was not installed; remove node_modules and start again');
  }
  const { status, stderr, error } = spawnSync(pinnedNode(), ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim();
  const remedy = reason.includes('libatomic') ? '; on Debian and Ubuntu: apt-get install libatomic1' : '';
  throw new Error(`the pinned Node.js runtime does not run on this machine: ${reason}${remedy}`);
}

async function ensureBuilt() {
  const isThere = SERVICES.every((name) => existsSync(serviceFile(name, 'main.js')));
  if (!isThere || !isCurrent('built', stateOfSources())) await build();
}

/** Builds everything that is installed; what has not changed is not compiled again. */
export async function build() {
  // Before, so that what is edited meanwhile is built the next time.
  const state = stateOfSources();
  say('building ...');
  await run(pinnedNode(), [`${root}/${BUILDER}`]);
  markCurrent('built', state);
}

function stateOfSources() {
  return digestOf(SOURCES.map((name) => `${root}/${name}`));
}

function say(text) {
  process.stderr.write(`pi-jobs: ${text}\n`);
}
