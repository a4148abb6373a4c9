import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';

/** Which code the arithmetic runs: `simd-128` everywhere, `simd-256` where V8 fuses pairs of vectors. */
export type KernelPath = 'simd-128' | 'simd-256';

/** The compiled arithmetic. */
export interface Kernel {
  readonly module: WebAssembly.Module;
  readonly path: KernelPath;
}

/** This runtime lacks something that the arithmetic needs; the message says what. */
export class UnsupportedRuntimeError extends Error {
  override readonly name = 'UnsupportedRuntimeError';
}

const loaded = new Map<KernelPath, Promise<Kernel>>();

/** Compiles the arithmetic, once a process. Rejects with `UnsupportedRuntimeError` where WebAssembly lacks relaxed SIMD or threads. */
export function loadKernel(path: KernelPath = 'simd-128'): Promise<Kernel> {
  let kernel = loaded.get(path);
  if (kernel === undefined) {
    kernel = compileKernel(path);
    loaded.set(path, kernel);
  }
  return kernel;
}

async function compileKernel(path: KernelPath): Promise<Kernel> {
  const bytes = await readFile(new URL(`../dist/wasm/kernel-${path.slice(-3)}.wasm`, import.meta.url));
  if (!WebAssembly.validate(bytes)) {
    throw new UnsupportedRuntimeError('WebAssembly here has no relaxed SIMD or no threads');
  }
  // Without its revectoriser V8 runs the wide layout as it stands, exact but slower.
  if (path === 'simd-256') setFlagsFromString('--experimental-wasm-revectorize');
  return { module: await WebAssembly.compile(bytes), path };
}
