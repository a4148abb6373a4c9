/** What `createDigitEngine` and the command's `--engine` understand; `auto` chooses by the number of digits and the machine. */
export const engineNames = ['auto', 'spigot', 'bigint', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * Up to here the spigot is done before another engine's threads have started: 10,000 digits take it 25 ms, in blocks that hold up
 * the event loop for at most 10 ms, and WebAssembly 40 ms. At 15,000 they are even.
 */
export const mostSpigotDigits = 10_000;
