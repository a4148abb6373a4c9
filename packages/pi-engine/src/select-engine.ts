import type { DigitEngine, DigitRequest, EngineReport } from '@pi-jobs/core/engine';
import { estimateBigIntMemory } from './bigint/estimate-memory.ts';
import { type EngineName, mostSpigotDigits } from './engine-names.ts';
import { createSpigotEngine } from './spigot/spigot-engine.ts';
import { estimateWasmMemory } from './wasm/estimate-memory.ts';

export interface SelectEngineOptions {
  /** Default `auto`. */
  readonly engine?: EngineName;
  /** The calling thread has nothing else to do: it computes itself where that is over sooner than threads start. Default false. */
  readonly callerIsFree?: boolean;
}

/** Engines are loaded when they are first used, so that small jobs start fast; their memory estimates are small and always there. */
interface EngineEntry {
  readonly load: (options: Pick<SelectEngineOptions, 'callerIsFree'>) => Promise<DigitEngine>;
  readonly estimateMemoryBytes: DigitEngine['estimateMemoryBytes'];
}

const spigot = createSpigotEngine();

const engines: Readonly<Record<Exclude<EngineName, 'auto'>, EngineEntry>> = {
  spigot: {
    load: async () => spigot,
    estimateMemoryBytes: spigot.estimateMemoryBytes,
  },
  bigint: {
    load: async () => (await import('./bigint/bigint-engine.ts')).createBigIntEngine(),
    estimateMemoryBytes: estimateBigIntMemory,
  },
  wasm: {
    load: async (options) => (await import('./wasm/wasm-engine.ts')).createWasmEngine(options),
    estimateMemoryBytes: estimateWasmMemory,
  },
};

/** The engine of that name, or one that takes for every request the fastest engine that the machine can run. */
export function createDigitEngine({
  engine: name = 'auto',
  ...options
}: SelectEngineOptions = {}): DigitEngine {
  if (name !== 'auto') {
    const { load, estimateMemoryBytes } = engines[name];
    return { name, estimateMemoryBytes, compute: async (request) => (await load(options)).compute(request) };
  }
  return {
    name,
    estimateMemoryBytes: (digitCount, threads) =>
      engines[digitCount <= mostSpigotDigits ? 'spigot' : 'wasm'].estimateMemoryBytes(digitCount, threads),
    compute: (request) =>
      request.digitCount <= mostSpigotDigits ? spigot.compute(request) : computeLarge(request, options),
  };
}

/** By WebAssembly where it has what that engine needs, else by BigInt, with the reason in the report. */
async function computeLarge(
  request: DigitRequest,
  options: Pick<SelectEngineOptions, 'callerIsFree'>,
): Promise<EngineReport> {
  const { whyNoKernel } = await import('@pi-jobs/bignum');
  const obstacle = whyNoKernel();
  if (obstacle === undefined) return (await engines.wasm.load(options)).compute(request);
  return { ...(await (await engines.bigint.load(options)).compute(request)), path: obstacle };
}
