import { readFile } from 'node:fs/promises';

/** The compiled arithmetic and which code path it is. */
export interface Kernel {
  readonly module: WebAssembly.Module;
  /** `simd-128` or `simd-256`. */
  readonly path: string;
}

/** This runtime lacks something that the arithmetic needs; the message says what. */
export class UnsupportedRuntimeError extends Error {
  override readonly name = 'UnsupportedRuntimeError';
}

let loaded: Promise<Kernel> | undefined;

/** Compiles the arithmetic, once a process. Rejects with `UnsupportedRuntimeError` where WebAssembly lacks relaxed SIMD or threads. */
export function loadKernel(): Promise<Kernel> {
  loaded ??= compileKernel('kernel-128', 'simd-128');
  return loaded;
}

async function compileKernel(file: string, path: string): Promise<Kernel> {
  const bytes = await readFile(new URL(`../dist/wasm/${file}.wasm`, import.meta.url));
  if (!WebAssembly.validate(bytes)) {
    throw new UnsupportedRuntimeError('WebAssembly here has no relaxed SIMD or no threads');
  }
  return { module: await WebAssembly.compile(bytes), path };
}
