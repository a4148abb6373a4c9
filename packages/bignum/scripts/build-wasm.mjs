/**
 * Compiles the AssemblyScript sources to WebAssembly, once for each layout of the FFT's vectors, and wraps the result for
 * TypeScript. Does nothing when the output is newer than every source. Run by plain node, before `tsc -b`.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carryPasses } from './carry-passes.mjs';
import { fftPasses, NARROW, WIDE } from './fft-passes.mjs';
import { rotationConstants } from './rotation-constants.mjs';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(home, 'assembly');
const build = join(home, 'dist', 'wasm');
const VARIANTS = { 'kernel-128': NARROW, 'kernel-256': WIDE };

const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '2',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'relaxed-simd',
  '--enable',
  'threads',
];

function newestChange(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function isCurrent() {
  const changed = Math.max(newestChange(sources), newestChange(join(home, 'scripts')));
  return Object.keys(VARIANTS).every((name) => {
    const output = statSync(join(build, `${name}.wasm`), { throwIfNoEntry: false });
    return output !== undefined && output.mtimeMs > changed;
  });
}

async function compile(name, layout, asc) {
  const work = join(build, name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  cpSync(sources, work, { recursive: true });
  writeFileSync(join(work, 'fft-passes.ts'), fftPasses(layout));
  writeFileSync(join(work, 'carry-passes.ts'), carryPasses());
  writeFileSync(join(work, 'rotation-constants.ts'), rotationConstants());
  const output = join(build, `${name}.wasm`);
  const { error, stderr } = await asc.main([join(work, 'index.ts'), ...OPTIONS, '-o', output]);
  if (error) throw new Error(`${name}: ${error.message}\n${stderr.toString()}`);
  refuseStaticData(name, readFileSync(output));
}

/** Static data would be written over the shared memory's header by every thread that instantiates the module. */
function refuseStaticData(name, bytes) {
  const DATA_SECTION = 11;
  for (let at = 8; at < bytes.length; ) {
    const section = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (section === DATA_SECTION) throw new Error(`${name}: the module has static data`);
    at += size;
  }
}

if (!isCurrent()) {
  const { default: asc } = await import('assemblyscript/asc');
  for (const [name, layout] of Object.entries(VARIANTS)) await compile(name, layout, asc);
}
