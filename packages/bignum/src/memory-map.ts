/** Fixed addresses that JavaScript reads and writes; the same as in assembly/memory-map.ts. */
export const PRODUCTS = 1408;
export const REPEATS = 1416;
export const LARGEST_ERROR = 1424;
export const FAULT_COUNTDOWN = 1432;
export const WORK_DONE = 1440;
export const DIGITS_ADDRESS = 1456;
export const FRACTION_ADDRESS = 1464;
export const FRACTION_WORDS = 1472;
export const STAGE = 1488;
export const STAGE_WORK = 1496;
export const STAGE_SLOTS = 1504;
export const STAGE_NUMBERS = 1512;
export const SERIES_SUBTREES = 1520;
export const HELD_PLACES = 1528;
export const MOST_HELD = 1536;
export const HEADER_END = 65_536;

export const PAGE_BYTES = 65_536;
/** Stack of every member but the leader outside of tasks that bring their own. */
export const MEMBER_STACK_BYTES = 131_072;
/** What addresses of so many bits reach in WebAssembly: 4 and 16 GiB. */
export const MOST_PAGES = { 32: 65_536, 64: 262_144 } as const;
/** The header has slots for so many. */
export const MOST_THREADS = 64;
