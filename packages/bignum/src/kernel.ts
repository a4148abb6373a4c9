import { readFileSync } from 'node:fs';

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

/** A module with a shared memory and one instruction of relaxed SIMD. */
const probe = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
  // f64x2.relaxed_madd of three splats, dropped
  ...[0x0a, 0x14, 0x01, 0x12, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f],
  ...[0xfd, 0x87, 0x02, 0x1a, 0x0b],
);

/** What WebAssembly lacks here for the arithmetic, or undefined; found out without loading it. */
export function whyNoKernel(): string | undefined {
  return WebAssembly.validate(probe) ? undefined : 'WebAssembly here has no relaxed SIMD or no threads';
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
  const obstacle = whyNoKernel();
  if (obstacle !== undefined) throw new UnsupportedRuntimeError(obstacle);
  const bytes = readFileSync(new URL(`../dist/wasm/${name}.wasm`, import.meta.url));
  // Without its revectoriser V8 runs the wide layout as it stands, exact but slower.
  if (path === 'simd-256') (await import('node:v8')).setFlagsFromString('--experimental-wasm-revectorize');
  // At once: functions are compiled when they are first called, and a promise of this would not keep the process alive.
  return { module: new WebAssembly.Module(bytes), path };
}
