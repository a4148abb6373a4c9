import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';

/** Which code the arithmetic runs: `simd-128` everywhere, `simd-256` where V8 fuses pairs of vectors. */
export type KernelPath = 'simd-128' | 'simd-256';

/** Bits of an address: 64 beyond 4 GiB of memory, where the same code is a few per cent slower. */
export type AddressBits = 32 | 64;

/** The compiled arithmetic. */
export interface Kernel {
  readonly module: WebAssembly.Module;
  readonly path: KernelPath;
}

/** This runtime lacks something that the arithmetic needs; the message says what. */
export class UnsupportedRuntimeError extends Error {
  override readonly name = 'UnsupportedRuntimeError';
}

const loaded = new Map<string, Promise<Kernel>>();

/** Compiles the arithmetic, once a process. Rejects with `UnsupportedRuntimeError` where WebAssembly lacks relaxed SIMD or threads. */
export function loadKernel(path: KernelPath = 'simd-128', addressBits: AddressBits = 32): Promise<Kernel> {
  const name = `kernel-${path.slice(-3)}-${addressBits}`;
  let kernel = loaded.get(name);
  if (kernel === undefined) {
    kernel = compileKernel(name, path);
    loaded.set(name, kernel);
  }
  return kernel;
}

async function compileKernel(name: string, path: KernelPath): Promise<Kernel> {
  const bytes = await readFile(new URL(`../dist/wasm/${name}.wasm`, import.meta.url));
  if (!WebAssembly.validate(bytes)) {
    throw new UnsupportedRuntimeError('WebAssembly here has no relaxed SIMD or no threads');
  }
  // Without its revectoriser V8 runs the wide layout as it stands, exact but slower.
  if (path === 'simd-256') setFlagsFromString('--experimental-wasm-revectorize');
  return { module: await WebAssembly.compile(bytes), path };
}
