import type { DigitEngine } from '@pi-jobs/core/engine';
import { estimateBigIntMemory } from './bigint/estimate-memory.ts';
import { createSpigotEngine } from './spigot/spigot-engine.ts';

/**
 * Up to here the spigot is done before another engine's threads have started: 10,000 digits take it 30 ms, in blocks that hold up
 * the event loop for at most 10 ms.
 */
const mostSpigotDigits = 10_000;

/** What `createDigitEngine` and the command's `--engine` understand; `auto` chooses by the number of digits. */
export const engineNames = ['auto', 'spigot', 'bigint'] as const;
export type EngineName = (typeof engineNames)[number];

export interface SelectEngineOptions {
  /** Default `auto`. */
  readonly engine?: EngineName;
}

type ConcreteName = Exclude<EngineName, 'auto'>;

/** Engines other than the spigot are loaded when they are first used, so that small jobs start fast. */
const engines: Readonly<
  Record<ConcreteName, { load(): Promise<DigitEngine>; estimate: DigitEngine['estimateMemoryBytes'] }>
> = {
  spigot: {
    load: async () => createSpigotEngine(),
    estimate: createSpigotEngine().estimateMemoryBytes,
  },
  bigint: {
    load: async () => (await import('./bigint/bigint-engine.ts')).createBigIntEngine(),
    estimate: estimateBigIntMemory,
  },
};

/** The engine of that name, or one that takes for every request the engine that is fastest for its number of digits. */
export function createDigitEngine(options: SelectEngineOptions = {}): DigitEngine {
  const { engine: name = 'auto' } = options;
  const choose = (digitCount: number) => engines[name === 'auto' ? fastestFor(digitCount) : name];
  return {
    name,
    estimateMemoryBytes: (digitCount, threads) => choose(digitCount).estimate(digitCount, threads),
    compute: async (request) => (await choose(request.digitCount).load()).compute(request),
  };
}

function fastestFor(digitCount: number): ConcreteName {
  return digitCount <= mostSpigotDigits ? 'spigot' : 'bigint';
}
