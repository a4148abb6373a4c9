/**
 * Compiles the AssemblyScript sources to WebAssembly, once for each layout of the FFT's vectors, and wraps the result for
 * TypeScript. Does nothing when the output is newer than every source. Run by plain node, before `tsc -b`.
 */
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carryPasses } from './carry-passes.mjs';
import { fftPasses, NARROW, WIDE } from './fft-passes.mjs';
import { rotationConstants } from './rotation-constants.mjs';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(home, 'assembly');
const build = join(home, 'dist', 'wasm');
const LAYOUTS = { 128: NARROW, 256: WIDE };
/** 64 KiB each: all that 32 bits address, and what V8 gives a memory with 64-bit addresses. */
const MOST_PAGES = { 32: 65_536, 64: 262_144 };

/** By name: bits of a vector instruction and of an address. */
const VARIANTS = new Map(
  [128, 256].flatMap((vectorBits) =>
    [32, 64].map((addressBits) => [`kernel-${vectorBits}-${addressBits}`, { vectorBits, addressBits }]),
  ),
);

function newestChange(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function isCurrent() {
  const changed = Math.max(newestChange(sources), newestChange(join(home, 'scripts')));
  return [...VARIANTS.keys()].every((name) => {
    const output = statSync(join(build, `${name}.wasm`), { throwIfNoEntry: false });
    return output !== undefined && output.mtimeMs > changed;
  });
}

async function compile(name, { vectorBits, addressBits }) {
  const { compileAssembly } = await import('./compile-assembly.mjs');
  const work = join(build, name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  cpSync(sources, work, { recursive: true });
  writeFileSync(join(work, 'fft-passes.ts'), fftPasses(LAYOUTS[vectorBits]));
  writeFileSync(join(work, 'carry-passes.ts'), carryPasses());
  writeFileSync(join(work, 'rotation-constants.ts'), rotationConstants());
  const bytes = compileAssembly(work, 'index', addressBits, MOST_PAGES[addressBits]);
  refuseStaticData(name, bytes);
  writeFileSync(join(build, `${name}.wasm`), bytes);
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
  for (const [name, variant] of VARIANTS) await compile(name, variant);
}
