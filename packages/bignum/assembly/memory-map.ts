/**
 * Fixed addresses in the first 64 KiB of the shared memory. No AssemblyScript object lives here or anywhere: modules keep no static
 * data, so that every thread can instantiate over the same memory.
 */

export const MAX_RANKS: i32 = 64;

/** Team: what is waited for has a cache line of its own. */
export const BARRIER_COUNT: usize = 1024;
export const BARRIER_ROUND: usize = 1088;
export const SLEEPERS: usize = 1152;
export const TASK_ROUND: usize = 1216;
export const TASK_KIND: usize = 1280;
export const TASK_ARGUMENT: usize = 1288;
export const NEXT_ITEM: usize = 1344;
/** i32: threads that have joined the leader, whether one of them has given up, and who is in a task that is open to all. */
export const JOINED: usize = 1352;
export const GIVEN_UP: usize = 1360;
export const OPEN_TASK: usize = 1368;
/** usize: how long parts of a product may be. */
export const LONGEST_PART: usize = 1376;

/** Counters that JavaScript reads, 64-bit each. */
export const PRODUCTS: usize = 1408;
export const REPEATS: usize = 1416;
/** f64: the largest |x - round(x)| of any accepted product. */
export const LARGEST_ERROR: usize = 1424;
/** i64: the product (counting down) in which a test wants a bit flipped; 0 = never. */
export const FAULT_COUNTDOWN: usize = 1432;
/** i64 units of transform work that are done. */
export const WORK_DONE: usize = 1440;
/** u64: where the digits of the result stand (0 = not yet), and where its binary fraction, with its length in words. */
export const DIGITS_ADDRESS: usize = 1456;
export const FRACTION_ADDRESS: usize = 1464;
export const FRACTION_WORDS: usize = 1472;
/** i32: leaves of the conversion whose last digit the error could still change. */
export const DOUBTFUL_DIGITS: usize = 1480;

/**
 * What is whole, for whoever looks at the memory, also after all threads have ended (src/whole-numbers.ts). i32: the stage, or STAGE_NONE
 * while its numbers are not where they are said to be; i64: the work that was done when it was reached; u64: where its numbers are
 * described, and how many there are.
 */
export const STAGE: usize = 1488;
export const STAGE_WORK: usize = 1496;
export const STAGE_SLOTS: usize = 1504;
export const STAGE_NUMBERS: usize = 1512;
/** The same of the series, u64: subtrees of the whole tree; where the addresses of the ranges' places are, and how many there are. */
export const SERIES_SUBTREES: usize = 1520;
export const HELD_PLACES: usize = 1528;
export const MOST_HELD: usize = 1536;

/** f64: what vector loops multiply by and add (see loop-constants.ts). */
export const LOOP_CONSTANTS: usize = 1600;

/** usize by level: where the twiddles of that level begin; the last entry is the radix-2 twiddle. */
export const TWIDDLE_LEVELS: usize = 2048;
export const RADIX_2_LEVEL: i32 = 47;

/** 64 bytes by digit size: how to cut eight digits out of two 16-byte loads. */
export const DIGIT_CUTS: usize = 4096;

/** By rank: rounding error (f64), carries of four streams, both on lines of their own. */
export const RANK_ERRORS: usize = 8192;
export const RANK_CARRIES: usize = 12288;

/** By rank, 64 bytes each: residue of its share of a product. */
export const RANK_RESIDUES: usize = 16384;

/** By rank, 512 bytes: the zero-padded end of a number while its digits are cut. */
export const RANK_TAILS: usize = 20480;

/** By rank, 64 bytes each: sums on their way to a residue. */
export const RANK_SUMS: usize = 57344;

/** Primes that the series' terms are stripped of, 16 bits each. */
export const FACTOR_PRIMES: usize = 53248;

export const HEADER_END: usize = 65536;
